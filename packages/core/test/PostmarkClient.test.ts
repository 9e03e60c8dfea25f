import type * as Correlation from "@effect-postmark/core/Correlation"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import { driven } from "./kit/clock.ts"
import { json, type Reply, stub, taken, transportError } from "./kit/http.ts"

const email = { from: "shop@example.org", to: "ann@example.com", subject: "s", textBody: "t" }

const withReply = <A, E>(
  reply: Reply | ((call: number) => Reply),
  use: (client: PostmarkClient.Service) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const http = yield* stub((_, call) => typeof reply === "function" ? reply(call) : reply)
    const client = yield* PostmarkClient.make({ serverToken: Redacted.make("token-1") }).pipe(
      Effect.provide(http.layer)
    )
    const result = yield* driven(Effect.either(use(client)), "10 seconds")
    return { result, seen: yield* http.seen }
  })

const failureOf = (result: Either.Either<unknown, { readonly _tag: string }>) =>
  Either.match(result, { onLeft: (error) => error._tag, onRight: () => "success" })

const correlationOf = (result: Either.Either<{ readonly correlation: Correlation.Correlation }, unknown>) => {
  const correlation = Either.isRight(result) ? result.right.correlation : "none"
  return correlation === "none" ? { value: "" } : correlation
}

/** The sends among the calls, without the searches. */
const sends = (seen: ReadonlyArray<{ readonly method: string }>) =>
  seen.filter(({ method }) => method === "POST").length

describe("a send", () => {
  it.effect("writes Postmark's JSON with the token in the header and asks for an answer as it is", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* withReply(json(taken()), (client) => client.sendEmail(email))
      assert.isTrue(Either.isRight(result))
      assert.strictEqual(seen[0]?.url, "https://api.postmarkapp.com/email")
      assert.strictEqual(seen[0]?.headers["x-postmark-server-token"], "token-1")
      assert.strictEqual(seen[0]?.headers["accept-encoding"], "identity")
      assert.deepStrictEqual(JSON.parse(seen[0]?.body ?? ""), {
        From: "shop@example.org",
        To: "ann@example.com",
        Subject: "s",
        TextBody: "t",
        Metadata: { ep_call: correlationOf(result).value, ep_index: "0" }
      })
      assert.match(correlationOf(result).value, /^[0-9a-f]{32}$/)
    }))

  it.effect("reads a delayed acceptance, which has no error code", () =>
    Effect.gen(function*() {
      const { ErrorCode: _, ...delayed } = taken()
      const { result } = yield* withReply(json(delayed), (client) => client.sendEmail(email))
      assert.isTrue(Either.isRight(result))
    }))

  it.effect("gives the recipients who will not get it as data", () =>
    Effect.gen(function*() {
      const Message = "Message OK, but will not deliver to these inactive addresses: a@example.com, b@example.com. " +
        "Inactive recipients are ones that have generated a hard bounce."
      const { result } = yield* withReply(json({ ...taken(), Message }), (client) => client.sendEmail(email))
      assert.deepStrictEqual(Either.getOrThrow(result).inactiveRecipients, ["a@example.com", "b@example.com"])
    }))

  const answers: ReadonlyArray<readonly [string, Reply, string, string]> = [
    ["422/300", json({ ErrorCode: 300, Message: "Zero recipients specified" }, 422), "ValidationFailure", "rejected"],
    ["422 without a body", new Response(null, { status: 422 }), "ValidationFailure", "rejected"],
    ["429", json({ ErrorCode: 429, Message: "Rate Limit Exceeded" }, 429), "RateLimited", "notSent"],
    ["401/10", json({ ErrorCode: 10, Message: "no" }, 401), "InvalidToken", "rejected"],
    ["403 with HTML", new Response("<html>", { status: 403 }), "RequestRefused", "rejected"],
    ["413", new Response("", { status: 413 }), "RequestRefused", "rejected"],
    ["503/100", json({ ErrorCode: 100, Message: "maintenance" }, 503), "PostmarkUnavailable", "notSent"],
    ["503 from a proxy", new Response("<html>", { status: 503 }), "OutcomeUnknown", "unknown"],
    ["500/101", json({ ErrorCode: 101, Message: "Error ID 1" }, 500), "OutcomeUnknown", "unknown"],
    ["500 with null", json(null, 500), "OutcomeUnknown", "unknown"],
    ["200 with HTML", new Response("<html>oops"), "OutcomeUnknown", "unknown"],
    ["200 empty", new Response(""), "OutcomeUnknown", "unknown"],
    ["200 cut off", new Response("{\"MessageID\":\"5b1f"), "OutcomeUnknown", "unknown"],
    ["200 without a MessageID", json({ ErrorCode: 0, Message: "OK" }), "OutcomeUnknown", "unknown"],
    ["200 encoded", json(taken(), 200, { "content-encoding": "br" }), "OutcomeUnknown", "unknown"],
    [
      "302",
      new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
      "OutcomeUnknown",
      "unknown"
    ],
    ["refused", { failure: transportError("ECONNREFUSED") }, "PostmarkUnavailable", "notSent"],
    ["unknown host", { failure: transportError("ENOTFOUND") }, "PostmarkUnavailable", "notSent"],
    ["bad certificate", { failure: transportError("CERT_HAS_EXPIRED") }, "PostmarkUnavailable", "notSent"],
    ["reset", { failure: transportError("ECONNRESET") }, "OutcomeUnknown", "unknown"],
    ["closed", { failure: transportError("UND_ERR_SOCKET") }, "OutcomeUnknown", "unknown"],
    ["no reason", { failure: new Error("fetch failed") }, "OutcomeUnknown", "unknown"]
  ]
  for (const [name, reply, tag, disposition] of answers) {
    const tries = disposition === "notSent" ? 4 : 1
    it.effect(`${name} is ${tag}, ${disposition}, and is sent ${tries === 1 ? "once" : `${tries} times`}`, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* withReply(reply, (client) => client.sendEmail(email))
        assert.strictEqual(failureOf(result), tag)
        assert.strictEqual(Either.isLeft(result) ? result.left.disposition : "", disposition)
        assert.strictEqual(sends(seen), tries)
      }))
  }

  it.effect("that gets no answer in time has an unknown outcome", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* withReply("never", (client) => client.sendEmail(email))
      assert.strictEqual(failureOf(result), "OutcomeUnknown")
      assert.strictEqual(sends(seen), 1)
    }))

  it.effect("carries Retry-After when one comes", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(json({}, 429, { "retry-after": "7" }), (client) => client.sendEmail(email))
      assert.strictEqual(
        Either.isLeft(result) && result.left._tag === "RateLimited" ? result.left.retryAfter : 0,
        7_000
      )
    }))

  it.effect("that is invalid is refused before the wire, with every issue", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* withReply(json(taken()), (client) =>
        client.sendEmail({
          from: "shop@example.org",
          to: Array.from({ length: 51 }, (_, index) => `a${index}@example.com`),
          subject: "s".repeat(2_001),
          tag: "t".repeat(1_001),
          textBody: "t",
          metadata: { [`${"k".repeat(21)}`]: "v".repeat(81) }
        }))
      assert.strictEqual(seen.length, 0)
      assert.deepStrictEqual(
        Either.isLeft(result) && result.left._tag === "ValidationFailure"
          ? result.left.issues.map(({ path }) => path.join("."))
          : [],
        ["to", "subject", "tag", `metadata.${"k".repeat(21)}`, `metadata.${"k".repeat(21)}`]
      )
    }))
})

