/** What answers the control API: one handler for each route that `ControlApi` describes. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Control, ControlError, type Snapshot } from "../../Control.ts"
import { ControlApi, JsonBody, NotJson } from "../../ControlApi.ts"
import { parse } from "../http/json.ts"

const layerJsonBody = Layer.succeed(
  JsonBody,
  Effect.gen(function*() {
    const { headers, method, text } = yield* HttpServerRequest.HttpServerRequest
    if (method !== "POST") return
    if (!(headers["content-type"] ?? "").toLowerCase().startsWith("application/json")) {
      return yield* new NotJson({ message: "Content-Type must be application/json" })
    }
    if (parse(yield* Effect.orDie(text)) === undefined) {
      return yield* new HttpApiError.HttpApiDecodeError({ issues: [], message: "the body is not valid JSON" })
    }
  })
)

/** A route without an answer of its own answers `{}`. */
const done = <E>(wish: Effect.Effect<void, E>) => Effect.as(wish, {})

export const layerControl = (control: Control) => {
  const snapshots: Array<Snapshot> = []
  const clock = Effect.all({ now: control.clock.now, isPaused: control.clock.isPaused })
  return HttpApiBuilder.group(ControlApi, "control", (handlers) =>
    handlers
      .handle("sent", () => Effect.map(control.sent, (messages) => ({ messages })))
      .handle("requests", () => Effect.map(control.requests, (requests) => ({ requests })))
      .handle("webhookAttempts", () => Effect.map(control.webhookAttempts, (attempts) => ({ attempts })))
      .handle("servers", () => Effect.map(control.servers, (servers) => ({ servers })))
      .handle("addServer", ({ payload }) => control.addServer(payload))
      .handle(
        "addTemplate",
        ({ payload: { token, ...template } }) => Effect.map(control.addTemplate(template, token), (id) => ({ id }))
      )
      .handle("deliver", ({ payload: { messageId, recipient } }) => done(control.deliver(messageId, recipient)))
      .handle(
        "bounce",
        ({ payload: { messageId, recipient, ...options } }) => done(control.bounce(messageId, recipient, options))
      )
      .handle(
        "open",
        ({ payload: { messageId, reader, recipient } }) => done(control.open(messageId, recipient, reader))
      )
      .handle(
        "click",
        ({ payload: { messageId, recipient, ...options } }) => done(control.click(messageId, recipient, options))
      )
      .handle(
        "receiveInbound",
        ({ payload: { token, ...mail } }) =>
          Effect.map(control.receiveInbound(mail, token), (messageId) => ({ messageId }))
      )
      .handle("confirmSender", ({ payload: { email } }) => done(control.confirmSender(email)))
      .handle(
        "spamComplaint",
        ({ payload: { messageId, recipient } }) => done(control.spamComplaint(messageId, recipient))
      )
      .handle(
        "unsubscribe",
        ({ payload: { messageId, recipient } }) => done(control.unsubscribe(messageId, recipient))
      )
      .handle("suppress", ({ payload: { email, ...options } }) => done(control.suppress(email, options)))
      .handle("injectFault", ({ payload }) => done(control.injectFault(payload)))
      .handle("clearFaults", () => done(control.clearFaults))
      .handle("addScript", ({ payload }) => done(control.addScript(payload)))
      .handle("clearScripts", () => done(control.clearScripts))
      .handle("skippedSteps", () => Effect.map(control.skippedSteps, (steps) => ({ steps })))
      .handle("clock", () => clock)
      .handle("pause", () => Effect.zipRight(control.clock.pause, clock))
      .handle("resume", () => Effect.zipRight(control.clock.resume, clock))
      .handle("advance", ({ payload: { by } }) => Effect.zipRight(control.clock.advance(by), clock))
      .handle("snapshot", () =>
        Effect.map(control.snapshot, (snapshot) => ({
          id: snapshots.push(snapshot),
          messages: snapshot.messages
        })))
      .handle("restore", ({ payload: { id } }) => {
        const snapshot = snapshots[id - 1]
        return snapshot === undefined
          ? new ControlError({ reason: "UnknownSnapshot", message: `there is no snapshot ${id}` })
          : done(control.restore(snapshot))
      })
      .handle("load", ({ payload }) => done(control.load(payload)))
      .handle("settled", () => done(control.settled))
      .handle("reset", () => done(control.reset))).pipe(Layer.provide(layerJsonBody))
}
