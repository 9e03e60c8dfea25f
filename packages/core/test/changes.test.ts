import * as AccountClient from "@effect-postmark/core/AccountClient"
import * as Ids from "@effect-postmark/core/Ids"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Fiber, Inspectable, Redacted, TestClock } from "effect"
import { json, type Reply, stub, transportError } from "./kit/http.ts"
import { server } from "./kit/rows/settings.ts"

const withReply = <A, E>(reply: Reply, use: (client: PostmarkClient.Service) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const http = yield* stub(() => reply)
    const client = yield* PostmarkClient.make({ serverToken: Redacted.make("token-1") }).pipe(
      Effect.provide(http.layer)
    )
    const result = yield* RetryPolicy.withRetryPolicy(Effect.either(use(client)), RetryPolicy.none)
    return { result, seen: yield* http.seen }
  })

const tagOf = (result: Either.Either<unknown, { readonly _tag: string }>) =>
  Either.match(result, { onLeft: (error) => error._tag, onRight: () => "success" })

const template = { name: "n", subject: "s", textBody: "t" }
const messageId = Ids.MessageId.make("5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10")

describe("a change that is no mail", () => {
  const answers: ReadonlyArray<readonly [string, Reply, string, boolean]> = [
    ["422/1122", json({ ErrorCode: 1122, Message: "no" }, 422), "ValidationFailure", false],
    ["429", json({}, 429), "RateLimited", true],
    ["401", json({ ErrorCode: 10, Message: "no" }, 401), "InvalidToken", false],
    ["403 with HTML", new Response("<html>", { status: 403 }), "RequestRefused", false],
    ["503/100", json({ ErrorCode: 100, Message: "maintenance" }, 503), "PostmarkUnavailable", true],
    ["503 from a proxy", new Response("<html>", { status: 503 }), "ChangeUnknown", false],
    ["500/101", json({ ErrorCode: 101, Message: "Error ID 1" }, 500), "ChangeUnknown", false],
    ["200 with HTML", new Response("<html>"), "ChangeUnknown", false],
    ["200 of another shape", json({ Name: "x" }), "ChangeUnknown", false],
    ["302", new Response(null, { status: 302 }), "ChangeUnknown", false],
    ["refused", { failure: transportError("ECONNREFUSED") }, "PostmarkUnavailable", true],
    ["reset", { failure: transportError("ECONNRESET") }, "ChangeUnknown", false]
  ]
  for (const [name, reply, tag, retryable] of answers) {
    it.effect(`answered with ${name} is ${tag}, and is not tried again`, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* withReply(reply, ({ templates }) => templates.create(template))
        assert.strictEqual(tagOf(result), tag)
        assert.strictEqual(seen.length, 1)
        if (Either.isLeft(result)) {
          assert.strictEqual(result.left.retryable, retryable)
          assert.isTrue(PostmarkError.isPostmarkError(result.left))
        }
      }))
  }

  it.effect("that gets no answer in time may have been made", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(withReply("never", ({ webhooks }) => webhooks.delete(1)))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(tagOf((yield* Fiber.join(fiber)).result), "ChangeUnknown")
    }))

  it.effect("that Postmark acknowledges with an error code was refused", () =>
    Effect.gen(function*() {
      const { result } = yield* withReply(json({ ErrorCode: 703, Message: "no" }), ({ inboundMessages }) =>
        inboundMessages.retry(messageId))
      assert.strictEqual(tagOf(result), "ValidationFailure")
    }))

  it.effect("of the account is judged alike", () =>
    Effect.gen(function*() {
      const http = yield* stub(() => ({ failure: transportError("ECONNRESET") }))
      const client = yield* AccountClient.make({ accountToken: Redacted.make("t") }).pipe(Effect.provide(http.layer))
      assert.strictEqual(tagOf(yield* Effect.either(client.domains.rotateDkim(1))), "ChangeUnknown")
      assert.strictEqual(tagOf(yield* Effect.either(client.domains.verifyDkim(1))), "PostmarkUnavailable")
    }).pipe(RetryPolicy.withRetryPolicy(RetryPolicy.none)))

  it.effect("is made again only when Postmark did not look at it", () =>
    Effect.gen(function*() {
      for (
        const [reply, calls] of [
          [json({}, 429), 4],
          [{ failure: transportError("ECONNREFUSED") }, 4],
          [{ failure: transportError("ECONNRESET") }, 1],
          [json({}, 500), 1]
        ] as const
      ) {
        const http = yield* stub(() => reply)
        const client = yield* PostmarkClient.make({ serverToken: Redacted.make("t") }).pipe(Effect.provide(http.layer))
        const fiber = yield* Effect.fork(Effect.exit(client.webhooks.delete(1)))
        yield* TestClock.adjust("5 minutes")
        yield* Fiber.join(fiber)
        assert.strictEqual((yield* http.seen).length, calls)
      }
    }))
})

