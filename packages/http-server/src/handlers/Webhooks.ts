/**
 * Handles Postmark's webhooks.
 *
 * @since 0.1.0
 */
import { type Admission, type Decision, type Service, WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Api } from "../Api.ts"
import { Received } from "../api/WebhooksApi.ts"
import * as ClientAddress from "../internal/clientAddress.ts"
import type { Failure } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"
import * as Responses from "../internal/responses.ts"
import * as WebhookAnswer from "../internal/webhookAnswer.ts"

/**
 * `maxBytes` limits the body. `client` tells who sent a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly maxBytes: number
  readonly client: ClientAddress.ClientAddress
}

/**
 * Receives webhooks. `maxBytes` limits the body.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options) =>
  HttpApiBuilder.group(
    Api,
    "webhooks",
    (handlers) =>
      Effect.map(WebhookReceiver, (receiver) =>
        handlers.handleRaw("receive", ({ path, request }) =>
          receive(receiver, options, path.connectionId, request)))
  )

/**
 * The same route with a trailing slash. People copy URLs with a trailing slash, and Postmark never retries after a 404.
 *
 * @since 0.1.0
 * @category layers
 */
export const trailingSlash = (options: Options) =>
  HttpLayerRouter.use((router) =>
    Effect.flatMap(WebhookReceiver, (receiver) =>
      router.add(
        "POST",
        "/v1/webhooks/:connectionId/",
        Effect.gen(function*() {
          const { connectionId = "" } = yield* HttpLayerRouter.params
          return yield* receive(receiver, options, connectionId, yield* HttpServerRequest.HttpServerRequest)
        })
      ))
  )

const receive = (
  receiver: Service,
  { client, maxBytes }: Options,
  connectionId: string,
  request: HttpServerRequest.HttpServerRequest
) =>
  // A client that disconnects now cannot leave a partly stored event.
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const address = client.of(
        Option.getOrUndefined(request.remoteAddress),
        request.headers["x-forwarded-for"]
      )
      const length = Number(request.headers["content-length"] ?? 0)
      const { decision, place } = yield* Effect.async<Admission>((resume) =>
        receiver.admit({
          connectionId,
          authorization: Incoming.authorization(request),
          contentEncoding: request.headers["content-encoding"],
          traceId: request.headers["x-pm-webhook-trace-id"],
          length: length > maxBytes ? 0 : length,
          source: address === undefined ? undefined : ClientAddress.networkOf(address)
        }, (admission) => resume(Effect.succeed(admission)))
      )
      if (place === undefined) return decision
      const body = yield* restore(Incoming.bytes(request, maxBytes)).pipe(
        Effect.onError(() => Effect.sync(place.leave)),
        Effect.catchTag("BodyTooLarge", () => Effect.succeed(undefined))
      )
      if (body === undefined) return place.refuseTooLarge()
      return yield* Effect.async<Decision>((resume) => place.accept(body, (answer) => resume(Effect.succeed(answer))))
    })
  ).pipe(
    Effect.flatMap((decision): Effect.Effect<HttpServerResponse.HttpServerResponse, Failure> => {
      const answer = WebhookAnswer.of(decision, maxBytes)
      return WebhookAnswer.isReceived(answer) ? received(answer) : Effect.fail(answer)
    }),
    Effect.withSpan("WebhookReceiver.receive", { captureStackTrace: false }),
    Responses.orProblem
  )

const received = Responses.json(Received)
