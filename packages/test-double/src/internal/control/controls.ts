/** The control handle over an engine. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Control, ControlError, type ServerHandle, type Snapshot, type View } from "../../Control.ts"
import { Rule } from "../../Fault.ts"
import type { Options } from "../../PostmarkDouble.ts"
import type * as Script from "../../Script.ts"
import { direct, type Directed } from "../engine/directions.ts"
import type { Engine, Kept } from "../engine/engine.ts"
import { receive } from "../engine/inboundMail.ts"
import * as outcomes from "../engine/outcomes.ts"
import { setupOf } from "../engine/setup.ts"
import { isRefusal } from "../http/response.ts"
import { makeDoor } from "../smtp/door.ts"
import { readableSource } from "../state/messageSource.ts"
import { addTemplate } from "../state/newServer.ts"
import { addServer, findServer, type Message, type Server } from "../state/state.ts"
import { originOf } from "../state/suppressions.ts"
import { sentMessage } from "./sentMessages.ts"
import { serverProblem, settingsProblem } from "./tokenGuard.ts"

export const make = (engine: Engine, options: Options): Control => {
  const snapshots = new WeakMap<Snapshot, Kept>()
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

  const take = Effect.fnUntraced(function*(messageId: string, recipient: string, step: Script.Step) {
    const { email, message } = yield* findRecipient(messageId, recipient)
    const result: Directed = direct(engine.world, message, email, step, now())
    if ("reason" in result) return yield* result
    fire(result)
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
    smtp: makeDoor(engine),
    servers: Effect.sync(() => engine.world.servers.map(serverHandle)),
    addServer: (settings) =>
      Effect.suspend(() => {
        if (findServer(engine.world, settings.token) !== undefined) {
          return fail("TokenTaken", "another server has this token")
        }
        const problem = serverProblem(engine.guard, settings, "")
        return problem === undefined
          ? Effect.succeed(serverHandle(addServer(engine.world, settings, now())))
          : Effect.fail(problem)
      }),
    addTemplate: (template, token) => Effect.map(serverOf(token), (server) => addTemplate(server, template).id),
    sent: Effect.sync(sent),
    requests: Effect.sync(() => view.requests),
    deliver: (messageId, recipient) => take(messageId, recipient, { kind: "deliver" }),
    bounce: (messageId, recipient, options) => take(messageId, recipient, { kind: "bounce", ...options }),
    open: (messageId, recipient, reader) =>
      take(messageId, recipient, { kind: "open", ...(reader === undefined ? {} : { reader }) }),
    click: (messageId, recipient, options) => take(messageId, recipient, { kind: "click", ...options }),
    spamComplaint: (messageId, recipient) => take(messageId, recipient, { kind: "spamComplaint" }),
    unsubscribe: (messageId, recipient) => take(messageId, recipient, { kind: "unsubscribe" }),
    suppress: Effect.fnUntraced(function*(email, options) {
      const server = yield* serverOf(options?.token)
      const stream = options?.stream ?? "outbound"
      // Nothing is ever sent from an inbound stream, so it has no list.
      if ((server.streams.get(stream)?.type ?? "Inbound") === "Inbound") {
        return yield* fail("UnknownStream", `the server has no stream '${stream}' to send from`)
      }
      const reason = options?.reason ?? "ManualSuppression"
      const origin = options?.origin ?? originOf(reason)
      fire(outcomes.suppressManually(engine.world, server, stream, email, reason, now(), origin))
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
    addScript: (script) => Effect.sync(() => engine.addScript(script)),
    clearScripts: Effect.sync(() => {
      engine.scripts.length = 0
    }),
    skippedSteps: Effect.sync(() => [...engine.skipped]),
    clock: {
      now: Effect.sync(() => DateTime.unsafeMake(now())),
      isPaused: Effect.sync(() => !engine.scheduler.isRunning()),
      pause: Effect.sync(engine.scheduler.pause),
      resume: Effect.sync(engine.scheduler.resume),
      advance: (by) => engine.scheduler.advance(Duration.toMillis(by))
    },
    snapshot: Effect.map(engine.keep, (kept) => {
      const snapshot: Snapshot = { messages: kept.world.messages.size }
      snapshots.set(snapshot, kept)
      return snapshot
    }),
    restore: (snapshot) =>
      Effect.suspend(() => {
        const kept = snapshots.get(snapshot)
        return kept === undefined
          ? fail("UnknownSnapshot", "the snapshot is not one of this double")
          : engine.replace(kept)
      }),
    load: (scenario) =>
      Effect.suspend(() => {
        const setup = setupOf({ ...options, ...scenario })
        return settingsProblem(setup) ?? engine.reset(setup)
      }),
    // A rule in code that breaks the schema is a mistake of the test; over HTTP it is refused before it comes here.
    injectFault: (rule) => Effect.map(Effect.orDie(Schema.validate(Rule)(rule)), engine.faults.inject),
    clearFaults: Effect.sync(() => engine.faults.clear()),
    webhookAttempts: Effect.sync(() => view.webhookAttempts),
    waitFor: (predicate) => engine.scheduler.waitFor(() => predicate(view)),
    changes: engine.scheduler.changes,
    source: (messageId) => Effect.map(findMessage(messageId), readableSource),
    settled: engine.scheduler.settled,
    reset: engine.reset()
  }
}

const fail = (reason: ControlError["reason"], message: string): Effect.Effect<never, ControlError> =>
  Effect.fail(new ControlError({ reason, message }))

const serverHandle = ({ fields, id, settings }: Server): ServerHandle => ({
  id,
  name: fields.Name,
  token: settings.token
})
