import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema, Scope } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { codeOf, start as serve, tokens } from "./support/harness.ts"
import { append, stored } from "./support/stored.ts"

const Line = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({
  cursor: Schema.optional(Schema.String),
  raw: Schema.optional(Schema.Struct({ at: Schema.Number })),
  complete: Schema.optional(Schema.Boolean),
  reason: Schema.optional(Schema.String),
  events: Schema.optional(Schema.Number),
  nextCursor: Schema.optional(Schema.String)
})))

const server = (options: Parameters<typeof serve>[0], count: number, fields: Parameters<typeof stored>[2] = {}) =>
  Effect.gen(function*() {
    const running = yield* serve(options)
    const id = yield* running.connect(tokens.acme)
    yield* append(running.context, Array.from({ length: count }, (_, at) => stored(id, at, fields)))
    const exported = (query = "", key = running.key) =>
      Effect.map(running.call("GET", `/v1/events/export${query}`, { key }), (response) => {
        assert.strictEqual(response.status, 200, response.text)
        assert.isTrue(response.text.endsWith("\n"))
        return { headers: response.headers, lines: response.text.slice(0, -1).split("\n").map((line) => Line(line)) }
      })
    return { ...running, id, exported }
  })

/** The lines of a response as they come; the connection closes with the scope. */
const opened = (url: string, key: string) =>
  Effect.gen(function*() {
    const abort = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort())
    )
    const response = yield* Effect.promise(() =>
      fetch(url, { headers: { authorization: `Bearer ${key}` }, signal: abort.signal })
    )
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    let rest = ""
    /** The next whole lines; undefined at the end. */
    const more = Effect.promise(async () => {
      const chunk = await reader?.read().catch(() => undefined)
      if (chunk?.value === undefined) return undefined
      const lines = `${rest}${decoder.decode(chunk.value, { stream: true })}`.split("\n")
      rest = lines.pop() ?? ""
      return lines
    })
    return { more }
  })

const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
}

describe("GET /v1/events/export", () => {
  it.scopedLive("has a line for each event, and a last line that says that it is complete", () =>
    Effect.gen(function*() {
      const { call, context, exported, id } = yield* server({}, 500)
      yield* append(context, [
        stored(id, 500, { trigger: null, event: null, raw: "{\r\n \"at\" : 500,\n\"n\":1.10\n}" })
      ])
      const { headers, lines } = yield* exported()
      assert.strictEqual(headers.get("content-type"), "application/jsonl")
      assert.deepStrictEqual(lines.map(({ raw }) => raw?.at), [...Array.from({ length: 501 }).keys(), undefined])
      assert.deepStrictEqual(lines.at(-1), { complete: true, events: 501, nextCursor: lines.at(-2)?.cursor })
      const { text } = yield* call("GET", "/v1/events/export?receivedFrom=2026-05-01T08:20:00Z")
      assert.include(text, `"raw":{  "at" : 500, "n":1.10 }}\n`)

      const newest = yield* exported("?order=newest&tag=welcome&receivedTo=2026-05-01T00:03:00Z")
      assert.deepStrictEqual(newest.lines.map(({ raw }) => raw?.at), [2, 1, 0, undefined])
      assert.deepStrictEqual((yield* exported("?tag=none")).lines, [
        { complete: true, events: 0, nextCursor: Buffer.from("1:0").toString("base64url") }
      ])
      for (
        const query of [
          "?trigger=email-eaten",
          "?limit=3",
          "?tag=a&tag=b",
          "?after=x",
          `?after=${lines[0]?.cursor}&order=newest`
        ]
      ) {
        const refused = yield* call("GET", `/v1/events/export${query}`)
        assert.deepStrictEqual([refused.status, codeOf(refused)], [422, "validation_failure"], query)
      }
    }))

  it.scopedLive("goes on after the cursor of any line, in both orders", () =>
    Effect.gen(function*() {
      const { exported } = yield* server({}, 90)
      for (const order of ["oldest", "newest"]) {
        const all = (yield* exported(`?order=${order}`)).lines
        const rest = (yield* exported(`?order=${order}&after=${all[39]?.cursor}`)).lines
        assert.deepStrictEqual(rest.slice(0, -1), all.slice(40, -1))
      }
    }))

  it.scopedLive("is recognisable when it is cut off", () =>
    Effect.gen(function*() {
      const raw = JSON.stringify({ at: 0, text: "x".repeat(50_000) })
      const scope = yield* Scope.make()
      const { key, url } = yield* Scope.extend(server({ server: { drainTimeout: "100 millis" } }, 800, { raw }), scope)
      const { more } = yield* opened(`${url}/v1/events/export`, key)
      const lines = [...(yield* more) ?? []]
      yield* Scope.close(scope, Exit.void)
      while (true) {
        const next = yield* more
        if (next === undefined) break
        lines.push(...next)
      }
      assert.isAbove(lines.length, 0)
      assert.isBelow(lines.length, 800)
      assert.isFalse(lines.some((line) => line.startsWith(`{"complete"`)))
    }), 60_000)

  it.scopedLive("ends early when its API key is revoked, and says why and where", () =>
    Effect.gen(function*() {
      const raw = JSON.stringify({ at: 0, text: "x".repeat(50_000) })
      const { call, id, url } = yield* server({ server: { events: { recheck: "0 millis" } } }, 800, { raw })
      const created = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [id] } })
      const { apiKey, key } = Schema.decodeUnknownSync(
        Schema.Struct({ key: Schema.String, apiKey: Schema.Struct({ id: Schema.String }) })
      )(created.json)
      const { more } = yield* opened(`${url}/v1/events/export`, key)
      const lines = [...(yield* more) ?? []]
      yield* call("POST", `/v1/api-keys/${apiKey.id}/revoke`)
      while (true) {
        const next = yield* more
        if (next === undefined) break
        lines.push(...next)
      }
      const parsed = lines.map((line) => Line(line))
      assert.deepStrictEqual(parsed.at(-1), {
        complete: false,
        reason: "unauthorized",
        events: lines.length - 1,
        nextCursor: parsed.at(-2)?.cursor
      })
      assert.isBelow(lines.length, 800)
    }), 60_000)

  it.scopedLive("of 50,000 events has flat memory, however slow its client is", () =>
    Effect.gen(function*() {
      const raw = JSON.stringify({ at: 0, text: "x".repeat(2_000) })
      const { key, url } = yield* server({}, 50_000, { raw })
      const { more } = yield* opened(`${url}/v1/events/export`, key)
      const memory = () => {
        collectGarbage()
        const { arrayBuffers, heapUsed } = process.memoryUsage()
        return heapUsed + arrayBuffers
      }
      const before = memory()
      let [lines, length, highest, last] = [0, 0, 0, ""]
      while (true) {
        const next = yield* more
        if (next === undefined) break
        for (const line of next) {
          lines += 1
          length += line.length
          if (lines % 10_000 !== 5_000) continue
          // A slow client: whoever does not wait for it reads on meanwhile.
          yield* Effect.sleep("200 millis")
          highest = Math.max(highest, memory() - before)
        }
        last = next.at(-1) ?? last
      }
      assert.deepInclude(Line(last), { complete: true, events: 50_000 })
      assert.strictEqual(lines, 50_001)
      assert.isAbove(length, 100_000_000)
      assert.isBelow(highest, 20_000_000)
    }), 180_000)
})
