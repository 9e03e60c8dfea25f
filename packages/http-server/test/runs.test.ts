import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { codeOf, start, tokens } from "./support/harness.ts"

const Run = Schema.decodeUnknownSync(Schema.Struct({
  id: Schema.String,
  state: Schema.String,
  messages: Schema.Int,
  name: Schema.NullOr(Schema.String)
}))
const Progress = Schema.decodeUnknownSync(Schema.Struct({
  run: Schema.Struct({ state: Schema.String }),
  messages: Schema.Int,
  accepted: Schema.Int,
  rejected: Schema.Int,
  notSent: Schema.Int,
  open: Schema.Int
}))
const Outcomes = Schema.decodeUnknownSync(Schema.Struct({
  outcomes: Schema.Array(Schema.Struct({
    index: Schema.Int,
    state: Schema.String,
    detail: Schema.optional(Schema.String)
  })),
  nextAfter: Schema.NullOr(Schema.Int)
}))

const message = (to: string) => ({ from: "sender@example.com", to, subject: "News", textBody: "Hi" })

const jsonLines = { "content-type": "application/x-ndjson" }

const setUp = Effect.gen(function*() {
  const server = yield* start({ double: { autoDeliver: false } })
  const id = yield* server.connect(tokens.acme)
  const base = `/v1/connections/${id}/runs`
  const progress = (run: string) => Effect.map(server.call("GET", `${base}/${run}`), ({ json }) => Progress(json))
  const until = (run: string, state: string) =>
    Effect.repeat(Effect.delay(progress(run), "50 millis"), { until: ({ run }) => run.state === state })
  return { ...server, id, base, progress, until }
})

