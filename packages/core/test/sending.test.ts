import { Correlation, type Email, PostmarkClient, Reconciliation, RetryPolicy } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Clock, Effect, Either, Fiber, Redacted, Schedule, Stream, TestClock } from "effect"
import { driven } from "./kit/clock.ts"
import { json, type Reply, type Seen, stub, taken, transportError } from "./kit/http.ts"

const email = { from: "shop@example.org", to: "ann@example.com", subject: "s", textBody: "t" }

const clientOf = (reply: (seen: Seen, call: number) => Reply, token = "token-1") =>
  Effect.flatMap(stub(reply), (http) =>
    Effect.map(
      Effect.provide(PostmarkClient.make({ serverToken: Redacted.make(token) }), http.layer),
      (client) => ({ client, seen: http.seen })
    ))

const metadataOf = (body: string): ReadonlyArray<Record<string, string>> => {
  const parsed: unknown = JSON.parse(body)
  return (Array.isArray(parsed) ? parsed : [parsed]).map(({ Metadata }) => Metadata)
}

/** A history that knows the messages of the last send that have one of the places. */
const history = (sends: ReadonlyArray<Seen>, places: ReadonlyArray<number>) => {
  const messages = metadataOf(sends.at(-1)?.body ?? "[]").filter((_, place) => places.includes(place))
  return json({
    TotalCount: messages.length,
    Messages: messages.map((Metadata, place) => ({
      MessageID: `found-${place}`,
      ReceivedAt: "2026-09-30T12:04:08.5123401-04:00",
      From: "shop@example.org",
      Status: "Sent",
      Metadata
    }))
  })
}

/** Loses the answer of every send, and finds the messages at these places once so many searches were made. */
const losing = (places: ReadonlyArray<number>, afterSearches = 0, token?: string) => {
  const sends: Array<Seen> = []
  let searches = 0
  return clientOf((seen) => {
    if (seen.method === "POST") {
      sends.push(seen)
      return { failure: transportError("ECONNRESET") }
    }
    searches++
    return history(sends, searches > afterSearches ? places : [])
  }, token)
}

const posts = (seen: ReadonlyArray<Seen>) => seen.filter(({ method }) => method === "POST")
const searches = (seen: ReadonlyArray<Seen>) => seen.filter(({ method }) => method === "GET")

describe("correlation", () => {
  it.effect("is one value for a call and an index for each message, beside the user's own fields", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(() => json([taken("1"), taken("2")]))
      const outcomes = yield* client.sendEmailBatch([{ ...email, metadata: { order: "7" } }, email])
      const [first, second] = metadataOf((yield* seen)[0]?.body ?? "")
      assert.strictEqual(first?.["order"], "7")
      assert.strictEqual(first?.["ep_call"], second?.["ep_call"])
      assert.deepStrictEqual([first?.["ep_index"], second?.["ep_index"]], ["0", "1"])
      assert.deepStrictEqual(
        outcomes.map((outcome) => outcome._tag === "Accepted" && outcome.receipt.correlation),
        [0, 1].map((index) => ({ name: "ep_call", value: first?.["ep_call"] ?? "", index }))
      )
    }))

  const none: ReadonlyArray<readonly [string, Record<string, string>, Correlation.Names]> = [
    ["with nine fields of the user's own", Object.fromEntries([..."abcdefghi"].map((key) => [key, "v"])), {
      call: "ep_call",
      index: "ep_index"
    }],
    ["when the user has a field of the name", { EP_Call: "mine" }, { call: "ep_call", index: "ep_index" }],
    ["when it is off", {}, "off"]
  ]
  for (const [name, metadata, names] of none) {
    it.effect(`is none ${name}, and the metadata goes out as it is`, () =>
      Effect.gen(function*() {
        const { client, seen } = yield* losing([0])
        const error = yield* driven(Effect.flip(client.sendEmail({ ...email, metadata }))).pipe(
          Correlation.withCorrelation(names)
        )
        assert.strictEqual(error._tag === "OutcomeUnknown" && error.correlation, "none")
        assert.strictEqual(error._tag === "OutcomeUnknown" && error.reconciliation, "noCorrelation")
        assert.deepStrictEqual(metadataOf((yield* seen)[0]?.body ?? ""), [metadata])
        assert.strictEqual(searches(yield* seen).length, 0)
      }))
  }

  it.effect("takes other names", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([0])
      const names = { call: "run", index: "row" }
      const receipt = yield* driven(Correlation.withCorrelation(client.sendEmail(email), names))
      assert.strictEqual(receipt.source, "search")
      assert.deepStrictEqual(Object.keys(metadataOf((yield* seen)[0]?.body ?? "")[0] ?? {}), ["run", "row"])
      assert.include(searches(yield* seen)[0]?.url ?? "", "metadata_run=")
    }))
})

