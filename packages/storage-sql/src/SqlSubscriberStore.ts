/**
 * The open and given-up events of subscribers in a SQL database, and the leases of the processes that work for them.
 *
 * @since 0.1.0
 */
import {
  Row,
  type RowState,
  type Selection,
  type Service,
  type Settlement,
  SubscriberStore,
  type Subscription
} from "@effect-postmark/core/SubscriberStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A subscriber store on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "subscriber")
  const columns = sql.literal(
    `subscriber, trigger_id AS "trigger", sequence, connection_id AS "connectionId", event_key AS "key",
      received_at AS "receivedAt", state, attempts, due_at AS "dueAt", failure, first_tried_at AS "firstTriedAt",
      last_tried_at AS "lastTriedAt", settled_at AS "settledAt"`
  )
  const lockRow = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE`, orElse: () => sql.literal("") })
  const skipLocked = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE SKIP LOCKED`, orElse: () => sql.literal("") })

  /**
   * On PostgreSQL, a replay and an outcome that do not see each other's rows could both leave the next row of a key to the
   * other. SQLite runs one transaction at a time.
   */
  const alone = ({ subscriber, trigger }: Subscription) =>
    sql.onDialectOrElse({
      pg: () =>
        Effect.asVoid(
          sql`SELECT pg_advisory_xact_lock(${lockClass}::int, hashtext(${JSON.stringify([subscriber, trigger])}))`
        ),
      orElse: () => Effect.void
    })

  const isOf = ({ subscriber, trigger }: Subscription) =>
    sql.and([sql`subscriber = ${subscriber}`, sql`trigger_id = ${trigger}`])

  const selected = (selection: Selection, states: ReadonlyArray<RowState>) =>
    sql.and([
      isOf(selection),
      sql.in("state", states),
      sql`sequence > ${selection.after}`,
      ...(selection.sequences === undefined ? [] : [sql.in("sequence", selection.sequences)]),
      ...(selection.connections === undefined ? [] : [sql.in("connection_id", selection.connections)]),
      ...(selection.from === undefined ? [] : [sql`received_at >= ${selection.from}`]),
      ...(selection.to === undefined ? [] : [sql`received_at < ${selection.to}`])
    ])

  const isEmpty = ({ connections, limit, sequences }: Selection) =>
    limit < 1 || sequences?.length === 0 || connections?.length === 0

  const toRow = ({ subscriber, trigger }: Subscription, row: Exclude<Settlement, { state: "done" }>) => ({
    subscriber,
    trigger_id: trigger,
    sequence: row.sequence,
    connection_id: row.connectionId,
    event_key: row.key,
    received_at: row.receivedAt,
    state: row.state === "pending" && row.key !== null ? "waiting" : row.state,
    attempts: row.attempts,
    due_at: row.dueAt,
    failure: row.failure,
    first_tried_at: row.firstTriedAt,
    last_tried_at: row.lastTriedAt,
    settled_at: row.settledAt
  })

  const promote = (subscription: Subscription, keys: ReadonlyArray<string>) =>
    Effect.forEach(
      keys,
      (key) =>
        sql`UPDATE postmark_subscriber_rows SET state = 'pending' WHERE ${isOf(subscription)} AND sequence = (
          SELECT min(sequence) FROM postmark_subscriber_rows
          WHERE ${isOf(subscription)} AND event_key = ${key} AND state = 'waiting'
        ) AND NOT EXISTS (
          SELECT 1 FROM postmark_subscriber_rows
          WHERE ${isOf(subscription)} AND event_key = ${key} AND state = 'pending'
        )`,
      { discard: true }
    )

  const openKeys = (subscription: Subscription, keys: ReadonlyArray<string>) =>
    keys.length === 0 ? Effect.succeed([]) : sql`SELECT DISTINCT event_key AS "key" FROM postmark_subscriber_rows
        WHERE ${isOf(subscription)} AND ${sql.in("event_key", keys)} AND state IN ('pending', 'waiting')`.pipe(
      Effect.flatMap(decodeKeys),
      Effect.map((rows) => rows.map(({ key }) => key))
    )

  const hold: Service["hold"] = ({ expired, owner, subscriber, trigger }) =>
    run(
      "hold",
      sql`INSERT INTO postmark_subscriber_leases (subscriber, trigger_id, owner, beat)
        VALUES (${subscriber}, ${trigger}, ${owner}, 1)
        ON CONFLICT (subscriber, trigger_id) DO UPDATE
        SET owner = excluded.owner, beat = postmark_subscriber_leases.beat + 1
        WHERE postmark_subscriber_leases.owner = excluded.owner
          OR (postmark_subscriber_leases.owner = ${expired?.owner ?? ""}
            AND postmark_subscriber_leases.beat = ${expired?.beat ?? 0})
        RETURNING owner, beat`.pipe(
        Effect.flatMap((rows) =>
          rows.length > 0 ? Effect.succeed(rows) : sql`SELECT owner, beat FROM postmark_subscriber_leases
            WHERE subscriber = ${subscriber} AND trigger_id = ${trigger}`
        ),
        Effect.flatMap(decodeLeases)
      )
    ).pipe(
      // It was given back between the two statements.
      Effect.flatMap(([lease]) =>
        lease === undefined ? hold({ expired, owner, subscriber, trigger }) : Effect.succeed(lease)
      )
    )

  return {
    hold,
    release: ({ owner, ...subscription }) =>
      run(
        "release",
        Effect.asVoid(
          sql`DELETE FROM postmark_subscriber_leases WHERE ${isOf(subscription)} AND owner = ${owner}`
        )
      ),
    standing: ({ keys, sequences, ...subscription }) =>
      run(
        "standing",
        Effect.gen(function*() {
          const found = sequences.length === 0 ? [] : yield* sql`SELECT sequence FROM postmark_subscriber_rows
            WHERE ${isOf(subscription)} AND ${sql.in("sequence", sequences)}`.pipe(Effect.flatMap(decodeSequences))
          return {
            sequences: found.map(({ sequence }) => sequence),
            keys: yield* openKeys(subscription, [...new Set(keys)])
          }
        })
      ),
    nextDue: (subscription) =>
      run(
        "nextDue",
        Effect.map(
          Effect.flatMap(
            sql`SELECT min(due_at) AS "dueAt" FROM postmark_subscriber_rows
              WHERE ${isOf(subscription)} AND state = 'pending'`,
            decodeNextDue
          ),
          ([{ dueAt }]) => dueAt
        )
      ),
    due: ({ limit, now, ...subscription }) =>
      limit < 1 ? Effect.succeed([]) : run(
        "due",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_subscriber_rows
            WHERE ${isOf(subscription)} AND state = 'pending' AND due_at <= ${now}
            ORDER BY due_at, sequence LIMIT ${limit}`,
          (rows) => decodeRows(rows)
        )
      ),
    settle: ({ owner, settlements, ...subscription }) =>
      run.transaction(
        "settle",
        Effect.gen(function*() {
          yield* alone(subscription)
          const held = yield* sql`SELECT 1 FROM postmark_subscriber_leases
            WHERE ${isOf(subscription)} AND owner = ${owner} ${lockRow}`
          if (held.length === 0) return null
          const done = settlements.flatMap(({ sequence, state }) => state === "done" ? [sequence] : [])
          const rows = settlements.flatMap((one) => one.state === "done" ? [] : [toRow(subscription, one)])
          if (done.length > 0) {
            yield* sql`DELETE FROM postmark_subscriber_rows WHERE ${isOf(subscription)} AND ${sql.in("sequence", done)}`
          }
          if (rows.length > 0) {
            yield* sql`INSERT INTO postmark_subscriber_rows ${sql.insert(rows)}
              ON CONFLICT (subscriber, trigger_id, sequence) DO UPDATE SET state = excluded.state,
                attempts = excluded.attempts, due_at = excluded.due_at, failure = excluded.failure,
                first_tried_at = excluded.first_tried_at, last_tried_at = excluded.last_tried_at,
                settled_at = excluded.settled_at`
          }
          const keys = [...new Set(settlements.flatMap(({ key }) => key === null ? [] : [key]))]
          yield* promote(subscription, keys)
          return yield* openKeys(subscription, keys)
        })
      ),
    list: ({ states, ...selection }) =>
      isEmpty(selection) || states.length === 0 ? Effect.succeed([]) : run(
        "list",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_subscriber_rows WHERE ${selected(selection, states)}
            ORDER BY sequence LIMIT ${selection.limit}`,
          (rows) => decodeRows(rows)
        )
      ),
    counts: run(
      "counts",
      Effect.map(
        Effect.flatMap(
          sql`SELECT subscriber, trigger_id AS "trigger",
              sum(CASE state WHEN 'dead' THEN 0 ELSE 1 END) AS "open",
              sum(CASE state WHEN 'dead' THEN 1 ELSE 0 END) AS "dead"
            FROM postmark_subscriber_rows GROUP BY subscriber, trigger_id`,
          decodeCounts
        ),
        (counts) => counts.toSorted((a, b) => compare(a.subscriber, b.subscriber) || compare(a.trigger, b.trigger))
      )
    ),
    replay: (selection) =>
      isEmpty(selection) ? Effect.succeed([]) : run.transaction(
        "replay",
        Effect.gen(function*() {
          yield* alone(selection)
          const rows = yield* sql`UPDATE postmark_subscriber_rows
            SET state = CASE WHEN event_key IS NULL THEN 'pending' ELSE 'waiting' END, attempts = 0, due_at = 0,
              settled_at = NULL
            WHERE ${isOf(selection)} AND sequence IN (
              SELECT sequence FROM postmark_subscriber_rows WHERE ${selected(selection, ["dead"])}
              ORDER BY sequence LIMIT ${selection.limit}
            ) RETURNING sequence, event_key AS "key"`.pipe(Effect.flatMap(decodeReplayed))
          yield* promote(selection, [...new Set(rows.flatMap(({ key }) => key === null ? [] : [key]))])
          return rows.map(({ sequence }) => sequence).sort((a, b) => a - b)
        })
      ),
    discard: (selection) =>
      isEmpty(selection) ? Effect.succeed([]) : run.transaction(
        "discard",
        Effect.gen(function*() {
          yield* alone(selection)
          const rows = yield* sql`DELETE FROM postmark_subscriber_rows
            WHERE ${isOf(selection)} AND sequence IN (
              SELECT sequence FROM postmark_subscriber_rows WHERE ${selected(selection, ["dead"])}
              ORDER BY sequence LIMIT ${selection.limit}
            ) RETURNING sequence`.pipe(Effect.flatMap(decodeSequences))
          return rows.map(({ sequence }) => sequence).sort((a, b) => a - b)
        })
      ),
    prune: ({ before, limit }) =>
      limit < 1 ? Effect.succeed(0) : run(
        "prune",
        Effect.map(
          sql`DELETE FROM postmark_subscriber_rows WHERE (subscriber, trigger_id, sequence) IN (
            SELECT subscriber, trigger_id, sequence FROM postmark_subscriber_rows WHERE settled_at < ${before}
            ORDER BY settled_at LIMIT ${limit} ${skipLocked}
          ) RETURNING 1`,
          (rows) => rows.length
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SubscriberStore, never, SqlClient.SqlClient> = Layer.effect(SubscriberStore, make)

/** "EPmk" */
const lockClass = 0x45506d6b

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0

const decodeRows = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      ...Row.fields,
      sequence: Integer,
      attempts: Integer,
      dueAt: Integer,
      firstTriedAt: Schema.NullOr(Integer),
      lastTriedAt: Schema.NullOr(Integer),
      settledAt: Schema.NullOr(Integer)
    })
  )
)
const decodeKeys = Schema.decodeUnknown(Schema.Array(Schema.Struct({ key: Schema.String })))
const decodeSequences = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sequence: Integer })))
const decodeReplayed = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ sequence: Integer, key: Schema.NullOr(Schema.String) }))
)
const decodeNextDue = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ dueAt: Schema.NullOr(Integer) })))
const decodeLeases = Schema.decodeUnknown(Schema.Array(Schema.Struct({ owner: Schema.String, beat: Integer })))
const decodeCounts = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ subscriber: Schema.String, trigger: Schema.String, open: Integer, dead: Integer }))
)
