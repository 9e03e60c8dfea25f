import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Fiber, Layer, Option, TestClock } from "effect"

/** A double and its in-process client. */
export const layerDouble = (options: PostmarkDouble.Options = {}) =>
  Layer.provideMerge(PostmarkDouble.layerHttpClient, PostmarkDouble.layer(options))

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
}

/** One call of the API, in process; `json` is undefined if the answer was none. */
export const call = (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, options: CallOptions = {}) =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const plain = HttpClientRequest.make(method)(`https://api.postmarkapp.com${path}`, {
      headers: {
        accept: "application/json",
        "x-postmark-server-token": options.token ?? PostmarkDouble.demoServerToken,
        ...options.headers
      }
    })
    const request = options.body === undefined
      ? plain
      : HttpClientRequest.bodyText(
        plain,
        typeof options.body === "string" ? options.body : JSON.stringify(options.body),
        options.headers?.["content-type"] ?? "application/json"
      )
    const response = yield* client.execute(request)
    const text = yield* response.text
    return { status: response.status, headers: response.headers, text, json: readJson(text) }
  })

export const mail = { From: "shop@example.org", To: "ann@example.com", Subject: "s", TextBody: "t" }

/** Sends one mail, which must be accepted, and answers with its id. */
export const send = (fields: object = {}, token?: string) =>
  Effect.map(
    call("POST", "/email", { body: { ...mail, ...fields }, ...(token === undefined ? {} : { token }) }),
    (answer) => {
      if (answer.status !== 200) throw new Error(answer.text)
      return String(answer.json?.["MessageID"])
    }
  )

const readJson = (text: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runs an effect while the test's clock goes on, until the effect is done. */
export const driven = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })
