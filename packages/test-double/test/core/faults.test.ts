/** Every fault, against every way of sending and reading, over a real socket with each of the HTTP clients. */
import { DispatcherHttpClient, PostmarkClient, Reconciliation, RetryPolicy } from "@effect-postmark/core"
import type * as Fault from "@effect-postmark/test-double/Fault"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { FetchHttpClient, HttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Either, Layer, Redacted } from "effect"
import { createServer, type RequestListener } from "node:http"
import { gzipSync } from "node:zlib"
import { Agent } from "undici"

const clients = {
  undici: NodeHttpClient.layerUndici,
  "node:http": NodeHttpClient.layer,
  fetch: FetchHttpClient.layer,
  dispatcher: Layer.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(Effect.sync(() => new Agent()), (agent) => Effect.promise(() => agent.destroy())),
      (agent) => DispatcherHttpClient.layer(agent)
    )
  ),
  // A client that is derived from another has no short way.
  "derived from a dispatcher": Layer.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(Effect.sync(() => new Agent()), (agent) => Effect.promise(() => agent.destroy())),
      (agent) =>
        Layer.succeed(HttpClient.HttpClient, HttpClient.mapRequest(DispatcherHttpClient.make(agent), (same) => same))
    )
  )
}

/** A fault of the double, a server of the test's own, or an address where nobody listens. */
type Cause =
  | { readonly double: Fault.Fault }
  | { readonly server: (elsewhere: string) => RequestListener }
  | { readonly nobody: true }

interface Row {
  readonly cause: Cause
  /** What becomes of a message, sent alone or in a batch. */
  readonly sent: string
  readonly read: string
  /** Whether the double takes the message. */
  readonly taken?: true
  readonly timeout?: Duration.DurationInput
  readonly retryAfter?: number
}

const status = (code: number, body?: unknown, headers?: Record<string, string>): Cause => ({
  double: { kind: "status", status: code, ...(body === undefined ? {} : { body }), ...(headers && { headers }) }
})
const body = (text: string, code = 200): Cause => ({ double: { kind: "body", body: text, status: code, accept: true } })
const html = "<html><body>oops</body></html>"

const found = "Accepted by search"
const lost = "unknown, OutcomeUnknown, notFound"
const blind = "unknown, OutcomeUnknown, searchFailed"
const notSent = (tag: string) => `notSent, ${tag}`
const rejected = (tag: string) => `rejected, ${tag}`

const oversized = JSON.stringify({ ErrorCode: 0, Message: "x".repeat(300_000) })
const redirect = (code: number): Cause => ({
  server: (elsewhere) => (request, response) => {
    request.resume().on("end", () => response.writeHead(code, { location: `${elsewhere}${request.url}` }).end())
  }
})
const compressed: Cause = {
  server: () => (request, response) => {
    const answer = gzipSync(JSON.stringify({ ErrorCode: 0, Message: "OK", MessageID: "1", ID: 1, Name: "n" }))
    request.resume().on("end", () => response.writeHead(200, { "content-encoding": "gzip" }).end(answer))
  }
}

