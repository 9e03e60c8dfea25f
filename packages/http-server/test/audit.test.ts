import * as Action from "@effect-postmark/core/Action"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { AuditPage } from "@effect-postmark/http-server/api/AuditApi"
import * as ApiMetrics from "@effect-postmark/http-server/ApiMetrics"
import * as AuditLog from "@effect-postmark/http-server/AuditLog"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Metric, Schedule, Schema } from "effect"
import * as AuditTrail from "../src/internal/guard/auditTrail.ts"
import { codeOf, email, idOf, once, start, tokens } from "./support/harness.ts"

const Page = Schema.decodeUnknownSync(AuditPage)
const Created = Schema.decodeUnknownSync(
  Schema.Struct({ apiKey: Schema.Struct({ id: Schema.String }), key: Schema.String })
)

const broken = Action.handle(
  Action.make("example/broken", {
    title: "Broken",
    description: "Ends in a defect",
    readOnly: false,
    idempotent: true,
    payload: Schema.Struct({}),
    success: Schema.Struct({}),
    error: PostmarkError.ReadError
  }),
  () => Effect.die(new Error("broken"))
)

describe("the audit log", () => {
  it.scopedLive("has each change: who, what, when, and what became of it", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ actions: [broken], policies: once })
      const id = yield* connect(tokens.acme)
      const made = Created((yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [id] } })).json)
      const { key } = made
      const headers = { "x-request-id": "request-7" }
      yield* call("POST", `/v1/connections/${id}/actions/send-email`, { key, body: email, headers })
      yield* call("POST", `/v1/connections/${id}/actions/send-email`, { key, body: { ...email, to: "" } })
      yield* double.injectFault({ first: 1, fault: { kind: "resetAfterAcceptance" } })
      yield* call("POST", `/v1/connections/${id}/actions/send-email`, { key, body: email })
      yield* call("POST", `/v1/connections/${id}/actions/broken`, { key, body: {} })
      yield* call("POST", `/v1/api-keys/${made.apiKey.id}/revoke`, { key })
      yield* call("POST", `/v1/connections/reader@example.org/revoke`, { key })
      yield* call("GET", `/v1/connections/${id}`, { key })
      yield* call("POST", `/v1/connections/${id}/revoke`, { key: "wrong" })
      yield* call("POST", `/v1/webhooks/${id}`, { key: "wrong", body: {} })

      const response = yield* call("GET", "/v1/audit")
      const page = Page(response.json)
      assert.isNull(page.nextCursor)
      const first = page.entries.at(-1)
      assert.deepInclude(first, { actor: "server", operation: "adopt API key", keyId: null, outcome: "done" })
      const entries = page.entries.slice(0, -1)
      assert.strictEqual(entries.at(-1)?.keyId, first?.targetId)
      const shown = entries.map(({ connectionId, keyId, operation, outcome, status, targetId }) => ({
        by: keyId === made.apiKey.id ? "robot" : keyId === null ? null : "admin",
        operation,
        connectionId,
        targetId,
        status,
        outcome
      }))
      const by = "robot"
      assert.deepStrictEqual(shown, [
        { by, operation: "connections.revoke", connectionId: null, targetId: null, status: 404, outcome: "refused" },
        {
          by,
          operation: "apiKeys.revoke",
          connectionId: null,
          targetId: made.apiKey.id,
          status: 403,
          outcome: "refused"
        },
        { by, operation: "actions.broken", connectionId: id, targetId: null, status: null, outcome: "unknown" },
        { by, operation: "actions.send-email", connectionId: id, targetId: null, status: 504, outcome: "unknown" },
        { by, operation: "actions.send-email", connectionId: id, targetId: null, status: 422, outcome: "refused" },
        { by, operation: "actions.send-email", connectionId: id, targetId: null, status: 200, outcome: "done" },
        {
          by: "admin",
          operation: "apiKeys.create",
          connectionId: null,
          targetId: made.apiKey.id,
          status: 201,
          outcome: "done"
        },
        {
          by: "admin",
          operation: "connections.connect",
          connectionId: id,
          targetId: null,
          status: 201,
          outcome: "done"
        }
      ])
      assert.strictEqual(entries[5]?.requestId, "request-7")
      for (const { actor, begunAt, endedAt } of entries) {
        assert.strictEqual(actor, "apiKey")
        assert.isTrue(endedAt !== null && endedAt >= begunAt)
      }
      for (const secret of [email.to, email.subject, tokens.acme, key, "reader@example.org"]) {
        assert.notInclude(response.text, secret)
      }
    }), 60_000)

  it.scopedLive(
    "has pages and filters, and shows a key the changes of its connections only",
    () =>
      Effect.gen(function*() {
        const { call, connect } = yield* start()
        const mine = yield* connect(tokens.acme)
        const theirs = yield* connect(tokens.other, "Other")
        const create = (body: object) =>
          Effect.map(call("POST", "/v1/api-keys", { body: { name: "robot", ...body } }), ({ json }) => Created(json))
        const limited = yield* create({ connections: [mine], scopes: ["read", "manage"] })
        const reader = yield* create({ scopes: ["read"] })
        for (let round = 0; round < 3; round++) {
          yield* call("POST", `/v1/connections/${mine}/triggers`, {
            key: limited.key,
            body: { trigger: "postmark/email-opened" }
          })
        }
        const list = (query: string, key?: string) =>
          Effect.map(
            call("GET", `/v1/audit?${query}`, key === undefined ? {} : { key }),
            (response) => Page(response.json)
          )
        const all = (yield* list("")).entries
        assert.strictEqual(all.length, 8)
        const paged: Array<string> = []
        let cursor: string | null = ""
        while (cursor !== null) {
          const page: typeof AuditPage.Type = yield* list(`limit=3${cursor === "" ? "" : `&after=${cursor}`}`)
          paged.push(...page.entries.map(({ id }) => id))
          cursor = page.nextCursor
        }
        assert.deepStrictEqual(paged, all.map(({ id }) => id))

        assert.strictEqual((yield* list(`connection=${mine}`)).entries.length, 4)
        assert.strictEqual((yield* list(`key=${limited.apiKey.id}`)).entries.length, 3)
        assert.strictEqual((yield* list(`key=key_none`)).entries.length, 0)
        const [newest] = all
        assert.isDefined(newest)
        const at = encodeURIComponent(newest?.begunAt ?? "")
        const from = (yield* list(`from=${at}`)).entries.length
        assert.isAtLeast(from, 1)
        assert.strictEqual((yield* list(`to=${at}`)).entries.length, 8 - from)
        assert.strictEqual((yield* list(`from=2000-01-01T00:00:00%2B02:00`)).entries.length, 8)

        const own = (yield* list("", limited.key)).entries
        assert.deepStrictEqual(own.map(({ connectionId }) => connectionId), [mine, mine, mine, mine])
        assert.strictEqual((yield* call("GET", `/v1/audit?connection=${theirs}`, { key: limited.key })).status, 404)
        assert.strictEqual((yield* list("", reader.key)).entries.length, 5)

        for (const query of ["limit=0", "limit=501", "after=x", "from=yesterday", "to=2026-02-30T00:00:00", "x=1"]) {
          const refused = yield* call("GET", `/v1/audit?${query}`)
          assert.strictEqual(refused.status, 422, query)
          assert.include(refused.text, `"path":["${query.split("=")[0]}"`)
        }
      }),
    60_000
  )
})

