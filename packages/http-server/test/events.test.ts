import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { codeOf, start as serve, tokens } from "./support/harness.ts"
import { append, stored } from "./support/stored.ts"

const messageId = "0a1b2c3d-0000-4000-8000-000000000001"

const Page = Schema.decodeUnknownSync(Schema.Struct({
  events: Schema.Array(Schema.Struct({ sequence: Schema.Number, connectionId: Schema.String, raw: Schema.Unknown })),
  nextCursor: Schema.String
}))

const Issues = Schema.decodeUnknownSync(Schema.Struct({
  issues: Schema.Array(
    Schema.Struct({ path: Schema.Array(Schema.Union(Schema.String, Schema.Number)), message: Schema.String })
  )
}))

/** Two connections, and ten events of them: number 0 to 9, one minute apart. */
const server = Effect.gen(function*() {
  const running = yield* serve()
  const acme = yield* running.connect(tokens.acme)
  const other = yield* running.connect(tokens.other, "Other")
  const bounced = "postmark/email-bounced"
  yield* append(running.context, [
    stored(acme, 0),
    stored(acme, 1, { trigger: bounced, event: { messageId, recipient: "Gone@Example.org" } }),
    stored(other, 2, { event: { messageId, recipient: "ann@example.org", tag: "Receipt" } }),
    stored(other, 3, { trigger: bounced, event: { recipient: "gone@example.org", tag: "welcome" } }),
    stored(acme, 4, { trigger: null, status: "unknown", event: null }),
    stored(acme, 5, { trigger: "postmark/spam-complaint" }),
    stored(acme, 6, { trigger: null, status: "probe", event: null }),
    stored(acme, 7),
    stored(other, 8),
    stored(acme, 9, { event: { tag: "a & b/ü" } })
  ])
  const page = (query: string, key?: string) =>
    Effect.map(
      running.call("GET", `/v1/events${query === "" ? "" : `?${query}`}`, key === undefined ? {} : { key }),
      ({ json, status, text }) => {
        assert.strictEqual(status, 200, `${query} ${text}`)
        return Page(json)
      }
    )
  const numbers = (query: string, key?: string) =>
    Effect.map(page(query, key), ({ events }) => events.map(({ raw }): unknown => Object(raw).at))
  return { ...running, acme, other, page, numbers }
})