const rows: Readonly<Record<string, Row>> = {
  "connection refused": {
    cause: { nobody: true },
    sent: notSent("PostmarkUnavailable"),
    read: "PostmarkUnavailable"
  },
  "reset before reading": {
    cause: { double: { kind: "resetBeforeReading" } },
    sent: lost,
    read: "PostmarkUnavailable"
  },
  "reset after acceptance": {
    cause: { double: { kind: "resetAfterAcceptance" } },
    sent: found,
    read: "PostmarkUnavailable",
    taken: true
  },
  "clean close after the request": {
    cause: { double: { kind: "closeAfterAcceptance" } },
    sent: found,
    read: "PostmarkUnavailable",
    taken: true
  },
  "no answer in time": {
    cause: { double: { kind: "latency", millis: 2_000, phase: "after" } },
    sent: found,
    read: "PostmarkUnavailable",
    taken: true,
    timeout: "150 millis"
  },
  "half a body, then reset": {
    cause: { double: { kind: "cutShort", length: 20, end: "reset" } },
    sent: found,
    read: "PostmarkUnavailable",
    taken: true
  },
  "half a body, then close": {
    cause: { double: { kind: "cutShort", length: 20 } },
    sent: found,
    read: "PostmarkUnavailable",
    taken: true
  },
  "200 with HTML": { cause: body(html), sent: found, read: "UnexpectedResponse", taken: true },
  "200 empty": { cause: body(""), sent: found, read: "UnexpectedResponse", taken: true },
  "200 with null": { cause: body("null"), sent: found, read: "UnexpectedResponse", taken: true },
  "200 with JSON that is not Postmark's": {
    cause: body("{\"ok\":true}"),
    sent: found,
    read: "UnexpectedResponse",
    taken: true
  },
  "200 with JSON that breaks off": {
    cause: { double: { kind: "truncate", length: 30 } },
    sent: found,
    read: "UnexpectedResponse",
    taken: true
  },
  "200 oversized": { cause: body(oversized), sent: found, read: "UnexpectedResponse", taken: true },
  "200 compressed": { cause: compressed, sent: blind, read: "UnexpectedResponse" },
  "500 with null": { cause: body("null", 500), sent: found, read: "PostmarkUnavailable", taken: true },
  "500 with JSON": { cause: status(500), sent: lost, read: "PostmarkUnavailable" },
  "502 with HTML": { cause: status(502, html), sent: lost, read: "PostmarkUnavailable" },
  "503 with HTML": { cause: status(503, html), sent: lost, read: "PostmarkUnavailable" },
  "503 with code 100": { cause: status(503), sent: notSent("PostmarkUnavailable"), read: "PostmarkUnavailable" },
  "429": { cause: { double: { kind: "rateLimit" } }, sent: notSent("RateLimited"), read: "RateLimited" },
  "429 with seconds": {
    cause: { double: { kind: "rateLimit", retryAfter: 7 } },
    sent: notSent("RateLimited"),
    read: "RateLimited",
    retryAfter: 7_000
  },
  "429 with a date that is past": {
    cause: { double: { kind: "rateLimit", retryAfter: "Wed, 21 Oct 2015 07:28:00 GMT" } },
    sent: notSent("RateLimited"),
    read: "RateLimited",
    retryAfter: 0
  },
  "429 with garbage": {
    cause: { double: { kind: "rateLimit", retryAfter: "soon" } },
    sent: notSent("RateLimited"),
    read: "RateLimited"
  },
  "429 with a huge number": {
    cause: { double: { kind: "rateLimit", retryAfter: "9".repeat(400) } },
    sent: notSent("RateLimited"),
    read: "RateLimited",
    retryAfter: 86_400_000
  },
  "302 to another host": { cause: redirect(302), sent: blind, read: "UnexpectedResponse" },
  "307 to another host": { cause: redirect(307), sent: blind, read: "UnexpectedResponse" },
  "401": { cause: status(401), sent: rejected("InvalidToken"), read: "InvalidToken" },
  "403 with HTML": { cause: status(403, html), sent: rejected("RequestRefused"), read: "RequestRefused" },
  "422 with HTML": { cause: status(422, html), sent: rejected("ValidationFailure"), read: "ValidationFailure" },
  "a list of another length": {
    cause: body("[{\"ErrorCode\":0,\"Message\":\"OK\",\"MessageID\":\"1\"}]"),
    sent: found,
    read: "UnexpectedResponse",
    taken: true
  }
}

const email = { from: "shop@example.org", to: "ann@example.com", subject: "s", textBody: "t" }

/** A server of the test's own, for what no server of Effect's would do. */
const served = (listener: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const server = createServer(listener)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    (server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
    }
  )