describe("reconciliation", () => {
  it.effect("finds what was taken: one search, on the message's stream, with tight dates in Eastern Time", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-01T05:30:00Z"))
      const { client, seen } = yield* losing([0])
      const receipt = yield* driven(client.sendEmail({ ...email, messageStream: "broadcast" }))
      assert.strictEqual(receipt.messageId, "found-0")
      const url = new URL(searches(yield* seen)[0]?.url ?? "")
      assert.strictEqual(url.searchParams.get("messagestream"), "broadcast")
      assert.strictEqual(url.searchParams.get("fromdate"), "2026-10-31T23:30:00")
      assert.match(url.searchParams.get("todate") ?? "", /^2026-11-01T02:3/)
      assert.strictEqual(posts(yield* seen).length, 1)
      assert.strictEqual(searches(yield* seen).length, 1)
    }))

  it.effect("polls four times, and then the outcome stays unknown", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([0], 4)
      const error = yield* driven(Effect.flip(client.sendEmail(email)))
      assert.strictEqual(error._tag === "OutcomeUnknown" && error.reconciliation, "notFound")
      assert.isTrue(error._tag === "OutcomeUnknown" && error.correlation !== "none")
      assert.strictEqual(searches(yield* seen).length, 4)
      assert.strictEqual(posts(yield* seen).length, 1)
    }))

  it.effect("settles each message of a batch at its place", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([0, 2])
      const outcomes = yield* driven(client.sendEmailBatch([email, email, email]))
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Accepted", "Unknown", "Accepted"])
      assert.strictEqual(posts(yield* seen).length, 1)
    }))

  it.effect("does not trust a search that answers with other messages", () =>
    Effect.gen(function*() {
      const foreign = json({
        TotalCount: 1,
        Messages: [{ MessageID: "x", ReceivedAt: "", From: "", Status: "Sent", Metadata: { ep_index: "0" } }]
      })
      const { client } = yield* clientOf(({ method }) =>
        method === "GET" ? foreign : { failure: transportError("ECONNRESET") }
      )
      assert.strictEqual((yield* driven(Effect.flip(client.sendEmail(email))))._tag, "OutcomeUnknown")
    }))

  it.effect("says that the search failed, that the test token has no history, and that it was off", () =>
    Effect.gen(function*() {
      const failing = yield* clientOf(() => ({ failure: transportError("ECONNRESET") }))
      const test = yield* losing([0], 0, "POSTMARK_API_TEST")
      const off = yield* losing([0])
      const results = [
        yield* driven(Effect.flip(failing.client.sendEmail(email))),
        yield* driven(Effect.flip(test.client.sendEmail(email))),
        yield* Effect.flip(off.client.sendEmail(email)).pipe(Reconciliation.withReconciliation(Reconciliation.none))
      ].map((error) => error._tag === "OutcomeUnknown" && error.reconciliation)
      assert.deepStrictEqual(results, ["searchFailed", "noActivity", "off"])
    }))

  it.effect("can be interrupted", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([])
      const fiber = yield* Effect.fork(client.sendEmail(email))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(searches(yield* seen).length, 1)
    }))

  it.effect("sends again only if the caller says so, once, and says that it may be a duplicate", () =>
    Effect.gen(function*() {
      const settings = { pauses: ["1 second"] as const, resendUnknownAfter: "1 minute" as const }
      const lost = yield* losing([])
      const error = yield* driven(
        Reconciliation.withReconciliation(Effect.flip(lost.client.sendEmail(email)), settings)
      )
      assert.strictEqual(error._tag === "OutcomeUnknown" && error.possiblyDuplicate, true)
      const bodies = posts(yield* lost.seen).map(({ body }) => body)
      assert.strictEqual(bodies.length, 2)
      assert.strictEqual(bodies[0], bodies[1])
      const second = yield* clientOf(({ method }, call) =>
        call === 1
          ? { failure: transportError("ECONNRESET") }
          : json(method === "GET" ? { TotalCount: 0, Messages: [] } : taken())
      )
      const receipt = yield* driven(Reconciliation.withReconciliation(second.client.sendEmail(email), settings))
      assert.strictEqual(receipt.possiblyDuplicate, true)
      const refused = yield* clientOf(({ method }, call) =>
        call === 1
          ? { failure: transportError("ECONNRESET") }
          : method === "GET"
          ? json({ TotalCount: 0, Messages: [] })
          : json({ ErrorCode: 10, Message: "no" }, 401)
      )
      const first = yield* driven(
        Reconciliation.withReconciliation(Effect.flip(refused.client.sendEmail(email)), settings)
      )
      assert.strictEqual(first.disposition, "unknown")
      assert.isUndefined(first._tag === "OutcomeUnknown" ? first.possiblyDuplicate : true)
    }))
})