describe("a bulk run over HTTP", () => {
  it.scopedLive(
    "has the Idempotency-Key of its start as its key, in JSON and in lines of JSON",
    () =>
      Effect.gen(function*() {
        const { base, call, double, until } = yield* setUp
        const messages = [message("ann@example.org")]
        const headers = { "idempotency-key": "news-2" }
        const started = Run((yield* call("POST", base, { body: { name: "News", messages }, headers })).json)
        const again = yield* call("POST", base, { body: { name: "News", messages }, headers })
        assert.strictEqual(Run(again.json).id, started.id)
        const lines = yield* call("POST", base, {
          text: [{ name: "News" }, ...messages].map((line) => JSON.stringify(line)).join("\n"),
          headers: { ...headers, "content-type": "application/x-ndjson" }
        })
        assert.strictEqual(Run(lines.json).id, started.id)
        yield* until(started.id, "completed")
        assert.strictEqual((yield* double.sent).length, 1)
        const invalid = yield* call("POST", base, {
          body: { name: "News", messages },
          headers: { "idempotency-key": "\"open" }
        })
        assert.strictEqual(invalid.status, 400)
      }),
    60_000
  )

  it.scopedLive(
    "is started once for its key, sends, and lists each outcome in pages and as lines",
    () =>
      Effect.gen(function*() {
        const { base, call, double, until } = yield* setUp
        const messages = [message("ann@example.org"), { to: "bob@example.org", colour: 1 }, message("cat@example.org")]
        const body = { name: "News", key: "news-1", messages, chunkSize: 1 }
        const started = yield* call("POST", base, { body })
        assert.strictEqual(started.status, 201)
        const run = Run(started.json)
        assert.deepInclude(run, { name: "News", messages: 3 })
        assert.strictEqual(started.headers.get("location"), `${base}/${run.id}`)
        assert.strictEqual(Run((yield* call("POST", base, { body: { ...body, messages: [{}] } })).json).id, run.id)
        const done = yield* until(run.id, "completed")
        assert.deepInclude(done, { messages: 3, accepted: 2, rejected: 1, open: 0 })
        assert.strictEqual((yield* double.sent).length, 2)

        const first = Outcomes((yield* call("GET", `${base}/${run.id}/outcomes?limit=2`)).json)
        assert.deepStrictEqual(first.outcomes.map(({ index, state }) => [index, state]), [[0, "accepted"], [
          1,
          "rejected"
        ]])
        assert.include(first.outcomes[1]?.detail, "from")
        assert.strictEqual(first.nextAfter, 1)
        const second = Outcomes((yield* call("GET", `${base}/${run.id}/outcomes?limit=2&after=1`)).json)
        assert.deepStrictEqual(second.outcomes.map(({ index }) => index), [2])
        assert.isNull(second.nextAfter)
        const exported = yield* call("GET", `${base}/${run.id}/outcomes?format=jsonl&state=accepted`)
        assert.strictEqual(exported.headers.get("content-type"), "application/x-ndjson")
        assert.deepStrictEqual(
          exported.text.trim().split("\n").map((line) => Object(JSON.parse(line)).index),
          [0, 2]
        )
        assert.notInclude(exported.text, "@example.org")
        const listed = yield* call("GET", `${base}?limit=1`)
        assert.include(listed.text, run.id)
      }),
    60_000
  )

  it.scopedLive("by a template takes the rows' fields over the template's", () =>
    Effect.gen(function*() {
      const { base, call, double, id, until } = yield* setUp
      yield* call("POST", `/v1/connections/${id}/actions/send-email`, { body: message("x@example.org") })
      const template = { from: "sender@example.com", templateAlias: "welcome" }
      const rows = [{ to: "ann@example.org", templateModel: {} }, {
        to: "bob@example.org",
        templateModel: {},
        tag: "b"
      }]
      const started = yield* call("POST", base, { body: { template, rows } })
      assert.strictEqual(started.status, 201)
      yield* until(Run(started.json).id, "completed")
      const requests = (yield* double.requests).filter(({ path }) =>
        path.includes("TemplatedEmail") || path.includes("emplate")
      )
      assert.strictEqual(requests.length, 1)
    }), 60_000)

  it.scopedLive(
    "of 20,000 JSON lines is stored as it comes, and can be paused, resumed and cancelled",
    () =>
      Effect.gen(function*() {
        const { base, call, double, progress, until } = yield* setUp
        yield* double.injectFault({ path: "/email/batch", fault: { kind: "latency", millis: 300 } })
        const lines = Array.from({ length: 20_000 }, (_, at) => JSON.stringify(message(`reader${at}@example.org`)))
        const text = [JSON.stringify({ name: "Many" }), "", ...lines].join("\r\n")
        const started = yield* call("POST", base, { text, headers: jsonLines })
        assert.strictEqual(started.status, 201)
        const { id, messages } = Run(started.json)
        assert.strictEqual(messages, 20_000)
        assert.strictEqual(Run((yield* call("POST", `${base}/${id}/pause`)).json).state, "paused")
        const twice = yield* call("POST", `${base}/${id}/pause`)
        assert.deepStrictEqual([twice.status, codeOf(twice)], [409, "run_state_conflict"])
        assert.strictEqual(Run((yield* call("POST", `${base}/${id}/resume`)).json).state, "running")
        yield* Effect.repeat(Effect.delay(progress(id), "50 millis"), { until: ({ accepted }) => accepted > 0 })
        assert.strictEqual(Run((yield* call("POST", `${base}/${id}/cancel`)).json).state, "cancelled")
        const over = yield* Effect.repeat(Effect.delay(progress(id), "50 millis"), { until: ({ open }) => open === 0 })
        assert.strictEqual(over.accepted + over.notSent, 20_000)
        assert.isAbove(over.notSent, 0)
        yield* until(id, "cancelled")
      }),
    60_000
  )

  it.scopedLive("sends nothing when its input is malformed, and says which line", () =>
    Effect.gen(function*() {
      const { base, call, double } = yield* setUp
      const valid = JSON.stringify(message("ann@example.org"))
      const broken = yield* call("POST", base, { text: `{}\n${valid}\n{oops`, headers: jsonLines })
      assert.deepStrictEqual([broken.status, codeOf(broken)], [400, "malformed_body"])
      assert.include(broken.text, "line 3")
      const wrong = yield* call("POST", base, { text: `{"nmae":1}\n${valid}`, headers: jsonLines })
      assert.deepStrictEqual([wrong.status, codeOf(wrong)], [422, "validation_failure"])
      assert.include(wrong.text, "nmae")
      const refused = yield* call("POST", base, { body: { messages: [message("a@b.c"), {}], invalid: "refuse" } })
      assert.deepStrictEqual([refused.status, codeOf(refused)], [422, "run_input_invalid"])
      assert.include(refused.text, "\"path\":[\"messages\",1,\"from\"]")
      for (
        const [body, field] of [
          [{}, "messages"],
          [{ messages: [] }, "messages"],
          [{ messages: [{}], key: "" }, "key"],
          [{ messages: [{}], chunkSize: 501 }, "chunkSize"],
          [{ rows: [{}] }, "template"],
          [{ template: { from: "a@b.c", templateAlias: "x" } }, "rows"]
        ] as const
      ) {
        const response = yield* call("POST", base, { body })
        assert.strictEqual(response.status, 422, JSON.stringify(body))
        assert.include(response.text, field)
      }
      assert.deepStrictEqual((yield* call("GET", base)).json, { runs: [], nextBefore: null })
      assert.strictEqual((yield* double.sent).length, 0)
    }), 60_000)

  it.scopedLive(
    "cannot be seen through another connection, or by a key of another connection",
    () =>
      Effect.gen(function*() {
        const { base, call, connect } = yield* setUp
        const run = Run((yield* call("POST", base, { body: { messages: [message("ann@example.org")] } })).json)
        const other = yield* connect(tokens.other, "Other")
        const through = yield* call("GET", `/v1/connections/${other}/runs/${run.id}`)
        assert.deepStrictEqual([through.status, codeOf(through)], [404, "run_not_found"])
        const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
        const { key } = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))(made.json)
        for (const path of ["", `/${run.id}`, `/${run.id}/outcomes`]) {
          const refused = yield* call("GET", `${base}${path}`, { key })
          assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"], path)
        }
      }),
    60_000
  )
})