describe("GET /v1/events", () => {
  it.scopedLive("finds the events that pass every filter, in both orders", () =>
    Effect.gen(function*() {
      const { acme, numbers, other } = yield* server
      const expected: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
        ["", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
        [`connection=${other}`, [2, 3, 8]],
        [`connection=${other}&connection=${acme}&connection=${acme}`, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
        ["trigger=postmark/email-bounced", [1, 3]],
        ["trigger=email-bounced&trigger=postmark%2Fspam-complaint", [1, 3, 5]],
        ["recipient=GONE%40example.org", [1, 3]],
        [`message=${messageId.toUpperCase()}`, [1, 2]],
        ["message=m7", [7]],
        ["tag=welcome", [0, 3, 5, 7, 8]],
        ["tag=Welcome", []],
        [`tag=${encodeURIComponent("a & b/ü")}`, [9]],
        ["status=probe", [6]],
        ["status=unknown", [4]],
        ["receivedFrom=2026-05-01T00:02:00Z&receivedTo=2026-05-01T00:05:00.000Z", [2, 3, 4]],
        ["receivedFrom=2026-05-01T02:08:00%2B02:00", [8, 9]],
        // A plus that nobody encoded.
        ["receivedTo=2026-05-01T05:31:00+05:30", [0]],
        [`tag=welcome&connection=${acme}&receivedFrom=2026-05-01T00:01Z`, [5, 7]],
        [`recipient=gone@example.org&trigger=email-bounced&tag=welcome&status=decoded&connection=${other}`, [3]]
      ]
      for (const [query, found] of expected) {
        assert.deepStrictEqual(yield* numbers(query), [...found], query)
        assert.deepStrictEqual(yield* numbers(`${query}&order=oldest`), [...found], query)
        assert.deepStrictEqual(yield* numbers(`${query}&order=newest`), found.toReversed(), query)
      }
    }))

  it.scopedLive("is read in pages of both orders while events are stored", () =>
    Effect.gen(function*() {
      const { acme, context, page } = yield* server
      const read = (order: string, from: number) =>
        Effect.gen(function*() {
          const found: Array<unknown> = []
          let cursor = ""
          for (let at = from; at < from + 20; at++) {
            const { events, nextCursor } = yield* page(`order=${order}&limit=3${cursor}`)
            found.push(...events.map(({ raw }): unknown => Object(raw).at))
            cursor = `&after=${nextCursor}`
            if (at < from + 2) yield* append(context, [stored(acme, at)])
            if (events.length === 0) break
          }
          return found
        })
      assert.deepStrictEqual(yield* read("newest", 10), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
      assert.deepStrictEqual(yield* read("oldest", 12), [...Array.from({ length: 14 }).keys()])
      const empty = yield* page("tag=none&order=newest")
      assert.deepStrictEqual((yield* page(`tag=none&order=newest&after=${empty.nextCursor}`)).events, [])
    }))

  it.scopedLive("keeps a cursor to its order, and accepts the cursors of before", () =>
    Effect.gen(function*() {
      const { call, numbers, page } = yield* server
      const newest = (yield* page("order=newest&limit=2")).nextCursor
      const oldest = (yield* page("limit=2")).nextCursor
      for (const [query, own] of [[`after=${newest}`, "newest"], [`after=${oldest}&order=newest`, "oldest"]] as const) {
        const refused = yield* call("GET", `/v1/events?${query}`)
        assert.strictEqual(refused.status, 422)
        const [issue] = Issues(refused.json).issues
        assert.deepStrictEqual(issue?.path, ["after"])
        assert.include(issue?.message, `is a cursor of order=${own}`)
      }
      assert.deepStrictEqual(yield* numbers(`after=${Buffer.from("1:3").toString("base64url")}&limit=1`), [3])
    }))

  it.scopedLive("refuses what it does not understand, and names the parameter", () =>
    Effect.gen(function*() {
      const { call } = yield* server
      const refused: ReadonlyArray<readonly [string, string, string]> = [
        ["trigger=email-eaten", "trigger", "postmark/email-delivered"],
        ["trigger=email-bounced&trigger=x", "trigger", "must be one of"],
        [Array.from({ length: 21 }, (_, at) => `trigger=t${at}`).join("&"), "trigger", "at most 20"],
        [Array.from({ length: 101 }, (_, at) => `connection=c${at}`).join("&"), "connection", "at most 100"],
        ["recipient=", "recipient", "1 to 400 characters"],
        [`tag=${"x".repeat(401)}`, "tag", "1 to 400 characters"],
        ["message=a%00b", "message", "U+0000"],
        ["status=odd", "status", "decoded"],
        ["order=up", "order", "newest"],
        ["receivedFrom=2026-05-01", "receivedFrom", "zone"],
        ["receivedFrom=2026-05-01T00:00:00", "receivedFrom", "zone"],
        ["receivedTo=2026-02-30T00:00:00Z", "receivedTo", "zone"],
        ["receivedFrom=2026-05-02T00:00:00Z&receivedTo=2026-05-01T00:00:00Z", "receivedTo", "later than receivedFrom"],
        ["after=x", "after", "cursor"],
        ["limit=501", "limit", "1 to 500"],
        ["odd=1", "odd", ""],
        ...["after", "limit", "recipient", "message", "tag", "status", "order", "receivedFrom", "receivedTo"].map(
          (name) => [`${name}=1&${name}=2`, name, ""] as const
        )
      ]
      for (const [query, field, message] of refused) {
        const response = yield* call("GET", `/v1/events?${query}`)
        assert.deepStrictEqual([response.status, codeOf(response)], [422, "validation_failure"], query.slice(0, 80))
        const { issues } = Issues(response.json)
        assert.strictEqual(issues[0]?.path[0], field, response.text)
        assert.include(issues[0]?.message, message)
      }
      const unknown = yield* call("GET", "/v1/events?connection=con_unknown")
      assert.deepStrictEqual([unknown.status, codeOf(unknown)], [404, "connection_not_found"])
    }))

  it.scopedLive("shows a limited key its own connections only", () =>
    Effect.gen(function*() {
      const { acme, call, numbers, other } = yield* server
      const created = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [other] } })
      const { key } = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))(created.json)
      assert.deepStrictEqual(yield* numbers("", key), [2, 3, 8])
      assert.deepStrictEqual(yield* numbers("order=newest&trigger=email-bounced", key), [3])
      assert.deepStrictEqual(yield* numbers(`message=${messageId}`, key), [2])
      for (const path of ["", "/stream", "/export"]) {
        const refused = yield* call("GET", `/v1/events${path}?connection=${other}&connection=${acme}`, { key })
        assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"])
      }
    }))
})
