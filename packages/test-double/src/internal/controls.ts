/** The control handle over an engine. */
import * as Effect from "effect/Effect"
import { type Control, ControlError, type Reader, type ServerHandle, type View } from "../Control.ts"
import type { Engine } from "./engine.ts"
import { isRefusal } from "./http.ts"
import { receive } from "./inboundMail.ts"
import { trackedLinks } from "./links.ts"
import { readableSource } from "./messageSource.ts"
import { addTemplate } from "./newServer.ts"
import * as outcomes from "./outcomes.ts"
import { sentMessage } from "./sentMessages.ts"
import { addServer, findServer, type Message, type Server } from "./state.ts"
import { tracksOpens } from "./stats.ts"

export const make = (engine: Engine): Control => {
  const now = () => engine.scheduler.now()

  const fire = (events: ReadonlyArray<outcomes.Fired>) => {
    engine.dispatch.fire(events)
    engine.scheduler.changed()
  }

  const findMessage = (messageId: string): Effect.Effect<Message, ControlError> =>
    Effect.suspend(() => {
      const message = engine.world.messages.get(messageId.toLowerCase())
      return message === undefined ? fail("UnknownMessage", `no message ${messageId}`) : Effect.succeed(message)
    })

  const findRecipient = Effect.fnUntraced(function*(messageId: string, recipient: string) {
    const message = yield* findMessage(messageId)
    const email = message.recipients.find((known) => known.toLowerCase() === recipient.toLowerCase())
    if (email === undefined) return yield* fail("UnknownRecipient", `${recipient} is no recipient of ${messageId}`)
    if (message.inactive.includes(email.toLowerCase())) {
      return yield* fail("InactiveRecipient", `${recipient} was suppressed when ${messageId} was sent`)
    }
    return { message, email }
  })

  const serverOf = (token: string | undefined): Effect.Effect<Server, ControlError> => {
    const server = token === undefined ? engine.world.servers[0] : findServer(engine.world, token)
    return server === undefined || server === engine.world.sandbox
      ? fail("UnknownServer", "no server has this token")
      : Effect.succeed(server)
  }

  const sent = () => [...engine.world.messages.values()].map(sentMessage)

  // Built as far as a predicate looks: it is asked again after every change.
  const view: View = {
    get sent() {
      return sent()
    },
    get webhookAttempts() {
      return [...engine.dispatch.attempts]
    },
    get requests() {
      return [...engine.requests]
    }
  }

  return {
    handle: engine.handle,
    servers: Effect.sync(() => engine.world.servers.map(serverHandle)),
    addServer: (settings) =>
      Effect.suspend(() =>
        findServer(engine.world, settings.token) === undefined
          ? Effect.sync(() => serverHandle(addServer(engine.world, settings, now())))
          : fail("TokenTaken", "another server has this token")
      ),
    addTemplate: (template, token) => Effect.map(serverOf(token), (server) => addTemplate(server, template).id),
    sent: Effect.sync(sent),
    requests: Effect.sync(() => view.requests),
    deliver: Effect.fnUntraced(function*(messageId, recipient) {
      const { email, message } = yield* findRecipient(messageId, recipient)
      if (hasEvent(message, email, "Delivered")) {
        return yield* fail("AlreadyDelivered", `${messageId} was delivered to ${email} already`)
      }
      fire(outcomes.deliver(engine.world, message, email, now()))
    }),
    bounce: Effect.fnUntraced(function*(messageId, recipient, options) {
      const { email, message } = yield* findRecipient(messageId, recipient)
      fire(
        options?.type === "SpamComplaint"
          ? outcomes.spamComplaint(engine.world, message, email, now())
          : outcomes.bounce(engine.world, message, email, options?.type ?? "HardBounce", now(), options?.details)
      )
    }),
    open: Effect.fnUntraced(function*(messageId, recipient, reader) {
      const { email, message } = yield* findRecipient(messageId, recipient)
      if (!tracksOpens(message)) {
        return yield* fail(
          "OpensNotTracked",
          `${messageId} has no open tracking, which needs TrackOpens and an HtmlBody`
        )
      }
      fire(outcomes.open(engine.world, message, email, { ...unknownReader, ...reader }, now()))
    }),
    spamComplaint: Effect.fnUntraced(function*(messageId, recipient) {
      const { email, message } = yield* findRecipient(messageId, recipient)
      fire(outcomes.spamComplaint(engine.world, message, email, now()))
    }),
    suppress: Effect.fnUntraced(function*(email, options) {
      const server = yield* serverOf(options?.token)
      const stream = options?.stream ?? "outbound"
      // Nothing is ever sent from an inbound stream, so it has no list.
      if ((server.streams.get(stream)?.type ?? "Inbound") === "Inbound") {
        return yield* fail("UnknownStream", `the server has no stream '${stream}' to send from`)
      }
      const reason = options?.reason ?? "ManualSuppression"
      const origin = options?.origin ?? (reason === "ManualSuppression" ? "Customer" : "Recipient")
      fire(outcomes.suppressManually(engine.world, server, stream, email, reason, now(), origin))
    }),
    click: Effect.fnUntraced(function*(messageId, recipient, options) {
      const { email, message } = yield* findRecipient(messageId, recipient)
      const links = trackedLinks(message)
      if (links.length === 0) {
        return yield* fail("LinksNotTracked", `${messageId} has no tracked links, which needs TrackLinks and a link`)
      }
      const link = links.find(({ location, url }) =>
        (options?.link === undefined || url === options.link) &&
        (options?.location === undefined || location === options.location)
      )
      if (link === undefined) return yield* fail("UnknownLink", `${messageId} has no such tracked link`)
      fire(outcomes.click(engine.world, message, email, link, { ...unknownReader, ...options?.reader }, now()))
    }),
    receiveInbound: Effect.fnUntraced(function*(mail, token) {
      const server = yield* serverOf(token)
      const message = receive(engine.world, server, mail, now())
      if (isRefusal(message)) return yield* fail("InvalidAddress", message.message)
      if (message.status !== "Blocked" && server.fields.InboundHookUrl !== "") {
        engine.dispatch.fireInbound(server, message)
      }
      engine.scheduler.changed()
      return message.id
    }),
    confirmSender: Effect.fnUntraced(function*(email) {
      const { signatures } = engine.world.account
      const signature = [...signatures.values()].find((known) => known.email.toLowerCase() === email.toLowerCase())
      if (signature === undefined) return yield* fail("UnknownSender", `the account has no signature of ${email}`)
      signatures.set(signature.id, { ...signature, confirmed: true })
    }),
    injectFault: (rule) => Effect.sync(() => engine.faults.inject(rule)),
    clearFaults: Effect.sync(() => engine.faults.clear()),
    webhookAttempts: Effect.sync(() => view.webhookAttempts),
    waitFor: (predicate) => engine.scheduler.waitFor(() => predicate(view)),
    changes: engine.scheduler.changes,
    source: (messageId) => Effect.map(findMessage(messageId), readableSource),
    settled: engine.scheduler.settled,
    reset: engine.reset
  }
}

const fail = (reason: ControlError["reason"], message: string): Effect.Effect<never, ControlError> =>
  Effect.fail(new ControlError({ reason, message }))

const serverHandle = ({ fields, id, settings }: Server): ServerHandle => ({
  id,
  name: fields.Name,
  token: settings.token
})

const hasEvent = (message: Message, email: string, type: string): boolean =>
  message.events.some((event) => event.type === type && event.recipient === email)

// What Postmark reports of a client it does not recognise (C.4, E.9).
const unknown = { Name: "unknown", Company: "unknown", Family: "unknown" }
const unknownReader: Reader = {
  client: unknown,
  os: unknown,
  platform: "Unknown",
  userAgent: "unknown",
  geo: {},
  readSeconds: 0
}
