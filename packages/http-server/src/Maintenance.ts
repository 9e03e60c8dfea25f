/**
 * What an operator does with the server's data and settings, besides serving.
 *
 * @since 0.1.0
 */
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteBackup from "@effect-postmark/storage-sql/SqliteBackup"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import { type Health, StorageHealth } from "@effect-postmark/storage-sql/StorageHealth"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as DataDir from "./internal/dataDir.ts"
import type { Settings } from "./Settings.ts"
import * as Standalone from "./Standalone.ts"

/**
 * Creates or updates the tables. On PostgreSQL older servers can run meanwhile. A SQLite file belongs to one process, so
 * its server must be stopped.
 *
 * @since 0.1.0
 * @category constructors
 */
export const migrate = (settings: Settings): Effect.Effect<Health, Standalone.StartFailure> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const health = Effect.flatMap(StorageHealth, ({ check }) => check)
    if (Option.isSome(settings.databaseUrl)) {
      return yield* Effect.provide(health, PostgresStorage.layerClient({ url: settings.databaseUrl.value }))
    }
    const filename = path.join(yield* DataDir.make(settings.dataDir), Standalone.databaseFile)
    return yield* Effect.provide(health, SqliteStorage.layerClient({ filename }))
  }).pipe(
    Effect.provide(NodeContext.layer),
    Effect.mapError(({ message }) => new Standalone.StartFailure({ message }))
  )

/**
 * Copies the SQLite file to a new file and checks the copy, also while the server runs. The copy contains no encryption
 * key. PostgreSQL has tools of its own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const backup = (
  settings: Settings,
  to: string
): Effect.Effect<{ readonly path: string; readonly bytes: number }, Standalone.StartFailure> =>
  Effect.gen(function*() {
    if (Option.isSome(settings.databaseUrl)) {
      return yield* new Standalone.StartFailure({
        message: "the data is in PostgreSQL: back it up with pg_dump, or by archiving its write-ahead log"
      })
    }
    const path = yield* Path.Path
    const absolute = path.resolve(to)
    const from = path.join(path.resolve(settings.dataDir), Standalone.databaseFile)
    const { bytes } = yield* SqliteBackup.make({ from, to: absolute })
    return { path: absolute, bytes }
  }).pipe(
    Effect.provide(Path.layer),
    Effect.mapError(({ message }) => new Standalone.StartFailure({ message }))
  )

/**
 * Checks what the settings need from one another. It connects to nothing and changes nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const check = (settings: Settings): Effect.Effect<void, Standalone.StartFailure> => {
  const message = Standalone.missingKey(settings)
  return message === undefined ? Effect.void : Effect.fail(new Standalone.StartFailure({ message }))
}
