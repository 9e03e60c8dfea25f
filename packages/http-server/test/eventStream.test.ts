import { EventLog } from "@effect-postmark/core/EventLog"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, FastCheck, Fiber, Option, Schema, Scope } from "effect"
import { connect as openSocket } from "node:net"
import { codeOf, start as serve, tokens } from "./support/harness.ts"
import * as Sse from "./support/sse.ts"
import { append, stored } from "./support/stored.ts"

const server = (options: Parameters<typeof serve>[0]) =>
  Effect.gen(function*() {
    const running = yield* serve(options)
    const id = yield* running.connect(tokens.acme)
    const open = (query = "", options: { readonly key?: string; readonly lastEventId?: string | undefined } = {}) =>
      Sse.connect(`${running.url}/v1/events/stream${query}`, { key: running.key, ...options })
    return { ...running, id, open }
  })

const atOf = ({ data }: Sse.ServerSent): unknown => Object(JSON.parse(data)).raw?.at

const take = (stream: { readonly next: Effect.Effect<Sse.ServerSent | undefined> }, count: number) =>
  Effect.gen(function*() {
    const found: Array<unknown> = []
    while (found.length < count) {
      const event = yield* stream.next
      if (event === undefined) break
      found.push(atOf(event))
    }
    return found
  })

const Created = Schema.decodeUnknownSync(
  Schema.Struct({ key: Schema.String, apiKey: Schema.Struct({ id: Schema.String }) })
)