it.effect("a bulk request is a send: it may end in an unknown outcome", () =>
  Effect.gen(function*() {
    const bulk = { from: "a@example.org", subject: "s", textBody: "t", messages: [{ to: "b@example.com" }] }
    for (const reply of [{ failure: transportError("ECONNRESET") }, json({ Status: "Accepted" })]) {
      const { result } = yield* withReply(reply, (client) => client.bulk.send(bulk))
      assert.strictEqual(tagOf(result), "OutcomeUnknown")
    }
    const other = yield* withReply(json({ ID: "1", Status: "Accepted" }), (client) => client.bulk.send(bulk))
    assert.strictEqual(Either.getOrThrow(other.result).bulkId, "1")
  }))

it.effect("a bulk request with several errors tells each of them, by its domain path", () =>
  Effect.gen(function*() {
    const Errors = {
      From: [{ ErrorCode: 300, Message: "Invalid 'From' address: 'nobody@example.org'." }],
      "Messages[1].To": [{ ErrorCode: 99999, Message: "odd" }, null],
      Odd: "not a list"
    }
    const { result } = yield* withReply(
      json({ ErrorCode: 11, Message: "Multiple errors occurred.", Errors }, 422),
      (client) =>
        client.bulk.send({ from: "a@example.org", subject: "s", textBody: "t", messages: [{ to: "b@example.com" }] })
    )
    assert.deepStrictEqual(
      Either.isLeft(result) && result.left._tag === "ValidationFailure" ? result.left.issues : [],
      [
        {
          path: ["from"],
          message: "Postmark error 300 (a field of the message is invalid): Invalid 'From' address: '…'."
        },
        { path: ["messages", 1, "to"], message: "Postmark error 99999 (a code that Postmark does not document): odd" }
      ]
    )
  }))

