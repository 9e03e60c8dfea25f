/**
 * A storage that cannot be opened.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The file or the database cannot be used as a storage until somebody fixes it. `reason` names the obstacle, and
 * `cause` is the driver's error code. `filename` is the SQLite file, or "PostgreSQL" for a database, because its
 * address can contain a password.
 *
 * @since 0.1.0
 * @category errors
 */
export class StorageUnusable
  extends Schema.TaggedError<StorageUnusable>("@effect-postmark/storage-sql/StorageUnusable")("StorageUnusable", {
    filename: Schema.String,
    reason: Schema.Literal(
      "inUse",
      "cannotOpen",
      "readOnly",
      "notADatabase",
      "newer",
      "migrationFailed",
      "badUrl",
      "unreachable",
      "refused",
      "notUtf8"
    ),
    cause: Schema.optional(Schema.String)
  })
{
  override get message(): string {
    return `${this.filename} ${sentences[this.reason]}${this.cause === undefined ? "" : ` (${this.cause})`}`
  }
}

const sentences = {
  inUse: "is in use by another process: stop it first, or use another file",
  cannotOpen: "cannot be opened: its directory must exist and be writable",
  readOnly: "cannot be written: check the permissions of the file and of its directory",
  notADatabase: "is not a SQLite database, or is damaged: restore it from a backup, or use another file",
  newer: "was written by a newer version of effect-postmark: use that version or a later one",
  migrationFailed: "could not be given its tables: it may be full or damaged, or hold another program's tables",
  badUrl: "has an unusable address: it must be postgres://user:password@host:port/database",
  unreachable: "cannot be reached: check its host and port, and that it is running",
  refused: "refused the connection: check the user, the password and the database name",
  notUtf8: "is not encoded in UTF-8: create the database with ENCODING 'UTF8'"
}
