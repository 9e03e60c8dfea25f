import { type EventLog, Ids } from "@effect-postmark/core"
import { SqlEventLog, SqliteStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { newEvent } from "./kit.ts"

const Plan = Schema.Array(Schema.Struct({ detail: Schema.String }))

const filters: Readonly<Record<string, Omit<EventLog.ReadOptions, "after" | "limit">>> = {
  "a trigger": { trigger: "rare" },
  "a connection": { connections: ["con_rare"] },
  "a connection and a trigger": { connections: ["con_rare"], trigger: "rare" },
  "several connections": { connections: ["con_rare", "con_none"] },
  "several connections and a trigger": { connections: ["con_rare", "con_none"], trigger: "rare" }
}

describe("a filtered read", () => {
  for (const [name, filter] of Object.entries(filters)) {
    it.scoped(`of ${name} searches an index and sorts nothing it does not return`, () =>
      Effect.gen(function*() {
        const context = yield* Layer.build(SqliteStorage.layerClient({ filename: ":memory:" }))
        const sql = Context.get(context, SqlClient.SqlClient)
        const log = yield* Effect.provide(SqlEventLog.make(), context)
        yield* Effect.forEach(Array.from({ length: 3_000 }, (_, at) => newEvent(`${at}`)), log.append, {
          concurrency: 500,
          discard: true
        })
        const rare = { ...newEvent("rare"), connectionId: Ids.ConnectionId.make("con_rare"), trigger: "rare" }
        yield* log.append(rare)
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
        yield* watched.mentions("con_1", ["m1", "m2"])
        assert.deepStrictEqual(plans.splice(0), [
          "SEARCH postmark_events USING INDEX postmark_events_message (connection_id=? AND message_id=?)"
        ])
        const found = yield* watched.read({ after: 0, limit: 100, ...filter })
        assert.deepStrictEqual(found.map(({ identity }) => identity), ["rare"])
        assert.deepStrictEqual(plans.filter((step) => step.startsWith("SCAN postmark_events")), [])
        assert.isTrue(plans.some((step) => /USING INDEX postmark_events_/.test(step)), plans.join("\n"))
      }))
  }
})