describe("refused before the wire", () => {
  type Call = (
    client: PostmarkClient.Service
  ) => Effect.Effect<unknown, PostmarkError.PostmarkError | PostmarkError.ChangeError>
  const addresses = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@example.com`)
  const bulk = { from: "a@example.org", subject: "s", textBody: "t", messages: [{ to: "b@example.com" }] }
  const inputs: ReadonlyArray<readonly [string, Call, ReadonlyArray<string>]> = [
    ["a page of 501", ({ bounces }) => bounces.list({ count: 501 }), ["count"]],
    ["a page of none", ({ templates }) => templates.list({ count: 0 }), ["count"]],
    ["a page beyond 10,000", ({ bounces }) => bounces.list({ count: 500, offset: 9_501 }), ["offset"]],
    ["a page of opens beyond 10,000", ({ opens }) => opens.list({ count: 1, offset: 10_000 }), ["offset"]],
    ["a negative offset", ({ inboundRules }) => inboundRules.list({ offset: -1 }), ["offset"]],
    ["a day that is none", ({ statistics }) => statistics.sends({ fromDate: "2026-02-30" }), ["fromDate"]],
    ["51 suppressions", ({ suppressions }) => suppressions.create("outbound", addresses(51)), [""]],
    ["no suppression", ({ suppressions }) => suppressions.delete("outbound", []), [""]],
    ["a stream's id with a path in it", ({ suppressions }) => suppressions.dump("a/../b"), ["stream"]],
    [
      "a stream's id with a capital",
      ({ messageStreams }) => messageStreams.create({ id: "News", name: "n", messageStreamType: "Broadcasts" }),
      ["id"]
    ],
    [
      "a stream's id of Postmark's own",
      ({ messageStreams }) => messageStreams.create({ id: "pm-news", name: "n", messageStreamType: "Broadcasts" }),
      ["id"]
    ],
    ["a template without subject and body", ({ templates }) => templates.create({ name: "n" }), [
      "htmlBody",
      "subject"
    ]],
    [
      "a layout with a subject",
      ({ templates }) => templates.create({ ...template, templateType: "Layout" }),
      ["subject"]
    ],
    ["a template's alias that begins with a digit", ({ templates }) => templates.create({ ...template, alias: "1a" }), [
      "alias"
    ]],
    ["the empty template", ({ templates }) => templates.delete(""), ["idOrAlias"]],
    ["content without a part", ({ templates }) => templates.validate({}), ["htmlBody"]],
    ["a spam threshold of 31", (client) => client.server.edit({ inboundSpamThreshold: 31 }), ["inboundSpamThreshold"]],
    ["a color", (client) => client.server.edit({ color: "pink" }), ["color"]],
    ["an id of zero", ({ webhooks }) => webhooks.get(0), ["id"]],
    ["a message id that is a path", (client) => client.inboundMessages.bypass(Ids.MessageId.make("..")), ["messageId"]],
    ["a bulk request without message", (client) => client.bulk.send({ ...bulk, messages: [] }), ["messages"]],
    [
      "a bulk request with a template and a body",
      (client) => client.bulk.send({ ...bulk, templateId: 1 }),
      ["htmlBody"]
    ],
    [
      "a bulk message with 51 recipients, and one with none",
      (client) =>
        client.bulk.send({ ...bulk, messages: [{ to: addresses(51) }, { metadata: { ["k".repeat(21)]: "v" } }] }),
      ["messages.0.to", "messages.1.to", `messages.1.metadata.${"k".repeat(21)}`]
    ],
    ["a batch of no templates", (client) => client.sendEmailBatchWithTemplates([]), [""]]
  ]
  for (const [name, call, paths] of inputs) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* withReply(json({}), call)
        assert.strictEqual(seen.length, 0)
        assert.deepStrictEqual(
          Either.isLeft(result) && result.left._tag === "ValidationFailure"
            ? result.left.issues.map(({ path }) => path.join("."))
            : tagOf(result),
          [...paths]
        )
      }))
  }
})

describe("what is secret", () => {
  it.effect("stays so in servers: their tokens and the URLs of their hooks", () =>
    Effect.gen(function*() {
      const http = yield* stub(() => json({ ...server, ApiTokens: ["secret-token"] }))
      const account = yield* AccountClient.make({ accountToken: Redacted.make("t") }).pipe(Effect.provide(http.layer))
      const client = yield* PostmarkClient.make({ serverToken: Redacted.make("t") }).pipe(Effect.provide(http.layer))
      const one = yield* account.servers.get(1)
      assert.deepStrictEqual(one.apiTokens.map(Redacted.value), ["secret-token"])
      for (const shown of [one, yield* client.server.get, yield* client.server.get]) {
        assert.notInclude(Inspectable.stringifyCircular(shown), "secret-token")
        assert.notInclude(Inspectable.stringifyCircular(shown), "u:p@")
      }
    }))

  it.effect("stays so in webhooks: their passwords and the values of their headers", () =>
    Effect.gen(function*() {
      const one = {
        ID: 1,
        Url: "https://example.com/",
        HttpAuth: { Username: "u", Password: "secret-password" },
        HttpHeaders: [{ Name: "X-Own", Value: "secret-value" }]
      }
      const { result } = yield* withReply(json(one), ({ webhooks }) => webhooks.get(1))
      const shown = Inspectable.stringifyCircular(Either.getOrThrow(result))
      assert.notInclude(shown, "secret-")
    }))
})

it.effect("counters that Postmark leaves out are zero", () =>
  Effect.gen(function*() {
    const { result } = yield* withReply(json({ Days: [{ Date: "2026-09-28", Opens: 1 }] }), ({ statistics }) =>
      statistics.opens())
    const { raw: _, ...counts } = Either.getOrThrow(result)
    assert.deepStrictEqual(counts, { days: [{ date: "2026-09-28", opens: 1, unique: 0 }], opens: 0, unique: 0 })
    const empty = yield* withReply(json({ Days: [] }), ({ statistics }) =>
      statistics.clickLocations())
    assert.strictEqual(Either.getOrThrow(empty.result).html, 0)
  }))

describe("a lean answer is no error", () => {
  type Call = (client: PostmarkClient.Service) => Effect.Effect<unknown, PostmarkError.ReadError>
  const nothing = { Tag: null, MessageStream: null, ServerID: null, DumpAvailable: null, Subject: "", From: "" }
  const answers: ReadonlyArray<readonly [string, Call, unknown]> = [
    [
      "an old bounce",
      ({ bounces }) => bounces.get(Ids.BounceId.make("1")),
      { ID: 1, Type: "HardBounce", Email: "a@example.com", BouncedAt: "x", ...nothing }
    ],
    ["an inbound message", ({ inboundMessages }) => inboundMessages.details(messageId), {
      MessageID: messageId,
      FromFull: null,
      ToFull: null,
      Attachments: null,
      Headers: null
    }],
    ["a stream", ({ messageStreams }) => messageStreams.get("x"), {
      ID: "x",
      MessageStreamType: "Later",
      SubscriptionManagementConfiguration: null
    }],
    ["an open", ({ opens }) => opens.ofMessage(messageId), {
      TotalCount: 1,
      Opens: [{ MessageID: messageId, Recipient: "", ReceivedAt: "", Client: null, OS: null, Geo: null }]
    }],
    ["no day", ({ statistics }) => statistics.openEmailClients(), {}],
    ["a day with null", ({ statistics }) => statistics.sends(), {
      Days: [{ Date: "2026-01-01", Sent: null }],
      Sent: null
    }],
    ["webhook statistics", ({ webhooks }) => webhooks.statistics(1), { WebhookId: 1, Metrics: null, Statuses: null }],
    ["a server", (client) => client.server.get, { ID: 1, Name: "n", InboundHookUrl: null, Color: null, New: { A: 1 } }]
  ]
  for (const [name, call, answer] of answers) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { result } = yield* withReply(json(answer), call)
        assert.strictEqual(tagOf(result), "success")
      }))
  }
})