describe("a change that runs", () => {
  it.scopedLive("is in the audit log already, and stays there when its client goes away", () =>
    Effect.gen(function*() {
      const isRunning = yield* Deferred.make<void>()
      const slow = Action.handle(
        Action.make("example/slow", {
          title: "Slow",
          description: "Never ends",
          readOnly: false,
          idempotent: true,
          payload: Schema.Struct({}),
          success: Schema.Struct({}),
          error: PostmarkError.ReadError
        }),
        () => Effect.zipRight(Deferred.succeed(isRunning, undefined), Effect.never)
      )
      const { call, connect, context, key, url } = yield* start({ actions: [slow] })
      const id = yield* connect(tokens.acme)
      const leave = new AbortController()
      const request = yield* Effect.fork(Effect.promise(() =>
        fetch(`${url}/v1/connections/${id}/actions/slow`, {
          method: "POST",
          body: "{}",
          headers: { authorization: `Bearer ${key}` },
          signal: leave.signal
        }).catch(() => undefined)
      ))
      yield* Deferred.await(isRunning)
      const newest = Effect.map(call("GET", "/v1/audit"), ({ json }) => Page(json).entries[0])
      assert.deepInclude(yield* newest, { operation: "actions.slow", outcome: "begun", endedAt: null })
      leave.abort()
      yield* Fiber.join(request)
      const log = Context.get(context, AuditLog.AuditLog)
      yield* Effect.repeat(Effect.map(log.list({ limit: 1 }), ([placed]) => placed?.entry.outcome), {
        until: (outcome) => outcome !== "begun",
        schedule: Schedule.spaced("5 millis")
      })
      assert.deepInclude(yield* newest, { operation: "actions.slow", outcome: "unknown", status: null })
    }))
})

const unavailable = new StoreUnavailable({ store: "audit", operation: "write", reason: "full" })