describe("retries", () => {
  const after = (reply: Reply, calls: number) => (_: Seen, call: number): Reply => call <= calls ? reply : json(taken())
  const limited = (value: string) => json({}, 429, { "retry-after": value })

  const took = (reply: Reply) =>
    Effect.gen(function*() {
      const { client } = yield* clientOf(after(reply, 1))
      const fiber = yield* Effect.fork(Effect.zipRight(client.sendEmail(email), Clock.currentTimeMillis))
      for (let second = 0; second < 120; second++) yield* TestClock.adjust("1 second")
      return yield* Fiber.join(fiber)
    })

  const waits: ReadonlyArray<readonly [string, number, number]> = [
    ["5", 5_000, 5_000],
    ["Thu, 01 Jan 1970 00:00:04 GMT", 4_000, 4_000],
    ["Wed, 21 Oct 1950 07:28:00 GMT", 0, 1_000],
    ["soon", 0, 1_000]
  ]
  for (const [value, least, most] of waits) {
    it.effect(`wait for Retry-After ${value}`, () =>
      Effect.gen(function*() {
        const time = yield* took(limited(value))
        assert.isAtLeast(time, least)
        assert.isAtMost(time, most)
      }))
  }

  for (const [value, retryAfter] of [["6", 6_000], ["600", 600_000], ["9".repeat(30), 86_400_000]] as const) {
    it.effect(`end at once with Retry-After ${value}, and calls after it are told when to come`, () =>
      Effect.gen(function*() {
        const { client, seen } = yield* clientOf(() => limited(value))
        const error = yield* Effect.flip(client.sendEmail(email))
        assert.deepInclude(error, { _tag: "RateLimited", disposition: "notSent", retryAfter })
        const held = [yield* Effect.flip(client.sendEmail(email)), yield* Effect.flip(client.server.get)]
        for (const one of held) {
          assert.strictEqual(one._tag === "RateLimited" && one.retryAfter, Math.min(retryAfter, 60_000))
        }
        assert.deepStrictEqual([(yield* seen).length, yield* Clock.currentTimeMillis], [1, 0])
      }))
  }

  it.effect("wait as long as the policy allows", () =>
    Effect.gen(function*() {
      const { client } = yield* clientOf(after(limited("30"), 1))
      const patient = { ...RetryPolicy.standard, maximumWait: "1 minute" as const }
      yield* driven(RetryPolicy.withRetryPolicy(client.sendEmail(email), patient))
      assert.strictEqual(yield* Clock.currentTimeMillis, 30_000)
    }))

  it.effect("of a send stop at the first doubt", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(({ method }, call) =>
        method === "GET"
          ? json({ TotalCount: 0, Messages: [] })
          : { failure: transportError(call === 1 ? "ECONNREFUSED" : "ECONNRESET") }
      )
      assert.strictEqual((yield* driven(Effect.flip(client.sendEmail(email)))).disposition, "unknown")
      assert.strictEqual(posts(yield* seen).length, 2)
    }))

  it.effect("are the caller's to turn off or to change", () =>
    Effect.gen(function*() {
      const off = yield* clientOf(() => ({ failure: transportError("ECONNREFUSED") }))
      yield* Effect.flip(RetryPolicy.withRetryPolicy(off.client.sendEmail(email), RetryPolicy.none))
      yield* Effect.flip(off.client.server.get).pipe(RetryPolicy.withRetryPolicy(RetryPolicy.none))
      assert.strictEqual((yield* off.seen).length, 2)
      const own = yield* clientOf(() => ({ failure: transportError("ECONNREFUSED") }))
      const policy = { ...RetryPolicy.standard, sends: Schedule.recurs(6) }
      yield* driven(Effect.flip(RetryPolicy.withRetryPolicy(own.client.sendEmail(email), policy)))
      assert.strictEqual((yield* own.seen).length, 7)
    }))

  it.effect("of a change of settings are made only where Postmark did not look at it", () =>
    Effect.gen(function*() {
      for (const [code, calls] of [["ECONNRESET", 1], ["ECONNREFUSED", 4]] as const) {
        const { client, seen } = yield* clientOf(() => ({ failure: transportError(code) }))
        yield* driven(Effect.flip(client.webhooks.delete(1)))
        assert.strictEqual((yield* seen).length, calls)
      }
    }))
})

