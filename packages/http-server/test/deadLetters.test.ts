import { ConnectionId } from "@effect-postmark/core/Ids"
import * as SubscriberStore from "@effect-postmark/core/SubscriberStore"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Schema } from "effect"
import { createServer } from "node:http"
import { caller, codeOf, start, tokens } from "./support/harness.ts"
import { bounceText } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"
const trigger = "postmark/email-bounced"

const WithKey = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))
const Page = Schema.decodeUnknownSync(Schema.Struct({
  deadLetters: Schema.Array(Schema.Struct({ sequence: Schema.Int, targetId: Schema.String })),
  nextCursor: Schema.NullOr(Schema.String)
}))

/** A target that refuses everything. */
const refusing = Effect.gen(function*() {
  const server = createServer((request, response) => request.resume().on("end", () => response.writeHead(500).end()))
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
})

describe("dead letters of relay targets", () => {
  it.scopedLive("are listed across targets in pages, counted by a dry run, and replayed", () =>
    Effect.gen(function*() {
      const port = yield* refusing
      const { call, connect } = yield* start({
        settings: { relayHosts: ["127.0.0.1"], relayPorts: [port] },
        relay: { ladder: ["0 seconds"] }
      })
      const id = yield* connect(tokens.acme)
      const base = `/v1/connections/${id}`
      const targets: Array<string> = []
      for (const path of ["a", "b"]) {
        const body = { trigger, secret, relay: { url: `http://127.0.0.1:${port}/${path}` } }
        const { json, status } = yield* call("POST", `${base}/triggers`, { body })
        assert.strictEqual(status, 201)
        targets.push(Object(json).relayTarget.target.id)
      }
      for (const bounce of ["1", "2", "3"]) {
        yield* call("POST", `/v1/webhooks/${id}`, {
          key: undefined,
          text: bounceText(bounce),
          headers: { authorization: secret }
        })
      }
      const read = (query: string) => Effect.map(call("GET", `${base}/dead-letters${query}`), ({ json }) => Page(json))
      const all = yield* Effect.repeat(Effect.delay(read(""), "50 millis"), {
        until: ({ deadLetters }) => deadLetters.length === 6
      })
      const pages: Array<typeof all.deadLetters[number]> = []
      let cursor: string | null = ""
      while (cursor !== null) {
        const page: typeof all = yield* read(`?limit=4${cursor === "" ? "" : `&after=${cursor}`}`)
        pages.push(...page.deadLetters)
        cursor = page.nextCursor
      }
      assert.deepStrictEqual(pages, all.deadLetters)
      assert.deepStrictEqual(all.deadLetters.map(({ sequence }) => sequence), [1, 1, 2, 2, 3, 3])
      assert.strictEqual((yield* call("GET", `${base}/dead-letters?after=x`)).status, 422)

      const replay = `${base}/relay-targets/${targets[0]}/replay`
      const dry = yield* call("POST", replay, { body: { dryRun: true, sequences: [1, 2, 9] } })
      assert.deepStrictEqual(dry.json, { replayed: 0, wouldReplay: 2 })
      assert.strictEqual((yield* read("")).deadLetters.length, 6)
      assert.deepStrictEqual((yield* call("POST", replay, { body: { sequences: [1, 2, 9] } })).json, { replayed: 2 })
    }), 60_000)
})

describe("dead letters of subscribers", () => {
  it.scopedLive(
    "are listed, counted by a dry run, replayed and discarded, within the key's connections",
    () =>
      Effect.gen(function*() {
        const { call, connect, context, url } = yield* start()
        const [acme, other] = [yield* connect(tokens.acme), yield* connect(tokens.other, "Other")]
        const store = Context.get(context, SubscriberStore.SubscriberStore)
        const subscription = { subscriber: "tell-sales", trigger }
        const { owner } = yield* store.hold({ ...subscription, owner: "test", expired: null })
        const row = (sequence: number, connectionId: string): SubscriberStore.Settlement => ({
          state: "dead",
          sequence,
          key: null,
          connectionId: ConnectionId.make(connectionId),
          receivedAt: "2026-01-01T00:00:00.000Z",
          attempts: 3,
          dueAt: 0,
          failure: "Broken",
          firstTriedAt: 1,
          lastTriedAt: 2,
          settledAt: 3
        })
        yield* store.settle({
          ...subscription,
          owner,
          settlements: [row(1, acme), row(2, other), row(3, acme), row(4, acme)]
        })
        const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
        const limited = caller(url, WithKey(made.json).key)
        const query = `subscriber=tell-sales&trigger=${encodeURIComponent(trigger)}`

        const { json } = yield* call("GET", "/v1/subscribers")
        assert.deepStrictEqual(json, { subscribers: [{ ...subscription, open: 0, dead: 4 }] })
        assert.strictEqual((yield* limited("GET", "/v1/subscribers")).status, 403)
        const first = yield* call("GET", `/v1/subscribers/dead-letters?${query}&limit=3`)
        assert.deepStrictEqual(Object(first.json).deadLetters.map((one: { sequence: number }) => one.sequence), [
          1,
          2,
          3
        ])
        assert.strictEqual(Object(first.json).nextAfter, 3)
        const own = yield* limited("GET", `/v1/subscribers/dead-letters?${query}`)
        assert.deepStrictEqual(Object(own.json).deadLetters.map((one: { sequence: number }) => one.sequence), [2])
        const foreign = yield* limited("GET", `/v1/subscribers/dead-letters?${query}&connection=${acme}`)
        assert.deepStrictEqual([foreign.status, codeOf(foreign)], [404, "connection_not_found"])

        const body = { ...subscription, sequences: [1, 2, 9] }
        const dry = yield* call("POST", "/v1/subscribers/replay", { body: { ...body, dryRun: true } })
        assert.deepStrictEqual(dry.json, { count: 2, dryRun: true })
        assert.deepStrictEqual((yield* limited("POST", "/v1/subscribers/replay", { body })).json, {
          count: 1,
          dryRun: false
        })
        assert.deepStrictEqual((yield* call("POST", "/v1/subscribers/replay", { body })).json, {
          count: 1,
          dryRun: false
        })
        const range = { ...subscription, from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }
        const discarded = yield* call("POST", "/v1/subscribers/discard", { body: range })
        assert.deepStrictEqual(discarded.json, { count: 2, dryRun: false })
        const wrong = yield* call("POST", "/v1/subscribers/discard", { body: { ...range, from: "yesterday" } })
        assert.include(wrong.text, "must be a time in UTC")
      }),
    60_000
  )
})