/** Where the calls go, and what is there. */
const scene = (cause: Cause) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const forwarded: Array<string> = []
    const elsewhere = yield* served((request, response) => {
      forwarded.push(request.headers["x-postmark-server-token"]?.toString() ?? "")
      response.end("{}")
    })
    if ("nobody" in cause) {
      const apiUrl = yield* Effect.scoped(served((_, response) => response.end()))
      return { apiUrl, double, forwarded }
    }
    if ("server" in cause) return { apiUrl: yield* served(cause.server(elsewhere)), double, forwarded }
    yield* double.injectFault({ path: "/email*", fault: cause.double })
    yield* double.injectFault({ path: "/server", fault: cause.double })
    return { apiUrl: (yield* NodePostmarkDouble.NodePostmarkDouble).url, double, forwarded }
  })

const clientAt = (apiUrl: string, timeout: Duration.DurationInput = "5 seconds") =>
  PostmarkClient.make({
    serverToken: Redacted.make(PostmarkDouble.demoServerToken),
    apiUrl,
    timeout,
    maxResponseBytes: 200_000
  })

type Failure = Effect.Effect.Error<ReturnType<PostmarkClient.Service["sendEmail"]>>

const verdict = (error: Failure) =>
  error._tag === "OutcomeUnknown"
    ? `${error.disposition}, ${error._tag}, ${error.reconciliation}`
    : `${error.disposition}, ${error._tag}`

for (const [name, http] of Object.entries(clients)) {
  describe(name, () => {
    for (const [fault, row] of Object.entries(rows)) {
      it.scopedLive(fault, () =>
        Effect.gen(function*() {
          const { apiUrl, double, forwarded } = yield* scene(row.cause)
          // A client for each call: after a 429 a client waits before its next call.
          const client = clientAt(apiUrl, row.timeout)
          const one = yield* Effect.either(Effect.flatMap(client, ({ sendEmail }) => sendEmail(email)))
          assert.strictEqual(
            Either.match(one, { onLeft: verdict, onRight: ({ source }) => `Accepted by ${source}` }),
            row.sent
          )
          if (Either.isLeft(one) && one.left._tag === "RateLimited") {
            assert.strictEqual(one.left.retryAfter, row.retryAfter)
          }
          assert.strictEqual((yield* double.sent).length, row.taken ? 1 : 0)
          const many = yield* Effect.flatMap(client, ({ sendEmailBatch }) => sendEmailBatch([email, email]))
          assert.deepStrictEqual(
            many.map((outcome) =>
              outcome._tag === "Accepted" ? `Accepted by ${outcome.receipt.source}` : verdict(outcome.error)
            ),
            [row.sent, row.sent]
          )
          assert.strictEqual((yield* double.sent).length, row.taken ? 3 : 0)
          const read = yield* Effect.either(Effect.flatMap(client, ({ server }) => server.get))
          assert.strictEqual(Either.match(read, { onLeft: ({ _tag }) => _tag, onRight: () => "success" }), row.read)
          assert.deepStrictEqual(forwarded, [])
        }).pipe(
          RetryPolicy.withRetryPolicy(RetryPolicy.none),
          Reconciliation.withReconciliation({ pauses: ["5 millis"] }),
          Effect.provide(layer(http))
        ))
    }

    it.scopedLive("a batch with several codes", () =>
      Effect.gen(function*() {
        const { apiUrl, double } = yield* scene({ double: { kind: "latency", millis: 0 } })
        yield* double.suppress("gone@example.com")
        const client = yield* clientAt(apiUrl)
        const outcomes = yield* client.sendEmailBatch([email, { ...email, to: "gone@example.com" }, {
          ...email,
          messageStream: "nowhere"
        }])
        assert.deepStrictEqual(
          outcomes.map((outcome) =>
            outcome._tag === "Accepted"
              ? outcome.receipt.source
              : outcome.error._tag === "ValidationFailure"
              ? outcome.error.errorCode
              : outcome._tag
          ),
          ["answer", 406, 1235]
        )
      }).pipe(Effect.provide(layer(http))))
  })
}

function layer(http: Layer.Layer<HttpClient.HttpClient>) {
  return Layer.merge(
    http,
    NodePostmarkDouble.layerServer({ port: 0 }).pipe(Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false })))
  )
}
