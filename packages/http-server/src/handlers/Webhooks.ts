/**
 * Postmark's webhooks.
 *
 * @since 0.1.0
 */
import { type Service, WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { Api } from "../Api.ts"
import { Received } from "../api/WebhooksApi.ts"
import * as Answers from "../internal/answers.ts"
import { type Failure, MalformedBody, WebhookRefused, WebhookUnavailable } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"

/**
 * `maxBytes` is the longest webhook that is read.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: { readonly maxBytes: number }) =>
  HttpApiBuilder.group(
    Api,
    "webhooks",
    (handlers) =>
      Effect.map(WebhookReceiver, (receiver) =>
        handlers.handleRaw("receive", ({ path, request }) =>
          receive(receiver, options, path.connectionId, request)))
  )

/**
 * The same route with a slash at its end. People copy URLs with one, and Postmark drops for good what gets a 404.
 *
 * @since 0.1.0
 * @category layers
 */
export const trailingSlash = (options: { readonly maxBytes: number }) =>
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
  { maxBytes }: { readonly maxBytes: number },
  connectionId: string,
  request: HttpServerRequest.HttpServerRequest
) =>
  Incoming.bytes(request, maxBytes).pipe(
    Effect.flatMap((body) =>
      // Whoever hangs up now does not leave an event half stored.
      Effect.uninterruptible(receiver.receive({
        connectionId,
        authorization: Incoming.authorization(request),
        body,
        contentEncoding: request.headers["content-encoding"],
        traceId: request.headers["x-pm-webhook-trace-id"]
      }))
    ),
    Effect.flatMap((answer): Effect.Effect<HttpServerResponse.HttpServerResponse, Failure> => {
      switch (answer.status) {
        case 200:
          return received({ result: answer.result })
        case 400:
          return Effect.fail(
            new MalformedBody({
              message: `the webhook cannot be read: ${answer.reason}. Its body is in /v1/quarantine`
            })
          )
        case 401:
          return Effect.fail(new WebhookRefused())
        case 503:
          return Effect.fail(new WebhookUnavailable())
      }
    }),
    Answers.orProblem
  )

const received = Answers.json(Received)