const entry: AuditLog.AuditEntry = {
  id: "1",
  begunAt: "2026-01-01T00:00:00.000Z",
  endedAt: null,
  actor: "apiKey",
  keyId: "key_1",
  operation: "connections.rotate",
  connectionId: null,
  targetId: null,
  requestId: null,
  status: null,
  outcome: "begun"
}
const ending: AuditLog.Ending = {
  id: "1",
  endedAt: "2026-01-01T00:00:01.000Z",
  status: 200,
  outcome: "done",
  connectionId: null,
  targetId: null
}

const memory = Effect.map(Layer.build(AuditLog.layerMemory), Context.get(AuditLog.AuditLog))
const outcomes = (log: AuditLog.Service) =>
  Effect.map(log.list({ limit: 1_000 }), (all) => all.map(({ entry }) => `${entry.id} ${entry.outcome}`))

describe("the writer of the audit log", () => {
  it.scopedLive("refuses a change while the log is unavailable, and writes its outcome when it is back", () =>
    Effect.gen(function*() {
      const log = yield* memory
      let isDown = false
      const trail = yield* AuditTrail.make({
        ...log,
        write: (options) => isDown ? Effect.fail(unavailable) : log.write(options)
      })
      yield* trail.begin(entry)
      isDown = true
      const failures = Metric.tagged(ApiMetrics.auditFailures, "step", "begin")
      const before = (yield* Metric.value(failures)).count
      yield* trail.end(ending)
      assert.deepStrictEqual(yield* Effect.flip(trail.begin({ ...entry, id: "2" })), unavailable)
      assert.strictEqual((yield* Metric.value(failures)).count, before + 1)
      assert.deepStrictEqual(yield* outcomes(log), ["1 begun"])
      isDown = false
      yield* trail.settled
      assert.deepStrictEqual(yield* outcomes(log), ["1 done"])
    }))

  it.scopedLive("goes on after a defect of the log", () =>
    Effect.gen(function*() {
      const log = yield* memory
      let isBroken = true
      const trail = yield* AuditTrail.make({
        ...log,
        write: (options) => isBroken ? Effect.die("broken") : log.write(options)
      })
      assert.isTrue((yield* Effect.exit(trail.begin(entry)))._tag === "Failure")
      isBroken = false
      yield* trail.begin(entry)
      assert.deepStrictEqual(yield* outcomes(log), ["1 begun"])
    }))

  it.scopedLive("writes what many changes ask for in few commits, and returns when theirs is done", () =>
    Effect.gen(function*() {
      const log = yield* memory
      let commits = 0
      const isOpen = yield* Deferred.make<void>()
      const trail = yield* AuditTrail.make({
        ...log,
        write: (options) => {
          commits++
          return Effect.zipRight(Deferred.await(isOpen), log.write(options))
        }
      })
      const ids = Array.from({ length: 300 }, (_, index) => `${index}`)
      const all = yield* Effect.fork(
        Effect.forEach(
          ids,
          (id) =>
            Effect.tap(
              trail.begin({ ...entry, id }),
              () =>
                Effect.map(outcomes(log), (written) => assert.isTrue(written.some((text) => text.startsWith(`${id} `))))
            ),
          { concurrency: "unbounded" }
        )
      )
      yield* Deferred.succeed(isOpen, undefined)
      yield* Fiber.join(all)
      assert.isAtMost(commits, 4)
    }))

  it.live("writes what is left when it ends", () =>
    Effect.gen(function*() {
      const log = yield* Effect.scoped(memory)
      yield* Effect.scoped(Effect.gen(function*() {
        const trail = yield* AuditTrail.make(log)
        yield* trail.begin(entry)
        yield* trail.end(ending)
      }))
      assert.deepStrictEqual(yield* outcomes(log), ["1 done"])
    }))
})

describe("a change without its entry", () => {
  it.scopedLive("is refused with 503, and nothing is done", () =>
    Effect.gen(function*() {
      const { call, connect, context, double } = yield* start()
      const id = yield* connect(tokens.acme)
      assert.strictEqual(idOf((yield* call("GET", `/v1/connections/${id}`)).json), id)
      const log = Context.get(context, AuditLog.AuditLog)
      yield* log.prune({ before: Number.MAX_SAFE_INTEGER / 1e6, limit: 1 })
      // The service of this process, which the guard calls.
      Object.assign(log, { write: () => Effect.fail(unavailable) })
      const refused = yield* call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      assert.deepStrictEqual([refused.status, codeOf(refused)], [503, "store_unavailable"])
      assert.deepInclude(refused.json, { disposition: "notSent", retryable: true })
      assert.deepStrictEqual(yield* double.sent, [])
      assert.strictEqual((yield* call("GET", `/v1/connections/${id}`)).status, 200)
    }))
})
