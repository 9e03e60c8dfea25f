/**
 * The outbox of relayed events in a SQL database. On PostgreSQL any number of processes claim rows side by side.
 *
 * @since 0.1.0
 */
import {
  Attempt,
  Claimed,
  Delivery,
  DeliveryStore,
  type Selection,
  type Service
} from "@effect-postmark/core/DeliveryStore"
import { StoredTarget } from "@effect-postmark/core/RelayTarget"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import { rewriter } from "./internal/rewriting.ts"
import * as Settling from "./internal/settling.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * An outbox on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "delivery")
  const target = sql.literal(
    `t.id, t.connection_id AS "connectionId", t.trigger_id AS "trigger", t.url, t.created_at AS "createdAt", t.state,
      t.disabled_reason AS "disabledReason", t.disabled_at AS "disabledAt", t.failing_since AS "failingSince",
      t.current_secret AS "currentSecret", t.previous_secret AS "previousSecret"`
  )
  const delivery = sql.literal(
    `target_id AS "targetId", sequence, state, attempts, due_at AS "dueAt", received_at AS "receivedAt",
      settled_at AS "settledAt"`
  )
  // SQLite has one writer, and no other way to wait for a row.
  const skipLocked = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE SKIP LOCKED`, orElse: () => sql.literal("") })
  const lockRows = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE`, orElse: () => sql.literal("") })

  const selected = ({ after, from, sequences, states, targetId, to }: Selection) =>
    sql.and([
      sql`target_id = ${targetId}`,
      sql.in("state", states),
      sql`sequence > ${after}`,
      ...(sequences === undefined ? [] : [sql.in("sequence", sequences)]),
      ...(from === undefined ? [] : [sql`received_at >= ${from}`]),
      ...(to === undefined ? [] : [sql`received_at < ${to}`])
    ])

  const isEmpty = ({ limit, sequences, states }: Selection) =>
    limit < 1 || states.length === 0 || sequences?.length === 0

  const changed = (operation: string, statement: Statement<object>) =>
    run(operation, Effect.map(statement, (rows) => rows.length > 0))

  const claimOne = (
    { limit, targetId }: { readonly limit: number; readonly targetId: string },
    { lease, leaseUntil, now }: { readonly lease: string; readonly leaseUntil: number; readonly now: number }
  ) =>
    sql`WITH picked AS MATERIALIZED (
        SELECT target_id AS picked_target, sequence AS picked_sequence FROM postmark_relay_deliveries
        WHERE target_id = ${targetId} AND state = 'pending' AND due_at <= ${now}
          AND EXISTS (SELECT 1 FROM postmark_relay_targets WHERE id = ${targetId} AND state = 'active')
        ORDER BY due_at, sequence LIMIT ${limit} ${skipLocked}
      )
      UPDATE postmark_relay_deliveries AS d SET due_at = ${leaseUntil}, lease = ${lease}
      FROM picked WHERE d.target_id = picked_target AND d.sequence = picked_sequence
      RETURNING target_id AS "targetId", sequence, attempts`.pipe(Effect.flatMap(decodePicked))

  return {
    insertTarget: (given) =>
      changed(
        "insertTarget",
        sql`INSERT INTO postmark_relay_targets ${
          sql.insert({
            id: given.id,
            connection_id: given.connectionId,
            trigger_id: given.trigger,
            url: given.url,
            created_at: given.createdAt,
            state: given.state,
            disabled_reason: given.disabledReason,
            disabled_at: given.disabledAt,
            failing_since: given.failingSince,
            current_secret: given.currentSecret,
            previous_secret: given.previousSecret
          })
        } ON CONFLICT DO NOTHING RETURNING id`
      ),
    getTarget: (id) =>
      run(
        "getTarget",
        sql`SELECT ${target} FROM postmark_relay_targets t WHERE t.id = ${id}`.pipe(
          Effect.flatMap(decodeTargets),
          Effect.map(Arr.head)
        )
      ),
    listTargets: (connectionId) =>
      run(
        "listTargets",
        Effect.flatMap(
          sql`SELECT ${target} FROM postmark_relay_targets t WHERE t.connection_id = ${connectionId} ORDER BY t.position`,
          (rows) => decodeTargets(rows)
        )
      ),
    setUrl: (id, url) =>
      changed(
        "setUrl",
        sql`UPDATE postmark_relay_targets SET url = ${url} WHERE id = ${id} AND NOT EXISTS (
          SELECT 1 FROM postmark_relay_targets other WHERE other.url = ${url} AND other.id <> postmark_relay_targets.id
            AND other.connection_id = postmark_relay_targets.connection_id
            AND other.trigger_id = postmark_relay_targets.trigger_id
        ) RETURNING id`
      ),
    setSecrets: (id, { current, previous }, expected) =>
      changed(
        "setSecrets",
        sql`UPDATE postmark_relay_targets SET current_secret = ${current}, previous_secret = ${previous}
          WHERE id = ${id} AND current_secret = ${expected} RETURNING id`
      ),
    resealSecrets: (id, { current, previous }, expected) =>
      changed(
        "resealSecrets",
        sql`UPDATE postmark_relay_targets SET current_secret = ${current}, previous_secret = ${previous}
          WHERE id = ${id} AND current_secret = ${expected.current}
            AND previous_secret IS NOT DISTINCT FROM ${expected.previous} RETURNING id`
      ),
    disable: (id, { at, reason }) =>
      changed(
        "disable",
        sql`UPDATE postmark_relay_targets SET state = 'disabled', disabled_reason = ${reason}, disabled_at = ${at}
          WHERE id = ${id} AND state = 'active' RETURNING id`
      ),
    enable: (id) =>
      changed(
        "enable",
        sql`UPDATE postmark_relay_targets SET state = 'active', disabled_reason = NULL, disabled_at = NULL,
          failing_since = NULL WHERE id = ${id} AND state = 'disabled' RETURNING id`
      ),
    // The target goes first: an event that is stored meanwhile then writes no row that nobody would remove.
    removeTarget: (id) =>
      run.transaction(
        "removeTarget",
        Effect.gen(function*() {
          const removed = yield* sql`DELETE FROM postmark_relay_targets WHERE id = ${id} RETURNING id`
          yield* sql`DELETE FROM postmark_relay_deliveries WHERE target_id = ${id}`
          yield* sql`DELETE FROM postmark_relay_attempts WHERE target_id = ${id}`
          return removed.length > 0
        })
      ),
    due: run(
      "due",
      sql`SELECT ${target}, (
          SELECT min(d.due_at) FROM postmark_relay_deliveries d WHERE d.target_id = t.id AND d.state = 'pending'
        ) AS "dueAt" FROM postmark_relay_targets t WHERE t.state = 'active' ORDER BY t.position`.pipe(
        Effect.flatMap(decodeDue),
        Effect.map((rows) => rows.map(({ dueAt, ...one }) => ({ target: one, dueAt })))
      )
    ),
    claim: ({ wanted, ...options }) =>
      run.transaction(
        "claim",
        Effect.gen(function*() {
          const picked = (yield* Effect.forEach(
            wanted.filter(({ limit }) => limit > 0),
            (one) => claimOne(one, options)
          )).flat()
          if (picked.length === 0) return []
          const events = yield* sql`SELECT sequence, connection_id AS "connectionId", trigger_id AS "trigger",
              received_at AS "receivedAt", event FROM postmark_events
            WHERE ${sql.in("sequence", [...new Set(picked.map(({ sequence }) => sequence))])}`.pipe(
            Effect.flatMap(decodeEvents),
            Effect.withTracerEnabled(false)
          )
          const bySequence = new Map(events.map((event) => [event.sequence, event]))
          return picked.flatMap((row) => {
            const event = bySequence.get(row.sequence)
            return event === undefined ? [] : [{ ...event, ...row }]
          })
        })
      ),
    settle: (settlements) =>
      settlements.length === 0
        ? Effect.succeed([])
        : run.transaction("settle", Effect.withTracerEnabled(Settling.write(sql, settlements), false)),
    list: (selection) =>
      isEmpty(selection) ? Effect.succeed([]) : run(
        "list",
        Effect.flatMap(
          sql`SELECT ${delivery} FROM postmark_relay_deliveries WHERE ${selected(selection)}
            ORDER BY sequence LIMIT ${selection.limit}`,
          (rows) => decodeDeliveries(rows)
        )
      ),
    replay: (selection) =>
      isEmpty(selection) ? Effect.succeed([]) : run(
        "replay",
        sql`WITH picked AS MATERIALIZED (
            SELECT target_id AS picked_target, sequence AS picked_sequence
            FROM postmark_relay_deliveries WHERE ${selected(selection)}
            ORDER BY sequence LIMIT ${selection.limit} ${lockRows}
          )
          UPDATE postmark_relay_deliveries AS d
          SET state = 'pending', attempts = 0, due_at = 0, settled_at = NULL, lease = NULL
          FROM picked WHERE d.target_id = picked_target AND d.sequence = picked_sequence
          RETURNING sequence`.pipe(
          Effect.flatMap(decodeSequences),
          Effect.map((rows) => rows.map(({ sequence }) => sequence).sort((a, b) => a - b))
        )
      ),
    attempts: (targetId, sequence) =>
      run(
        "attempts",
        sql`SELECT target_id AS "targetId", sequence, attempt, at, duration_ms AS "durationMs", status, failure, response
          FROM postmark_relay_attempts WHERE target_id = ${targetId} AND sequence = ${sequence}
          ORDER BY position DESC LIMIT 100`.pipe(
          Effect.flatMap(decodeAttempts),
          Effect.map((rows) => rows.toReversed())
        )
      ),
    prune: ({ before, limit, only }) =>
      Effect.zipWith(
        only === "deliveries" ? Effect.succeed([]) : run(
          "prune",
          sql`DELETE FROM postmark_relay_attempts WHERE position IN (
            SELECT position FROM postmark_relay_attempts WHERE at < ${before} ORDER BY at LIMIT ${limit} ${skipLocked}
          ) RETURNING 1`
        ),
        only === "attempts" ? Effect.succeed([]) : run(
          "prune",
          sql`DELETE FROM postmark_relay_deliveries WHERE (target_id, sequence) IN (
            SELECT target_id, sequence FROM postmark_relay_deliveries WHERE settled_at < ${before}
            ORDER BY settled_at LIMIT ${limit} ${skipLocked}
          ) RETURNING 1`
        ),
        (attempts, rows) => attempts.length + rows.length
      ),
    rewriteAttempts: rewriter(sql, run, {
      name: "postmark_relay_attempts",
      key: "position",
      columns: ["response"],
      ofConnection: (id) => sql`target_id IN (SELECT id FROM postmark_relay_targets WHERE connection_id = ${id})`
    })
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<DeliveryStore, never, SqlClient.SqlClient> = Layer.effect(DeliveryStore, make)

const Target = Schema.Struct({ ...StoredTarget.fields, failingSince: Schema.NullOr(Integer) })
const decodeTargets = Schema.decodeUnknown(Schema.Array(Target))
const decodeDue = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ ...Target.fields, dueAt: Schema.NullOr(Integer) }))
)
const decodePicked = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ targetId: Schema.String, sequence: Integer, attempts: Integer }))
)
const { connectionId, event, receivedAt, trigger } = Claimed.fields
const decodeEvents = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ connectionId, event, receivedAt, trigger, sequence: Integer }))
)
const decodeDeliveries = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      ...Delivery.fields,
      sequence: Integer,
      attempts: Integer,
      dueAt: Integer,
      settledAt: Schema.NullOr(Integer)
    })
  )
)
const decodeSequences = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sequence: Integer })))
const decodeAttempts = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      ...Attempt.fields,
      sequence: Integer,
      attempt: Integer,
      at: Integer,
      durationMs: Integer,
      status: Schema.NullOr(Integer)
    })
  )
)
