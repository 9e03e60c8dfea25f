/**
 * The event log in a SQL database. Appends that come at the same time are committed together; each is answered after its
 * commit.
 *
 * @since 0.1.0
 */
import {
  EventLog,
  Mention,
  mentionsLimit,
  type NewEvent,
  Quarantined,
  quarantineLimit,
  type Service,
  StoredEvent
} from "@effect-postmark/core/EventLog"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { appendLock } from "./internal/appendLock.ts"
import { isShared } from "./internal/driverCode.ts"
import * as EndedWaits from "./internal/endedWaits.ts"
import * as EventPeriods from "./internal/eventPeriods.ts"
import * as FanOut from "./internal/fanOut.ts"
import * as GroupCommit from "./internal/groupCommit.ts"
import * as InsertedEvents from "./internal/insertedEvents.ts"
import { Integer } from "./internal/integer.ts"
import * as LogPruning from "./internal/logPruning.ts"
import * as LogReading from "./internal/logReading.ts"
import { AsItIs, WithoutNul } from "./internal/nul.ts"
import { rewriter } from "./internal/rewriting.ts"
import * as Twins from "./internal/twins.ts"
import * as Untouched from "./internal/untouched.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * How many appends may wait for their commit. When more come, they fail with `StoreUnavailable` at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: 4,096. */
  readonly maxPending?: number | undefined
  /** The length of their events together, in characters. Default: 134,217,728. */
  readonly maxPendingLength?: number | undefined
  /** Emits when another process may have appended. */
  readonly elsewhere?: Stream.Stream<void> | undefined
}

