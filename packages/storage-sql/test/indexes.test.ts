import { type EventLog, Ids } from "@effect-postmark/core"
import { SqlEventLog, SqliteStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { newEvent } from "./kit.ts"

const Plan = Schema.Array(Schema.Struct({ detail: Schema.String }))

type Filter = EventLog.Filter

const messageId = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10"

/** What each part of a filter can be. All of them pass the one rare event. */
const parts: Readonly<Record<string, ReadonlyArray<Filter>>> = {
  connections: [{ connections: ["con_rare"] }, { connections: ["con_rare", "con_none"] }],
  trigger: [{ trigger: "rare" }, { trigger: ["rare", "none"] }],
  recipient: [{ recipient: "rare@example.com" }],
  messageId: [{ messageId }],
  tag: [{ tag: "rare" }],
  status: [{ status: "probe" }],
  time: [
    { receivedFrom: Date.UTC(2026, 1, 1), receivedTo: Date.UTC(2026, 1, 1, 1) },
    { receivedFrom: Date.UTC(2026, 1, 1) }
  ]
}

const combinations = Object.values(parts).reduce<ReadonlyArray<Filter>>(
  (all, choices) => all.flatMap((one) => [one, ...choices.map((choice) => ({ ...one, ...choice }))]),
  [{}]
).filter((filter) => Object.keys(filter).length > 0)

/** A log on SQLite with 2,000 events and a rare one, and the plans of the statements that it runs. */
const watchedLog = Effect.gen(function*() {
  const context = yield* Layer.build(SqliteStorage.layerClient({ filename: ":memory:" }))
  const sql = Context.get(context, SqlClient.SqlClient)
  const log = yield* Effect.provide(SqlEventLog.make(), context)
  yield* Effect.forEach(Array.from({ length: 2_000 }, (_, at) => newEvent(`${at}`)), log.append, {
    concurrency: 500,
    discard: true
  })
  yield* log.append({
    ...newEvent("rare"),
    connectionId: Ids.ConnectionId.make("con_rare"),
    trigger: "rare",
    status: "probe",
    receivedAt: "2026-02-01T00:30:00.000Z",
    event: JSON.stringify({ messageId, recipient: "Rare@example.com", tag: "rare" })
  })
  const plans: Array<string> = []
  // The same client, whose connections explain each statement before they run it.
  const reserve = Effect.map(sql.reserve, (connection) => {
    const execute: typeof connection.execute = (text, values, transform) =>
      Effect.zipRight(
        Effect.map(
          connection.execute(`EXPLAIN QUERY PLAN ${text}`, values, undefined),
          (plan) => plans.push(...Schema.decodeUnknownSync(Plan)(plan).map(({ detail }) => detail))
        ),
        connection.execute(text, values, transform)
      )
    return new Proxy(connection, {
      get: (target, name) => name === "execute" ? execute : Reflect.get(target, name, target)
    })
  })
  const watched = yield* Effect.provideService(
    SqlEventLog.make(),
    SqlClient.SqlClient,
    new Proxy(sql, {
      get: (target, name) => name === "reserve" ? reserve : Reflect.get(target, name, target)
    })
  )
  return { log: watched, plans }
})

const pages: ReadonlyArray<Pick<EventLog.ReadOptions, "before" | "order">> = [
  { order: "oldest" },
  { order: "oldest", before: 1_000_000 },
  { order: "newest" },
  { order: "newest", before: 1_000_000 }
]

describe("reading the log on SQLite", () => {
  it.scoped(
    `scans nothing and sorts nothing, through any of ${combinations.length} combinations of filters`,
    () =>
      Effect.gen(function*() {
        const { log, plans } = yield* watchedLog
        for (const filter of combinations) {
          for (const order of ["oldest", "newest"] as const) {
            const found = yield* log.read({ after: 0, limit: 100, order, ...filter })
            const name = `${order} ${JSON.stringify(filter)}`
            assert.deepStrictEqual(found.map(({ identity }) => identity), ["rare"], name)
            const steps = plans.splice(0)
            const said = `${name}\n${steps.join("\n")}`
            assert.isFalse(steps.some((step) => /^SCAN postmark_|TEMP B-TREE/.test(step)), said)
            assert.isTrue(steps.some((step) => step.startsWith("SEARCH postmark_events ")), said)
          }
        }
      }),
    60_000
  )

  it.scoped.each(
    [
      ["INTEGER PRIMARY KEY (rowid>?", {}],
      ["INTEGER PRIMARY KEY (rowid>?", { status: "decoded" }],
      ["postmark_events_by_message", { messageId, recipient: "a@example.com", connections: ["a"] }],
      ["postmark_events_by_recipient", { recipient: "a@example.com", tag: "a", connections: ["a", "b"] }],
      ["postmark_events_status", { status: "unknown", tag: "a" }],
      ["postmark_events_connection_status", { status: "partial", connections: ["a"], trigger: "b" }],
      ["postmark_events_by_tag", { tag: "a", trigger: "b" }],
      ["postmark_events_connection_tag", { tag: "a", trigger: ["b", "c"], connections: ["a", "b"] }],
      ["postmark_events_trigger", { trigger: ["b", "c"] }],
      ["postmark_events_connection_trigger", { trigger: "b", connections: ["a", "b"] }],
      ["postmark_events_connection (", { connections: ["a"], status: "decoded" }],
      ["postmark_events_connection_tag (connection_id=? AND tag=? AND sequence>?", { tag: "a", connections: ["a"] }],
      ["postmark_events_by_tag", { tag: "a", connections: Array.from({ length: 300 }, (_, at) => `${at}`) }],
      ["INTEGER PRIMARY KEY (rowid>?", { connections: Array.from({ length: 300 }, (_, at) => `${at}`) }]
    ] satisfies ReadonlyArray<readonly [string, Filter]>
  )("searches %s in each order", ([index, filter]) =>
    Effect.gen(function*() {
      const { log, plans } = yield* watchedLog
      for (const page of pages) {
        yield* log.read({ after: 0, limit: 100, ...page, ...filter })
        const steps = plans.splice(0)
        const searches = steps.filter((step) => /^SEARCH postmark_events .*[<>]/.test(step))
        assert.isAbove(searches.length, 0, steps.join("\n"))
        for (const search of searches) assert.include(search, ` ${index}`)
      }
    }))

  it.scoped("finds the mentions of messages by their index", () =>
    Effect.gen(function*() {
      const { log, plans } = yield* watchedLog
      yield* log.mentions("con_1", ["m1", "m2"])
      assert.deepStrictEqual(plans, [
        "SEARCH postmark_events USING INDEX postmark_events_by_message (message_id=?)"
      ])
    }))
})
