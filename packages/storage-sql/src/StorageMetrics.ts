/**
 * What the stores measure, and what the database is asked for from time to time. Tags have few values; never an id.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * Whether the last look at the database succeeded: 1 or 0.
 *
 * @since 0.1.0
 * @category metrics
 */
export const up = Metric.gauge("postmark_store_up")

/**
 * The size of the database in bytes.
 *
 * @since 0.1.0
 * @category metrics
 */
export const databaseBytes = Metric.gauge("postmark_store_database_bytes")

/**
 * Events that wait for an attempt of the relay. More than 100,000 are not counted.
 *
 * @since 0.1.0
 * @category metrics
 */
export const outboxPending = Metric.gauge("postmark_relay_outbox_pending")

/**
 * How long the most overdue event has waited for an attempt, in seconds. It is 0 when nothing is due.
 *
 * @since 0.1.0
 * @category metrics
 */
export const outboxAge = Metric.gauge("postmark_relay_outbox_age_seconds")

/**
 * Bulk runs that have not finished, by `state`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const openRuns = Metric.gauge("postmark_runs_open")

/**
 * Asks the database for the gauges. Several servers on one database have the same values: take their maximum, not their
 * sum.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Effect.Effect<void, StoreUnavailable>, never, SqlClient.SqlClient> = Effect.map(
  SqlClient.SqlClient,
  (sql) => {
    const run = StoreRunner.make(sql, "metrics")
    const states = new Set<string>()
    // Each part is bounded by what is open, never by what is stored.
    const outbox = Effect.flatMap(
      sql`SELECT
          (SELECT count(*) FROM (
            SELECT 1 FROM postmark_relay_deliveries WHERE state = 'pending' LIMIT 100000
          ) AS waiting) AS pending,
          (SELECT min(due) FROM (
            SELECT (
              SELECT min(d.due_at) FROM postmark_relay_deliveries d WHERE d.target_id = t.id AND d.state = 'pending'
            ) AS due FROM postmark_relay_targets t WHERE t.state = 'active'
          ) AS earliest) AS "dueAt"`,
      decodeOutbox
    )
    const runs = Effect.flatMap(
      sql`SELECT state, count(*) AS count FROM postmark_runs WHERE finished_at IS NULL GROUP BY state`,
      decodeRuns
    )
    const size = Effect.flatMap(
      sql.onDialectOrElse({
        pg: () => sql`SELECT pg_database_size(current_database()) AS bytes`,
        orElse: () => sql`SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`
      }),
      decodeSize
    )
    return Effect.gen(function*() {
      const [{ dueAt, pending }] = yield* run("outbox", outbox)
      const open = yield* run("runs", runs)
      const [{ bytes }] = yield* run("size", size)
      const now = yield* Clock.currentTimeMillis
      yield* Metric.set(outboxPending, pending)
      yield* Metric.set(outboxAge, dueAt === null ? 0 : Math.max(now - dueAt, 0) / 1_000)
      yield* Metric.set(databaseBytes, bytes)
      for (const { state } of open) states.add(state)
      for (const state of states) {
        const count = open.find((row) => row.state === state)?.count ?? 0
        yield* Metric.set(Metric.tagged(openRuns, "state", state), count)
      }
    }).pipe(
      Effect.tapBoth({ onSuccess: () => Metric.set(up, 1), onFailure: () => Metric.set(up, 0) })
    )
  }
)

/**
 * Sets the gauges for the life of the layer. Default: every 15 seconds.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  interval: Duration.DurationInput = "15 seconds"
): Layer.Layer<never, never, SqlClient.SqlClient> =>
  Layer.scopedDiscard(
    Effect.flatMap(make, (sample) =>
      Effect.exit(sample).pipe(Effect.repeat(Schedule.spaced(interval)), Effect.forkScoped))
  )

const decodeOutbox = Schema.decodeUnknown(
  Schema.Tuple(Schema.Struct({ pending: Integer, dueAt: Schema.NullOr(Integer) }))
)
const decodeRuns = Schema.decodeUnknown(Schema.Array(Schema.Struct({ state: Schema.String, count: Integer })))
const decodeSize = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ bytes: Integer })))
