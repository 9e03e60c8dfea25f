/**
 * Durable waits in a SQL database. The event log on the same database ends them.
 *
 * @since 0.1.0
 */
import { StoredEvent } from "@effect-postmark/core/EventLog"
import { messageIdFrom } from "@effect-postmark/core/Ids"
import {
  type Criteria,
  isEndedBy,
  type Service,
  StoredWait,
  triggers,
  type Wait,
  WaitStore
} from "@effect-postmark/core/WaitStore"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { appendLock } from "./internal/appendLock.ts"
import * as EndedWaits from "./internal/endedWaits.ts"
import { Integer } from "./internal/integer.ts"
import { rewriter } from "./internal/rewriting.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * Waits on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "wait")
  const columns = sql.literal(
    `id, connection_id AS "connectionId", message_id AS "messageId", recipient, kind, deadline, workflow, token, state,
      pokes, ended_at AS "endedAt", sequence, trigger_id AS "trigger", received_at AS "receivedAt", event`
  )
  // SQLite has one writer, and no other way to wait for a row.
  const skipLocked = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE SKIP LOCKED`, orElse: () => sql.literal("") })

  /**
   * An event that is stored while a wait is registered must not miss it: the wait would not see the event, nor the event
   * the wait. So neither happens during the other.
   */
  const withoutAppends = sql.onDialectOrElse({
    pg: () => Effect.asVoid(sql`SELECT pg_advisory_xact_lock_shared(${appendLock})`),
    orElse: () => Effect.void
  })

  const found = (id: string) =>
    Effect.flatMap(sql`SELECT ${columns} FROM postmark_waits WHERE id = ${id}`, (rows) => decodeWaits(rows))

  const earlier = (wait: Criteria) =>
    sql`SELECT sequence, connection_id AS "connectionId", received_at AS "receivedAt", trigger_id AS "trigger", status, event
      FROM postmark_events
      WHERE connection_id = ${wait.connectionId} AND message_id = ${messageIdFrom(wait.messageId)}
        AND ${sql.in("trigger_id", triggers)} AND status = 'decoded'
      ORDER BY sequence`.pipe(
      Effect.flatMap(decodeEvents),
      Effect.map((events) => events.find((event) => isEndedBy(wait, event)))
    )

  const count = (operation: string, statement: Statement<object>) =>
    run(operation, Effect.map(statement, (rows) => rows.length))

  return {
    register: (wait) =>
      Effect.flatMap(
        run.transaction(
          "register",
          Effect.gen(function*() {
            yield* withoutAppends
            const inserted = yield* sql`INSERT INTO postmark_waits ${sql.insert(toRow(wait))}
              ON CONFLICT (id) DO NOTHING RETURNING id`
            if (inserted.length > 0) {
              const event = yield* earlier(wait)
              if (event !== undefined) {
                yield* EndedWaits.end(sql, wait.id, yield* Clock.currentTimeMillis, { event, sequence: event.sequence })
              }
            }
            return yield* found(wait.id)
          })
        ),
        ([stored]) =>
          stored === undefined ? Effect.dieMessage("a registered wait is not there") : Effect.succeed(stored)
      ),
    get: (id) => run("get", Effect.map(found(id), Arr.head)),
    find: (wait) =>
      run(
        "find",
        Effect.map(earlier(wait), (event) =>
          Option.map(Option.fromNullable(event), ({ event, receivedAt, sequence, trigger }) => ({
            sequence,
            trigger: trigger ?? "",
            receivedAt,
            json: event ?? "null"
          })))
      ),
    ended: (ids) =>
      ids.length === 0 ? Effect.succeed([]) : run(
        "ended",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_waits WHERE state <> 'waiting' AND ${sql.in("id", ids)}`,
          (rows) => decodeWaits(rows)
        )
      ),
    expire: ({ limit, now }) =>
      count(
        "expire",
        sql`WITH picked AS MATERIALIZED (
            SELECT position AS picked FROM postmark_waits WHERE state = 'waiting' AND due_at <= ${now}
            ORDER BY due_at LIMIT ${limit} ${skipLocked}
          )
          UPDATE postmark_waits SET state = 'ended', due_at = 0, ended_at = ${now}
          FROM picked WHERE position = picked AND state = 'waiting' RETURNING 1`
      ),
    claim: ({ limit, now, pokeAfter, workflows }) =>
      workflows.length === 0 ? Effect.succeed([]) : run(
        "claim",
        sql`WITH picked AS MATERIALIZED (
            SELECT position AS picked FROM postmark_waits
            WHERE state = 'ended' AND workflow IS NOT NULL AND due_at <= ${now} AND ${sql.in("workflow", workflows)}
            ORDER BY due_at LIMIT ${limit} ${skipLocked}
          )
          UPDATE postmark_waits SET pokes = pokes + 1, due_at = CAST(${now} AS BIGINT)
            + CAST(${pokeAfter} AS BIGINT) * CASE WHEN pokes < 60 THEN pokes + 1 ELSE 60 END
          FROM picked WHERE position = picked RETURNING ${columns}`.pipe(Effect.flatMap(decodeWaits))
      ),
    consume: (id) =>
      Effect.map(
        count(
          "consume",
          sql`UPDATE postmark_waits SET state = 'consumed' WHERE id = ${id} AND state = 'ended' RETURNING 1`
        ),
        (rows) => rows > 0
      ),
    remove: (id) =>
      Effect.map(count("remove", sql`DELETE FROM postmark_waits WHERE id = ${id} RETURNING 1`), (rows) => rows > 0),
    prune: ({ before, limit }) =>
      count(
        "prune",
        sql`DELETE FROM postmark_waits WHERE position IN (
          SELECT position FROM postmark_waits WHERE ended_at < ${before} ORDER BY ended_at LIMIT ${limit} ${skipLocked}
        ) RETURNING 1`
      ),
    rewrite: rewriter(sql, run, {
      name: "postmark_waits",
      key: "position",
      columns: ["recipient", "event"],
      ofConnection: (id) => sql`connection_id = ${id}`
    })
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WaitStore, never, SqlClient.SqlClient> = Layer.effect(WaitStore, make)

