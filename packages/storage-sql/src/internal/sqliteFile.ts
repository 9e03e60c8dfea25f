/** Opens a SQLite file for one process, with its settings and its tables. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { chmodSync, closeSync, openSync } from "node:fs"
import { StorageUnusable } from "../StorageUnusable.ts"
import { driverCode } from "./driverCode.ts"
import * as Migrations from "./migrations.ts"

export const open = (
  filename: string,
  busyTimeout: Duration.DurationInput
): Effect.Effect<SqliteClient.SqliteClient, StorageUnusable, Scope.Scope> =>
  Effect.tap(openEmpty(filename, busyTimeout), (client) =>
    Effect.zipRight(
      Migrations.migrate(filename, client, (cause) => toUnusable(filename, cause, "migrationFailed")),
      // Nobody else has the file, so a lease is of a process that is gone.
      Effect.catchAll(client`DELETE FROM postmark_subscriber_leases`, (error) => unusable(filename, error))
    ))

/** Without our tables. */
export const openEmpty = (
  filename: string,
  busyTimeout: Duration.DurationInput
): Effect.Effect<SqliteClient.SqliteClient, StorageUnusable, Scope.Scope> =>
  Effect.gen(function*() {
    if (!inMemory(filename)) yield* lock(filename)
    const client = yield* connect(filename, { filename, prepareCacheSize: 64 })
    yield* Effect.catchAll(configure(client, busyTimeout), (error) => unusable(filename, error))
    return client
  })

/**
 * A file that is read-only is opened, and even locked, without a word: it only refuses what is written to it. So the mark
 * of our files is written each time, "EPmk".
 */
const write = `PRAGMA application_id = ${0x45506d6b}`

/**
 * Holds a second, empty database for as long as the scope is open. The operating system lets go of it when the process
 * ends, however it ends; and the file itself stays readable for other programs.
 */
const lock = (filename: string): Effect.Effect<void, StorageUnusable, Scope.Scope> =>
  Effect.gen(function*() {
    const file = `${filename}.lock`
    const client = yield* connect(file, { filename: file, disableWAL: true })
    const connection = yield* client.reserve
    yield* connection.executeUnprepared("PRAGMA busy_timeout = 0", [], undefined)
    yield* connection.executeUnprepared(write, [], undefined)
    yield* connection.executeUnprepared("BEGIN EXCLUSIVE", [], undefined)
  }).pipe(Effect.catchTag("SqlError", (error) => unusable(filename, error)))

/** The client throws where it cannot open a file, so its defects are failures here. */
const connect = (filename: string, config: SqliteClient.SqliteClientConfig) =>
  Effect.zipRight(Effect.sync(() => ownerOnly(config.filename)), SqliteClient.make(config)).pipe(
    Effect.provide(Reactivity.layer),
    Effect.catchAllDefect((defect) => Effect.fail(toUnusable(filename, defect)))
  )

const configure = (client: SqliteClient.SqliteClient, busyTimeout: Duration.DurationInput) =>
  Effect.gen(function*() {
    const connection = yield* client.reserve
    const execute = (text: string) => connection.executeUnprepared(text, [], undefined)
    yield* execute(`PRAGMA busy_timeout = ${Math.round(Duration.toMillis(busyTimeout))}`)
    // The driver's own choice under WAL is NORMAL: a commit could be lost with the power.
    yield* execute("PRAGMA synchronous = FULL")
    // What is pruned or erased must not stay readable in free pages.
    yield* execute("PRAGMA secure_delete = ON")
    yield* execute(write)
  }).pipe(Effect.scoped)

/**
 * Events hold addresses: nobody but the owner may read them, also where the directory is open. SQLite gives its other files
 * the mode of the database. What cannot be changed here is refused when the file is opened, or belongs to another user.
 */
export const ownerOnly = (filename: string): void => {
  if (inMemory(filename)) return
  try {
    closeSync(openSync(filename, "a", 0o600))
    chmodSync(filename, 0o600)
  } catch {
    return
  }
}

const inMemory = (filename: string): boolean => filename === "" || filename === ":memory:"

const unusable = (filename: string, error: SqlError): Effect.Effect<never, StorageUnusable> =>
  Effect.fail(toUnusable(filename, error.cause))

const toUnusable = (
  filename: string,
  cause: unknown,
  otherwise: StorageUnusable["reason"] = "cannotOpen"
): StorageUnusable => {
  const code = driverCode(cause)
  const known = reasons.find(([prefix]) => code.startsWith(prefix))
  return new StorageUnusable({ filename, reason: known === undefined ? otherwise : known[1], cause: code })
}

const reasons: ReadonlyArray<readonly [prefix: string, reason: StorageUnusable["reason"]]> = [
  ["SQLITE_BUSY", "inUse"],
  ["SQLITE_LOCKED", "inUse"],
  ["SQLITE_READONLY", "readOnly"],
  ["SQLITE_NOTADB", "notADatabase"],
  ["SQLITE_CORRUPT", "notADatabase"]
]
