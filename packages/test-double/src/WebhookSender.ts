/**
 * The port through which the double posts webhooks.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/**
 * One webhook call, ready to be posted: `url` has no credentials in it, they are in `headers`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookPost {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/**
 * The receiver could not be reached.
 *
 * @since 0.1.0
 * @category errors
 */
export class WebhookPostError extends Data.TaggedError("WebhookPostError")<{ readonly message: string }> {}

/**
 * Posts a webhook, and answers with the receiver's status. It must not follow redirects.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookSender = (post: WebhookPost) => Effect.Effect<number, WebhookPostError>

/**
 * Posts through an `HttpClient`, for example one that reaches a server in the same process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromHttpClient = (client: HttpClient.HttpClient): WebhookSender => {
  // Postmark has no part in the traces of its users.
  const untraced = HttpClient.withTracerPropagation(client, false)
  return (post) =>
    untraced.execute(HttpClientRequest.post(post.url, {
      headers: post.headers,
      body: HttpBody.uint8Array(new TextEncoder().encode(post.body), "application/json")
    })).pipe(
      // Reading the answer to its end lets a socket client use the connection again.
      Effect.flatMap((response) => Effect.as(response.text, response.status)),
      Effect.withTracerEnabled(false),
      Effect.mapError((error) => new WebhookPostError({ message: `${error._tag}: ${describe(error.cause)}` }))
    )
}

/**
 * Posts through `fetch`, redirects not followed. This is the default.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeFetch: Effect.Effect<WebhookSender> = Effect.map(HttpClient.HttpClient, (client) => {
  const send = fromHttpClient(client)
  return (post: WebhookPost) =>
    send(post).pipe(Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }))
}).pipe(Effect.provide(FetchHttpClient.layer))

const describe = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "no connection"
  return cause.cause instanceof Error && cause.cause.message !== "" ? cause.cause.message : cause.message
}
