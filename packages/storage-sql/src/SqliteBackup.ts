/**
 * A copy of a SQLite file, also while a server uses it.
 *
 * @since 0.1.0
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
  statSync
} from "node:fs"
import { dirname } from "node:path"
import { driverCode, rootOf } from "./internal/driverCode.ts"
import { Integer } from "./internal/integer.ts"

/**
 * The copy could not be made. No file is left at its place. `reason` names the obstacle, and `cause` is the code of the
 * driver or of the operating system.
 *
 * @since 0.1.0
 * @category errors
 */
export class BackupFailed
  extends Schema.TaggedError<BackupFailed>("@effect-postmark/storage-sql/SqliteBackup/BackupFailed")("BackupFailed", {
    from: Schema.String,
    to: Schema.String,
    reason: Schema.Literal("noSource", "exists", "cannotWrite", "cannotRead", "damaged"),
    cause: Schema.optional(Schema.String)
  })
{
  override get message(): string {
    return sentences[this.reason](this) + (this.cause === undefined ? "" : ` (${this.cause})`)
  }
}

const sentences: Readonly<Record<BackupFailed["reason"], (failure: BackupFailed) => string>> = {
  noSource: ({ from }) => `there is no ${from}`,
  exists: ({ to }) => `${to} exists already: name another file, or move it away first`,
  cannotWrite: ({ to }) => `${to} cannot be written: its directory must exist, be writable and have room`,
  cannotRead: ({ from }) => `${from} cannot be read: it may be damaged, or the disk of the copy may be full`,
  damaged: ({ from }) => `the copy of ${from} is damaged, so ${from} may be too`
}

/**
 * Copies the database as it is at one moment, checks the copy, and gives it its name only then. Nobody but the owner may
 * read it. A file that exists is never replaced. Another process can go on to use the database meanwhile.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: { readonly from: string; readonly to: string }
): Effect.Effect<{ readonly bytes: number; readonly tables: number }, BackupFailed> =>
  Effect.gen(function*() {
    const { from, to } = options
    const failed = (reason: BackupFailed["reason"]) => (cause: unknown) =>
      new BackupFailed({ from, to, reason, cause: codeOf(cause) })
    const attempt = <A>(reason: BackupFailed["reason"], run: () => A) => Effect.try({ try: run, catch: failed(reason) })
    if (!existsSync(from)) return yield* new BackupFailed({ from, to, reason: "noSource" })
    if (existsSync(to)) return yield* new BackupFailed({ from, to, reason: "exists" })
    const partial = yield* Effect.acquireRelease(
      attempt("cannotWrite", () => {
        const path = `${to}.${crypto.randomUUID()}.partial`
        closeSync(openSync(path, "wx", 0o600))
        return path
      }),
      (path) => Effect.sync(() => rmSync(path, { force: true }))
    )
    // One read transaction: what is written meanwhile is not in the copy, and nothing has to be read again.
    yield* Effect.mapError(onFile(from, (sql) => sql`VACUUM INTO ${partial}`), failed("cannotRead"))
    const { tables } = yield* Effect.mapError(onFile(partial, inspect), failed("damaged"))
    return yield* attempt("cannotWrite", () => {
      flush(partial)
      publish(partial, to)
      flush(dirname(to))
      return { bytes: statSync(to).size, tables }
    }).pipe(
      Effect.mapError((error) => error.cause === "EEXIST" ? new BackupFailed({ from, to, reason: "exists" }) : error)
    )
  }).pipe(Effect.scoped)

const onFile = <A, E>(filename: string, use: (sql: SqliteClient.SqliteClient) => Effect.Effect<A, E>) =>
  SqliteClient.make({ filename, readonly: true, disableWAL: true }).pipe(
    Effect.provide(Reactivity.layer),
    // The client throws where it cannot open a file.
    Effect.catchAllDefect((defect) => Effect.fail(defect)),
    Effect.flatMap(use),
    Effect.scoped
  )

const inspect = (sql: SqliteClient.SqliteClient) =>
  Effect.gen(function*() {
    yield* Effect.flatMap(sql`PRAGMA integrity_check`, decodeIntegrity)
    const [{ tables }] = yield* Effect.flatMap(
      sql`SELECT max(migration_id) AS tables FROM effect_postmark_migrations`,
      decodeTables
    )
    return { tables }
  })

const decodeIntegrity = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ integrity_check: Schema.Literal("ok") })))
const decodeTables = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ tables: Integer })))

const flush = (path: string): void => {
  const descriptor = openSync(path, "r")
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Unlike a rename, a link does not replace a file that appeared meanwhile. */
const publish = (partial: string, to: string): void => {
  try {
    linkSync(partial, to)
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error
    // Some file systems have no links.
    copyFileSync(partial, to, constants.COPYFILE_EXCL)
    flush(to)
  }
}

const codeOf = (cause: unknown): string => driverCode(rootOf(cause))