/**
 * An event log on the tables that a storage layer such as `SqliteStorage` migrated. When its scope closes, the appends
 * that wait are written first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const run = StoreRunner.make(sql, "event")
    const changes = yield* Effect.acquireRelease(PubSub.sliding<void>(1), PubSub.shutdown)

    if (options.elsewhere !== undefined) {
      yield* Effect.forkScoped(Stream.runForEach(options.elsewhere, () => PubSub.publish(changes, undefined)))
    }

    const inserted = InsertedEvents.make(sql)
    const insertion = (group: ReadonlyArray<NewEvent>) =>
      Effect.flatMap(Twins.withoutKnown(sql, group), inserted).pipe(
        Effect.tap((rows) => FanOut.write(sql, rows.map(({ sequence }) => sequence))),
        Effect.tap((rows) => EndedWaits.write(sql, withEvents(rows, group))),
        Effect.tap((rows) => EventPeriods.write(sql, rows)),
        // The statement's text has a line per event: too long for a span.
        Effect.withTracerEnabled(false)
      )

    /**
     * PostgreSQL numbers an event before its commit, and processes commit in any order: a reader that has seen 8 would miss 7
     * when it comes late. The lock, held to the end of the transaction, makes the order of commits that of the numbers. It
     * also keeps the group's rows from a deadlock with another process's. The notice goes out with the commit.
     */
    const insert = sql.onDialectOrElse({
      pg: () => (group: ReadonlyArray<NewEvent>) =>
        run.transaction(
          "append",
          sql`SELECT pg_advisory_xact_lock(${appendLock})`.pipe(
            Effect.zipRight(insertion(group)),
            Effect.tap((rows) => rows.length > 0 ? sql`SELECT pg_notify(${channel}, '')` : Effect.void)
          )
        ),
      orElse: () => (group: ReadonlyArray<NewEvent>) => run.transaction("append", insertion(group))
    })

    const append = yield* GroupCommit.make<NewEvent, boolean, StoreUnavailable>({
      write: (group) =>
        insert(group).pipe(
          Effect.tap((rows) => rows.length > 0 ? PubSub.publish(changes, undefined) : Effect.void),
          Effect.map((rows) => {
            const stored = new Set(rows.map(toKey))
            // Deleted when it is answered: of two same events in a group, the first is the new one.
            return (event) => stored.delete(toKey(event))
          })
        ),
      weigh: (event) => event.raw.length + (event.event?.length ?? 0),
      isContention: (cause) => Option.exists(Cause.failureOption(cause), (error) => isShared(error.reason ?? "")),
      overloaded: () => new StoreUnavailable({ store: "event", operation: "append", reason: "overload" }),
      closed: () => new StoreUnavailable({ store: "event", operation: "append", reason: "closed" }),
      maxPending: options.maxPending ?? 4_096,
      maxPendingWeight: options.maxPendingLength ?? 134_217_728,
      groupSize: 256,
      groupWeight: 8_388_608
    })

    const pruning = LogPruning.make(sql, run)
    const text = sql.onDialectOrElse({ pg: () => WithoutNul, orElse: () => AsItIs })

    const columns = sql.literal(
      `sequence, connection_id AS "connectionId", identity, received_at AS "receivedAt", record_type AS "recordType",
        trigger_id AS "trigger", status, event, raw, source, message_id AS "messageId", recipient,
        possibly_duplicate AS "possiblyDuplicate"`
    )

    const page = LogReading.make(sql, columns)

    return {
      append,
      read: (options) =>
        options.limit < 1 || options.connections?.length === 0
          ? Effect.succeed([])
          : run("read", Effect.flatMap(page(options), (rows) => decodeEvents(rows))),
      mentions: (connectionId, messageIds) =>
        messageIds.length === 0 ? Effect.succeed([]) : run(
          "mentions",
          Effect.flatMap(
            sql`SELECT message_id AS "messageId", recipient, natural_key AS "naturalKey", occurred_at AS "occurredAt",
              trigger_id AS "trigger" FROM postmark_events
              WHERE ${sql.in("message_id", messageIds.slice(0, mentionsLimit))}
                AND ${Untouched.column(sql, "connection_id")} = ${connectionId}`,
            decodeMentions
          )
        ),
      quarantine: (entry) =>
        Effect.zipRight(
          run(
            "quarantine",
            sql`INSERT INTO postmark_quarantine ${
              sql.insert({
                connection_id: entry.connectionId,
                received_at: entry.receivedAt,
                reason: entry.reason,
                body: text.toColumn(entry.body)
              })
            }`
          ),
          run(
            "quarantine",
            Effect.asVoid(sql`DELETE FROM postmark_quarantine WHERE position <= (
              SELECT position FROM postmark_quarantine ORDER BY position DESC LIMIT 1 OFFSET ${quarantineLimit}
            )`)
          )
        ),
      latest: run(
        "latest",
        Effect.map(
          Effect.flatMap(LogPruning.latest(sql), decodeLatest),
          ([{ latest }]) => latest
        )
      ),
      quarantined: run(
        "quarantined",
        Effect.flatMap(
          sql`SELECT connection_id AS "connectionId", received_at AS "receivedAt", reason, body
            FROM postmark_quarantine ORDER BY position DESC LIMIT ${quarantineLimit}`,
          (rows) =>
            Effect.map(
              decodeQuarantined(rows),
              (entries) => entries.map((entry) => ({ ...entry, body: text.fromColumn(entry.body) }))
            )
        )
      ),
      prune: pruning.events,
      pruneBodies: pruning.bodies,
      pruneQuarantine: pruning.quarantine,
      rewrite: rewriter(sql, run, {
        name: "postmark_events",
        key: "sequence",
        columns: ["event", "raw", "recipient", "tag"],
        emptied: ["natural_key"],
        ofConnection: (id) => sql`connection_id = ${id}`
      }),
      rewriteQuarantine: rewriter(sql, run, {
        name: "postmark_quarantine",
        key: "position",
        columns: ["body"],
        ofConnection: (id) => sql`connection_id = ${id}`,
        text
      }),
      changes: Stream.fromPubSub(changes)
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<EventLog, never, SqlClient.SqlClient> = Layer.scoped(EventLog, make())

/**
 * Where PostgreSQL's NOTIFY says that events were appended.
 *
 * @since 0.1.0
 * @category constants
 */
export const channel = "effect_postmark_events"

// Ids of connections have no space.
const toKey = (key: Pick<InsertedEvents.Inserted, "connectionId" | "identity">): string =>
  `${key.connectionId} ${key.identity}`

/** The events of a group that were new. */
const withEvents = (
  rows: ReadonlyArray<InsertedEvents.Inserted>,
  group: ReadonlyArray<NewEvent>
): ReadonlyArray<EndedWaits.New> => {
  const byKey = new Map(group.map((event) => [toKey(event), event]))
  return rows.flatMap((row) => {
    const event = byKey.get(toKey(row))
    return event === undefined ? [] : [{ sequence: row.sequence, event }]
  })
}

const Flag = Schema.transform(Integer, Schema.Boolean, {
  strict: true,
  decode: (flag) => flag !== 0,
  encode: (flag) => flag ? 1 : 0
})
const decodeEvents = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ ...StoredEvent.fields, sequence: Integer, possiblyDuplicate: Flag }))
)
const decodeMentions = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ ...Mention.fields, occurredAt: Schema.NullOr(Integer) }))
)
const decodeLatest = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ latest: Integer })))

const decodeQuarantined = Schema.decodeUnknown(Schema.Array(Quarantined))
