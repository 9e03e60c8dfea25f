/**
 * Tests of an audit log: programs that die when the log violates the port.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { oddTexts, same } from "@effect-postmark/core/testing/PortSuite"
import * as Effect from "effect/Effect"
import { type AuditEntry, AuditLog, type ListOptions } from "../AuditLog.ts"

/**
 * Programs by what they show. Each needs an empty log.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, AuditLog>>> = {
  "lists what was written, newest first": Effect.gen(function*() {
    const log = yield* AuditLog
    yield* same("an empty log", yield* log.list({ limit: 10 }), [])
    yield* log.write({ begun: [], ended: [] })
    // All in the same millisecond.
    const [one, two, three] = [entry("z"), entry("a", { keyId: null, actor: "commandLine" }), entry("m")]
    yield* log.write({ begun: [one, two], ended: [] })
    yield* log.write({ begun: [three], ended: [] })
    yield* same("all", yield* entries({ limit: 10 }), [three, two, one])
    yield* same("two", yield* entries({ limit: 2 }), [three, two])
  }),
  "ends entries of this write and of earlier ones": Effect.gen(function*() {
    const log = yield* AuditLog
    const [one, two] = [entry("1"), entry("2", { connectionId: null, targetId: null })]
    const endedAt = "2026-01-01T00:00:01.000Z"
    yield* log.write({ begun: [one], ended: [] })
    yield* log.write({
      begun: [two],
      ended: [
        { id: "1", endedAt, status: 204, outcome: "done", connectionId: null, targetId: null },
        { id: "2", endedAt, status: null, outcome: "unknown", connectionId: "con_9", targetId: "key_9" },
        { id: "none", endedAt, status: 500, outcome: "failed", connectionId: null, targetId: null }
      ]
    })
    yield* same("all", yield* entries({ limit: 10 }), [
      { ...two, endedAt, outcome: "unknown", connectionId: "con_9", targetId: "key_9" },
      { ...one, endedAt, status: 204, outcome: "done" }
    ])
  }),
  "pages without a gap or a repetition": Effect.gen(function*() {
    const log = yield* AuditLog
    const ids = Array.from({ length: 25 }, (_, index) => `${index}`)
    yield* log.write({ begun: ids.map((id) => entry(id)), ended: [] })
    const found: Array<string> = []
    let before: number | undefined
    while (true) {
      const page = yield* log.list({ limit: 7, before })
      if (page.length === 0) break
      found.push(...page.map(({ entry }) => entry.id))
      before = page.at(-1)?.position
      // What is added meanwhile is before the first page.
      yield* log.write({ begun: [entry(`late-${found.length}`)], ended: [] })
    }
    yield* same("ids", found, ids.toReversed())
  }),
  "lists by connection, key and time": Effect.gen(function*() {
    const log = yield* AuditLog
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
    yield* log.write({
      begun: [
        entry("1", { begunAt: at(1), connectionId: "con_1", keyId: "key_1" }),
        entry("2", { begunAt: at(2), connectionId: "con_2", keyId: "key_1" }),
        entry("3", { begunAt: at(3), connectionId: null, keyId: "key_2" }),
        entry("4", { begunAt: at(4), connectionId: "con_1", keyId: "key_2" })
      ],
      ended: []
    })
    const ids = (options: Omit<ListOptions, "limit">) =>
      Effect.map(entries({ ...options, limit: 10 }), (all) => all.map(({ id }) => id).join(""))
    yield* same("a connection", yield* ids({ connections: ["con_1"] }), "41")
    yield* same("two connections", yield* ids({ connections: ["con_2", "con_1"] }), "421")
    yield* same("no connection", yield* ids({ connections: [] }), "")
    yield* same("any connection", yield* ids({ withConnection: true }), "421")
    yield* same("a key", yield* ids({ keyId: "key_1" }), "21")
    yield* same("a key of another case", yield* ids({ keyId: "KEY_1" }), "")
    yield* same("from", yield* ids({ from: at(2) }), "432")
    yield* same("to", yield* ids({ to: at(2) }), "1")
    yield* same("all of it", yield* ids({ from: at(1), to: at(4), keyId: "key_1", connections: ["con_1"] }), "1")
  }),
  "keeps odd characters": Effect.gen(function*() {
    const log = yield* AuditLog
    const begun = oddTexts.map((text, index) =>
      entry(`${index}${text}`, {
        keyId: text,
        operation: text,
        connectionId: text,
        targetId: text,
        requestId: text
      })
    )
    yield* log.write({ begun, ended: [] })
    yield* same("all", yield* entries({ limit: 100 }), begun.toReversed())
  }),
  "keeps the entries of many writers": Effect.gen(function*() {
    const log = yield* AuditLog
    const ids = Array.from({ length: 40 }, (_, index) => `${index}`)
    yield* Effect.forEach(ids, (id) => log.write({ begun: [entry(id)], ended: [] }), { concurrency: "unbounded" })
    yield* same("ids", (yield* entries({ limit: 100 })).map(({ id }) => id).sort(), ids.toSorted())
  }),
  "prunes the oldest first": Effect.gen(function*() {
    const log = yield* AuditLog
    const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`
    yield* log.write({ begun: [3, 1, 2, 4].map((day) => entry(`${day}`, { begunAt: at(day) })), ended: [] })
    const before = Date.parse(at(4))
    yield* same("two", yield* log.prune({ before, limit: 2 }), 2)
    yield* same("left", (yield* entries({ limit: 10 })).map(({ id }) => id), ["4", "3"])
    yield* same("one", yield* log.prune({ before, limit: 2 }), 1)
    yield* same("none", yield* log.prune({ before, limit: 2 }), 0)
    yield* same("left", (yield* entries({ limit: 10 })).map(({ id }) => id), ["4"])
  })
}

const entries = (options: ListOptions) =>
  Effect.flatMap(AuditLog, (log) => Effect.map(log.list(options), (all) => all.map(({ entry }) => entry)))

const entry = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  begunAt: "2026-01-01T00:00:00.000Z",
  endedAt: null,
  actor: "apiKey",
  keyId: "key_1",
  operation: "connections.rotate",
  connectionId: "con_1",
  targetId: null,
  requestId: "request",
  status: null,
  outcome: "begun",
  ...more
})