describe("a batch", () => {
  it.effect("keeps one outcome per message, in order", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(
        json([taken("1"), { ErrorCode: 300, Message: "Invalid 'To' address: 'x'." }, taken("3")]),
        (client) => client.sendEmailBatch([email, email, email])
      )
      assert.deepStrictEqual(
        Either.getOrThrow(result).map(({ _tag }) => _tag),
        ["Accepted", "Rejected", "Accepted"]
      )
    }))

  it.effect("with an answer of another length has unknown outcomes", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(json([taken()]), (client) => client.sendEmailBatch([email, email]))
      assert.deepStrictEqual(Either.getOrThrow(result).map(({ _tag }) => _tag), ["Unknown", "Unknown"])
    }))

  it.effect("of which one answer names no message knows the others", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(
        json([taken("1"), { ErrorCode: 0, Message: "OK" }]),
        (client) => client.sendEmailBatch([email, email])
      )
      assert.deepStrictEqual(Either.getOrThrow(result).map(({ _tag }) => _tag), ["Accepted", "Unknown"])
    }))

  it.effect("of 501 or of none is refused before the wire", () =>
    Effect.gen(function*() {
      for (const count of [0, 501]) {
        const { result, seen } = yield* withReply(json([]), (client) =>
          client.sendEmailBatch(Array.from({ length: count }, () => email)))
        assert.strictEqual(failureOf(result), "ValidationFailure")
        assert.strictEqual(seen.length, 0)
      }
    }))
})

describe("a read", () => {
  const answers: ReadonlyArray<readonly [string, Reply, string]> = [
    ["422/701", json({ ErrorCode: 701, Message: "This message was not found." }, 422), "ValidationFailure"],
    ["200 with HTML", new Response("<html>"), "UnexpectedResponse"],
    ["200 of another shape", json({ Name: "x" }), "UnexpectedResponse"],
    ["302", new Response(null, { status: 302 }), "UnexpectedResponse"],
    ["500", json({}, 500), "PostmarkUnavailable"],
    ["reset", { failure: transportError("ECONNRESET") }, "PostmarkUnavailable"]
  ]
  for (const [name, reply, tag] of answers) {
    it.effect(`${name} is ${tag}`, () =>
      Effect.gen(function*() {
        const { result } = yield* withReply(reply, (client) => client.server.get)
        assert.strictEqual(failureOf(result), tag)
      }))
  }

  it.effect("of the history writes Postmark's query", () =>
    Effect.gen(function*() {
      const { seen } = yield* withReply(json({ TotalCount: 0, Messages: [] }), (client) =>
        client.outboundMessages.list({
          recipient: "a+b@example.com",
          fromDate: "2026-09-30",
          metadata: { order_id: "1" }
        }))
      assert.strictEqual(
        seen[0]?.url,
        "https://api.postmarkapp.com/messages/outbound?count=50&offset=0&recipient=a%2Bb%40example.com&fromdate=2026-09-30&metadata_order_id=1"
      )
    }))

  it.effect("of an answer longer than the cap stops", () =>
    Effect.gen(function*() {
      const http = yield* stub(() => new Response(JSON.stringify({ ID: 1, Name: "x".repeat(2_000) })))
      const client = yield* PostmarkClient.make({ serverToken: Redacted.make("t"), maxResponseBytes: 1_000 })
        .pipe(Effect.provide(http.layer))
      assert.strictEqual(failureOf(yield* Effect.either(client.server.get)), "UnexpectedResponse")
    }))

  it.effect("of statistics fills zeros in and gives rates with their denominators", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(json({ Sent: 8, Bounced: 1 }), (client) => client.statistics.overview({}))
      const { opens, rates } = Either.getOrThrow(result)
      assert.strictEqual(opens, 0)
      assert.deepStrictEqual(rates, { bouncesPerSent: 12.5, spamComplaintsPerSent: 0 })
    }))
})
