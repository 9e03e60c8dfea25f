/** The migrations, in order. A migration that was released is never changed: add one. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { StorageUnusable } from "../StorageUnusable.ts"
import { rootOf } from "./driverCode.ts"
import { Integer } from "./integer.ts"
import { accessControl } from "./migrations/accessControl.ts"
import { eventFilters } from "./migrations/eventFilters.ts"
import { eventsByTrigger } from "./migrations/eventsByTrigger.ts"
import { gapFill } from "./migrations/gapFill.ts"
import { idempotency } from "./migrations/idempotency.ts"
import { ports } from "./migrations/ports.ts"
import { relay } from "./migrations/relay.ts"
import { retention } from "./migrations/retention.ts"
import { runs } from "./migrations/runs.ts"
import { subscribers } from "./migrations/subscribers.ts"
import { tasks } from "./migrations/tasks.ts"
import { waits } from "./migrations/waits.ts"

const table = "effect_postmark_migrations"

const migrations = {
  "0001_ports": ports,
  "0002_events_by_trigger": eventsByTrigger,
  "0003_relay": relay,
  "0004_retention": retention,
  "0005_subscribers": subscribers,
  "0006_runs": runs,
  "0007_gap_fill": gapFill,
  "0008_waits": waits,
  "0009_idempotency": idempotency,
  "0010_event_filters": eventFilters,
  "0011_access_control": accessControl,
  "0012_tasks": tasks
}

/** The number of the last migration. */
export const latest = Object.keys(migrations).length

const run = Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })

/** Creates what is missing, and refuses tables of a newer version. `explain` names the obstacle of a driver's failure. */
export const migrate = (
  filename: string,
  client: SqlClient.SqlClient,
  explain: (cause: unknown) => StorageUnusable
): Effect.Effect<void, StorageUnusable> =>
  Effect.gen(function*() {
    yield* run
    if ((yield* stored(client)) > latest) return yield* new StorageUnusable({ filename, reason: "newer" })
  }).pipe(
    Effect.provideService(SqlClient.SqlClient, client),
    // A failed migration is a defect of the migrator.
    Effect.sandbox,
    Effect.mapError((cause) => {
      const error = rootOf(Cause.squash(cause))
      return error instanceof StorageUnusable ? error : explain(error)
    })
  )

/** The number of the last migration that the database has. */
export const stored = (client: SqlClient.SqlClient) =>
  Effect.flatMap(client`SELECT max(migration_id) AS latest FROM ${client(table)}`, decodeLatest).pipe(
    Effect.map(([{ latest }]) => latest)
  )

const decodeLatest = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ latest: Integer })))