describe("a time limit", () => {
  const limitedTo = <A, E>(call: Effect.Effect<A, E>, limit: "5 seconds" | "500 millis") =>
    Effect.gen(function*() {
      const error = yield* driven(Effect.flip(RetryPolicy.withTimeLimit(call, limit)))
      return { error, at: yield* Clock.currentTimeMillis }
    })

  it.effect("ends a request that gets no response, and the send is unknown", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(() => "never")
      const { at, error } = yield* limitedTo(client.sendEmail(email), "5 seconds")
      assert.deepInclude(error, { _tag: "OutcomeUnknown", reconciliation: "off" })
      assert.deepStrictEqual([at, (yield* seen).length], [5_000, 1])
    }))

  it.effect("begins no search that would come after it", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([0], 9)
      const { at, error } = yield* limitedTo(client.sendEmail(email), "5 seconds")
      assert.deepInclude(error, { _tag: "OutcomeUnknown", reconciliation: "notFound" })
      assert.deepStrictEqual([at, searches(yield* seen).length], [3_000, 2])
    }))

  it.effect("begins no second send that would come after it", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* losing([0], 9)
      const settings = { pauses: [], resendUnknownAfter: "1 minute" as const }
      const { at } = yield* limitedTo(
        Reconciliation.withReconciliation(client.sendEmail(email), settings),
        "5 seconds"
      )
      assert.isBelow(at, 5_000)
      assert.strictEqual(posts(yield* seen).length, 1)
    }))

  it.effect("begins no pause before a retry that would end after it", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(() => ({ failure: transportError("ECONNREFUSED") }))
      const { at, error } = yield* limitedTo(client.sendEmail(email), "5 seconds")
      assert.deepInclude(error, { _tag: "PostmarkUnavailable", disposition: "notSent" })
      assert.isBelow(at, 5_001)
      assert.strictEqual((yield* seen).length, 4)
      const short = yield* clientOf(() => json({}, 429, { "retry-after": "4" }))
      const { error: limited } = yield* limitedTo(short.client.sendEmail(email), "500 millis")
      assert.deepInclude(limited, { _tag: "RateLimited", retryAfter: 4_000 })
      assert.strictEqual((yield* short.seen).length, 1)
    }))

  it.effect("that is over sends nothing", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(() => json(taken()))
      const error = yield* Effect.flip(RetryPolicy.withTimeLimit(client.sendEmail(email), 0))
      assert.deepInclude(error, { _tag: "PostmarkUnavailable", disposition: "notSent" })
      assert.strictEqual((yield* seen).length, 0)
    }))

  it.effect("inside another ends no later than the other", () =>
    Effect.gen(function*() {
      const { client } = yield* clientOf(() => "never")
      const inner = RetryPolicy.withTimeLimit(client.sendEmail(email), "20 seconds")
      assert.strictEqual((yield* limitedTo(inner, "5 seconds")).at, 5_000)
    }))
})

