import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { Effect, Layer, Ref } from "effect"

/** What a stub saw of a request. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Reply = Response | { readonly failure: unknown } | "never"

/** An `HttpClient` that answers by a function and keeps what it saw. */
export const stub = (reply: (seen: Seen, call: number) => Reply) =>
  Effect.map(Ref.make<ReadonlyArray<Seen>>([]), (seen) => ({
    seen: Ref.get(seen),
    layer: Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) =>
        Effect.gen(function*() {
          const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
          const one = { method: request.method, url: url.toString(), headers: { ...request.headers }, body }
          const all = yield* Ref.updateAndGet(seen, (before) => [...before, one])
          const answer = reply(one, all.length)
          if (answer === "never") return yield* Effect.never
          if (answer instanceof Response) return HttpClientResponse.fromWeb(request, yield* copy(answer))
          return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause: answer.failure })
        })
      )
    )
  }))

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })

export const taken = (messageId = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10") => ({
  To: "ann@example.com",
  SubmittedAt: "2026-09-30T16:04:08.5123401Z",
  MessageID: messageId,
  ErrorCode: 0,
  Message: "OK"
})

export const transportError = (code: string) => Object.assign(new Error("fetch failed"), { cause: { code } })

/** One reply may be given several times, and a body is read once. */
const copy = (answer: Response) =>
  Effect.map(
    Effect.promise(() => answer.clone().arrayBuffer()),
    (bytes) => new Response(bytes.byteLength === 0 ? null : bytes, { status: answer.status, headers: answer.headers })
  )