const toRow = (wait: Wait) => ({
  id: wait.id,
  connection_id: wait.connectionId,
  message_id: messageIdFrom(wait.messageId),
  recipient: wait.recipient,
  kind: wait.kind,
  deadline: wait.deadline,
  workflow: wait.waker?.workflow ?? null,
  token: wait.waker?.token ?? null,
  state: "waiting",
  due_at: wait.deadline,
  pokes: 0
})

const { connectionId, id, kind, messageId, recipient, state } = StoredWait.fields
const text = Schema.NullOr(Schema.String)
const Row = Schema.Struct({
  connectionId,
  id,
  kind,
  messageId,
  recipient,
  state,
  deadline: Integer,
  pokes: Integer,
  endedAt: Schema.NullOr(Integer),
  workflow: text,
  token: text,
  sequence: Schema.NullOr(Integer),
  trigger: text,
  receivedAt: text,
  event: text
})

const decodeRows = Schema.decodeUnknown(Schema.Array(Row))

const decodeWaits = (rows: unknown) =>
  Effect.map(
    decodeRows(rows),
    (found) =>
      found.map(({ event, receivedAt, sequence, token, trigger, workflow, ...wait }): StoredWait => ({
        ...wait,
        waker: workflow === null || token === null ? null : { workflow, token },
        event: sequence === null || trigger === null || receivedAt === null || event === null
          ? null
          : { sequence, trigger, receivedAt, json: event }
      }))
  )

const About = StoredEvent.pick("connectionId", "event", "receivedAt", "status", "trigger")
const decodeEvents = Schema.decodeUnknown(Schema.Array(Schema.Struct({ ...About.fields, sequence: Integer })))
