/**
 * Handles Postmark's webhooks.
 *
 * @since 0.1.0
 */
import * as Metrics from "@effect-postmark/core/Metrics"
import { decisions, type Service, WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { Api } from "../Api.ts"
import { Received } from "../api/WebhooksApi.ts"
import { type Failure, MalformedBody, WebhookRefused, WebhookUnavailable } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"
import * as Responses from "../internal/responses.ts"

/**
 * Receives webhooks. `maxBytes` limits the body.
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
 * The same route with a trailing slash. People copy URLs with a trailing slash, and Postmark never retries after a 404.
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
    Effect.tapErrorTag("BodyTooLarge", () =>
      Metric.increment(Metric.tagged(Metrics.webhooks, "result", decisions.tooLarge.result))),
    Effect.flatMap((body) =>
      // A client that disconnects now cannot leave a partly stored event.
      Effect.uninterruptible(receiver.receive({
        connectionId,
        authorization: Incoming.authorization(request),
        body,
        contentEncoding: request.headers["content-encoding"],
        traceId: request.headers["x-pm-webhook-trace-id"]
      }))
    ),
    Effect.flatMap((receipt): Effect.Effect<HttpServerResponse.HttpServerResponse, Failure> => {
      switch (receipt.status) {
        case 200:
          return received({ result: receipt.result })
        case 400:
          return Effect.fail(
            new MalformedBody({
              message: `the webhook cannot be read: ${receipt.reason}. Its body is in /v1/quarantine`
            })
          )
        case 401:
          return Effect.fail(new WebhookRefused())
        case 503:
          return Effect.fail(new WebhookUnavailable())
      }
    }),
    Responses.orProblem
  )

const received = Responses.json(Received)
