/** What answers the control API: one handler for each route that `ControlApi` describes. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Control } from "../Control.ts"
import { ControlApi, JsonBody, NotJson } from "../ControlApi.ts"
import { parse } from "./json.ts"

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

export const layerControl = (control: Control) =>
  HttpApiBuilder.group(ControlApi, "control", (handlers) =>
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
      .handle("open", ({ payload: { messageId, recipient } }) => done(control.open(messageId, recipient)))
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
      .handle("suppress", ({ payload: { email, ...options } }) => done(control.suppress(email, options)))
      .handle("injectFault", ({ payload }) => done(control.injectFault(payload)))
      .handle("clearFaults", () => done(control.clearFaults))
      .handle("settled", () => done(control.settled))
      .handle("reset", () => done(control.reset))).pipe(Layer.provide(layerJsonBody))
