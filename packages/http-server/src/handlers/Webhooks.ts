/**
 * Postmark's webhooks.
 *
 * @since 0.1.0
 */
import { WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
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
          Incoming.bytes(request, options.maxBytes).pipe(
            Effect.flatMap((body) =>
              // Whoever hangs up now does not leave an event half stored.
              Effect.uninterruptible(receiver.receive({
                connectionId: path.connectionId,
                authorization: Incoming.authorization(request),
                body
              }))
            ),
            Effect.flatMap((answer): Effect.Effect<HttpServerResponse.HttpServerResponse, Failure> => {
              switch (answer.status) {
                case 200:
                  return received({ result: answer.result })
                case 400:
                  return Effect.fail(new MalformedBody({ message: "the webhook is not JSON; its body was put aside" }))
                case 401:
                  return Effect.fail(new WebhookRefused())
                case 503:
                  return Effect.fail(new WebhookUnavailable())
              }
            }),
            Answers.orProblem
          )))
  )

const received = Answers.json(Received)