describe("a stream of messages", () => {
  const acceptAll = ({ body, method }: Seen): Reply =>
    method === "GET"
      ? json({ TotalCount: 0, Messages: [] })
      : json(metadataOf(body).map((_, place) => taken(`m${place}`)))

  const copies = (message: Email.Email, count: number) => Stream.map(Stream.range(1, count, 100), () => message)

  const collect = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

  it.effect("is cut at 500 messages, each batch with a value of its own, and keeps its order", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(acceptAll)
      const emails = Stream.map(Stream.range(0, 1_200), (place) => place === 3 ? { ...email, to: [] } : email)
      const outcomes = yield* collect(client.sendEmailStream(emails))
      assert.deepStrictEqual(outcomes.map(({ index }) => index), Array.from({ length: 1_201 }, (_, index) => index))
      assert.deepStrictEqual(
        outcomes.filter(({ outcome }) => outcome._tag !== "Accepted").map((
          { index, outcome }
        ) => [index, outcome._tag]),
        [[3, "Rejected"]]
      )
      const batches = (yield* seen).map(({ body }) => metadataOf(body))
      assert.deepStrictEqual(batches.map(({ length }) => length).sort((a, b) => b - a), [500, 500, 200])
      assert.strictEqual(new Set(batches.flat().map((metadata) => metadata["ep_call"])).size, 3)
      assert.strictEqual(new Set(batches.flat().map((metadata) => metadata["ep_index"])).size, 1_200)
    }))

  it.effect("is cut at 50 MB of JSON as it is sent", () =>
    Effect.gen(function*() {
      const { client, seen } = yield* clientOf(acceptAll)
      const big = { ...email, textBody: "\u00e9".repeat(2_600_000) }
      const outcomes = yield* collect(client.sendEmailStream(copies(big, 12), { concurrency: 1 }))
      assert.strictEqual(outcomes.filter(({ outcome }) => outcome._tag === "Accepted").length, 12)
      const bodies = (yield* seen).map(({ body }) => body)
      assert.deepStrictEqual(bodies.map((body) => metadataOf(body).length), [10, 2])
      for (const body of bodies) {
        assert.isAtMost(new TextEncoder().encode(body).length, 50 * 1024 * 1024)
        assert.strictEqual(new Set(metadataOf(body).map((metadata) => metadata["ep_call"])).size, 1)
      }
    }))

  it.effect("reports a batch that fails as a whole message by message, and goes on", () =>
    Effect.gen(function*() {
      const { client } = yield* clientOf((seen, call) =>
        call === 1 ? json({ ErrorCode: 10, Message: "" }, 401) : acceptAll(seen)
      )
      const outcomes = yield* collect(client.sendEmailStream(copies(email, 600), { concurrency: 1 }))
      assert.strictEqual(outcomes.filter(({ outcome }) => outcome._tag === "Rejected").length, 500)
      assert.strictEqual(outcomes.filter(({ outcome }) => outcome._tag === "Accepted").length, 100)
    }))

  it.effect("reports what came before its source failed, and then fails", () =>
    Effect.gen(function*() {
      const { client } = yield* clientOf(acceptAll)
      const reported: Array<number> = []
      const result = yield* client.sendEmailStream(Stream.concat(copies(email, 3), Stream.fail("source")))
        .pipe(
          Stream.runForEach(({ index }) => Effect.sync(() => reported.push(index))),
          Effect.either
        )
      assert.deepStrictEqual(result, Either.left("source"))
      assert.deepStrictEqual(reported, [0, 1, 2])
    }))

  it.effect("holds no more batches than it sends at a time", () =>
    Effect.gen(function*() {
      let pulled = 0
      const { client } = yield* clientOf(() => "never")
      const emails = Stream.tap(copies(email, 20_000), () =>
        Effect.sync(() => {
          pulled++
        }))
      const fiber = yield* Effect.fork(collect(client.sendEmailStream(emails, { concurrency: 2 })))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.isAtMost(pulled, 3_000)
    }))
})