describe("GET /v1/events/stream", () => {
  it.scopedLive("sends what is stored after it begins, with its text unchanged", () =>
    Effect.gen(function*() {
      const { context, id, open } = yield* server({})
      yield* append(context, [stored(id, 0)])
      const stream = yield* open()
      assert.strictEqual(stream.response.status, 200)
      assert.strictEqual(stream.response.headers.get("content-type"), "text/event-stream")
      assert.strictEqual(stream.response.headers.get("cache-control"), "no-store")
      const raw = `{ "at" : 12345678901234567890.10,\r\n\t"b":1e400,\n"c":"\u2028" }`
      const waiting = yield* Effect.fork(stream.next)
      yield* append(context, [stored(id, 1, { raw })])
      const event = yield* Fiber.join(waiting)
      assert.strictEqual(event?.event, "message")
      assert.include(event?.data, `"raw":${raw.replace("\r\n", "\n")}}`)
      assert.include(event?.data, `"trigger":"postmark/email-delivered"`)
    }))

  it.scopedLive("begins after a cursor, and with the first event of a range of time", () =>
    Effect.gen(function*() {
      const { context, id, open } = yield* server({})
      yield* append(context, Array.from({ length: 120 }, (_, at) => stored(id, at)))
      const first = yield* open("?receivedFrom=2026-05-01T00:10:00Z")
      assert.deepStrictEqual(yield* take(first, 30), Array.from({ length: 30 }, (_, at) => at + 10))
      const lastEventId = first.lastEventId()
      assert.deepStrictEqual(yield* take(yield* open(`?after=${lastEventId}`), 2), [40, 41])
      // The header is newer than the URL, which a browser repeats.
      const other = (yield* open("?receivedFrom=2026-05-01T01:00:00Z")).next
      const sixty = yield* other
      assert.deepStrictEqual(yield* take(yield* open(`?after=${lastEventId}`, { lastEventId: sixty?.id }), 1), [61])
    }))

  it.scopedLive("passes the same filters as the pages, and refuses what does not belong to it", () =>
    Effect.gen(function*() {
      const { call, context, id, open, connect } = yield* server({})
      const other = yield* connect(tokens.other, "Other")
      const bounced = { trigger: "postmark/email-bounced" }
      const { key } = Created((yield* call("POST", "/v1/api-keys", { body: { name: "x", connections: [other] } })).json)
      const expected: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
        ["?trigger=email-bounced", [1, 4]],
        [`?connection=${other}`, [3, 4]],
        ["?tag=receipt", [2]],
        ["?recipient=ANN@example.org&status=decoded", [2, 3]],
        ["?message=m5", [5]]
      ]
      const streams = yield* Effect.forEach(expected, ([query]) => open(query))
      const limited = yield* open("", { key })
      yield* append(context, [
        stored(id, 1, bounced),
        stored(id, 2, { event: { tag: "receipt", recipient: "ann@example.org" } }),
        stored(other, 3, { event: { recipient: "Ann@example.org" } }),
        stored(other, 4, bounced),
        stored(id, 5)
      ])
      for (const [at, [query, found]] of expected.entries()) {
        const stream = streams[at]
        if (stream !== undefined) assert.deepStrictEqual(yield* take(stream, found.length), [...found], query)
      }
      assert.deepStrictEqual(yield* take(limited, 2), [3, 4])

      const newest = Buffer.from("2:3").toString("base64url")
      for (
        const [query, headers] of [
          ["?trigger=email-eaten", {}],
          ["?order=newest", {}],
          ["?limit=3", {}],
          ["?receivedTo=2026-05-01T00:00:00Z", {}],
          ["?tag=a&tag=b", {}],
          [`?after=${newest}`, {}],
          ["", { "last-event-id": "odd" }],
          ["", { "last-event-id": newest }]
        ] as const
      ) {
        const refused = yield* call("GET", `/v1/events/stream${query}`, { headers })
        assert.deepStrictEqual([refused.status, codeOf(refused)], [422, "validation_failure"], query)
      }
      const stranger = yield* call("GET", "/v1/events/stream", { key: "wrong" })
      assert.strictEqual(stranger.status, 401)
    }))

  for (const seed of [1, 2, 3]) {
    it.scopedLive(
      `loses nothing and repeats nothing when the client comes and goes (seed ${seed})`,
      () =>
        Effect.gen(function*() {
          const { context, id, open } = yield* server({
            server: { events: { heartbeat: "20 millis", poll: "30 millis" } }
          })
          const [plan] = FastCheck.sample(
            FastCheck.record({
              groups: FastCheck.array(FastCheck.integer({ min: 1, max: 40 }), { minLength: 12, maxLength: 12 }),
              pauses: FastCheck.array(FastCheck.integer({ min: 0, max: 30 }), { minLength: 12, maxLength: 12 }),
              visits: FastCheck.array(FastCheck.integer({ min: 0, max: 25 }), { minLength: 200, maxLength: 200 })
            }),
            { numRuns: 1, seed }
          )
          if (plan === undefined) return assert.fail("no plan")
          const total = plan.groups.reduce((sum, size) => sum + size, 0)
          // Every third event is of another tag.
          const tagOf = (at: number) => ({ event: { tag: at % 3 === 0 ? "other" : "wanted" } })
          const writing = yield* Effect.fork(Effect.gen(function*() {
            let at = 0
            for (const [index, size] of plan.groups.entries()) {
              yield* append(context, Array.from({ length: size }, (_, of) => stored(id, at + of, tagOf(at + of))))
              at += size
              yield* Effect.sleep(plan.pauses[index] ?? 0)
            }
          }))
          const wanted = Array.from({ length: total }, (_, at) => at).filter((at) => at % 3 !== 0)
          const seen: Array<unknown> = []
          let lastEventId: string | undefined = Buffer.from("1:0").toString("base64url")
          for (const visit of plan.visits) {
            if (seen.length >= wanted.length) break
            yield* Effect.scoped(Effect.gen(function*() {
              const stream = yield* open("?tag=wanted", { lastEventId })
              seen.push(...(yield* take(stream, Math.min(visit, wanted.length - seen.length))))
              lastEventId = stream.lastEventId() === "" ? lastEventId : stream.lastEventId()
            }))
          }
          yield* Fiber.join(writing)
          const rest = yield* open("?tag=wanted", { lastEventId })
          seen.push(...(yield* take(rest, wanted.length - seen.length)))
          assert.strictEqual(new Set(seen).size, seen.length, "repeated")
          assert.sameMembers(seen, wanted)
        }),
      60_000
    )
  }

  it.scopedLive("says that it is alive, and moves the client past events that it filters", () =>
    Effect.gen(function*() {
      const { context, id, open } = yield* server({ server: { events: { heartbeat: "30 millis" } } })
      const stream = yield* open("?tag=rare")
      const waiting = yield* Effect.fork(stream.next)
      yield* append(context, [stored(id, 0), stored(id, 1)])
      const latest = yield* Context.get(context, EventLog).latest
      while (
        Buffer.from(stream.lastEventId(), "base64url").toString() !== `1:${latest}` || stream.comments.length < 3
      ) {
        yield* Effect.sleep("5 millis")
      }
      assert.deepStrictEqual([...new Set(stream.comments)], [": heartbeat"])
      assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
      yield* append(context, [stored(id, 2, { event: { tag: "rare" } })])
      assert.strictEqual((yield* Fiber.join(waiting))?.id, Buffer.from(`1:${latest + 1}`).toString("base64url"))
    }))

  it.scopedLive("ends when its API key is revoked", () =>
    Effect.gen(function*() {
      const { call, context, id, open } = yield* server({
        server: { events: { recheck: "20 millis", poll: "20 millis" } }
      })
      const { apiKey, key } = Created(
        (yield* call("POST", "/v1/api-keys", { body: { name: "x", connections: [id] } })).json
      )
      const stream = yield* open("", { key })
      yield* append(context, [stored(id, 0)])
      assert.deepStrictEqual(yield* take(stream, 1), [0])
      yield* call("POST", `/v1/api-keys/${apiKey.id}/revoke`)
      const end = yield* stream.next
      assert.deepStrictEqual([end?.event, end?.data], ["end", `{"reason":"unauthorized"}`])
      assert.isUndefined(yield* stream.next)
      assert.strictEqual((yield* call("GET", "/v1/events/stream", { key })).status, 401)
    }))

  it.scopedLive("ends at once when the server shuts down", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { context, id, open } = yield* Scope.extend(server({ server: { drainTimeout: "20 seconds" } }), scope)
      const stream = yield* open()
      yield* append(context, [stored(id, 0)])
      assert.deepStrictEqual(yield* take(stream, 1), [0])
      const closing = yield* Effect.fork(Effect.timed(Scope.close(scope, Exit.void)))
      const end = yield* stream.next
      assert.deepStrictEqual([end?.event, end?.data], ["end", `{"reason":"shutting_down"}`])
      assert.isUndefined(yield* stream.next)
      const [duration] = yield* Fiber.join(closing)
      assert.isBelow(Duration.toMillis(duration), 10_000)
    }), 60_000)

  it.scopedLive(
    "is closed when its client takes nothing, and reads no more than the socket takes",
    () =>
      Effect.gen(function*() {
        const { call, context, id, key, url } = yield* server({ server: { events: { stall: "400 millis" } } })
        const raw = JSON.stringify({ text: "x".repeat(50_000) })
        yield* append(context, Array.from({ length: 1_000 }, (_, at) => stored(id, at, { raw })))
        const before = process.memoryUsage().rss
        const closed = yield* Effect.async<number>((resume) => {
          const { hostname, port } = new URL(url)
          const socket = openSocket(Number(port), hostname)
          socket.on("error", () => {})
          socket.pause()
          socket.write(
            `GET /v1/events/stream?after=${Buffer.from("1:0").toString("base64url")} HTTP/1.1\r\nHost: localhost\r\n` +
              `Authorization: Bearer ${key}\r\n\r\n`
          )
          // A paused socket does not notice that the other side is gone.
          const looking = setTimeout(() => {
            let length = 0
            socket.on("data", (chunk: Buffer) => {
              length += chunk.length
            })
            socket.on("close", () => resume(Effect.succeed(length)))
            socket.resume()
          }, 1_500)
          return Effect.sync(() => {
            clearTimeout(looking)
            socket.destroy()
          })
        })
        assert.isAbove(closed, 1_000)
        // All of it is 50 MB.
        assert.isBelow(closed, 20_000_000)
        assert.isBelow(process.memoryUsage().rss - before, 30_000_000)
        assert.strictEqual((yield* call("GET", "/v1/events?limit=1")).status, 200)
      }),
    60_000
  )
})
