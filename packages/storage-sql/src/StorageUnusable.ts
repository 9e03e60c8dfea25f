/**
 * A storage that cannot be opened.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The file cannot serve as our storage, and will not until somebody acts: another process has it (`inUse`), it cannot be
 * opened or made (`cannotOpen`), not be written (`readOnly`), holds something else (`notADatabase`), was written by a newer
 * version (`newer`), or its tables could not be made (`migrationFailed`). `cause` is the driver's own word.
 *
 * @since 0.1.0
 * @category errors
 */
export class StorageUnusable
  extends Schema.TaggedError<StorageUnusable>("@effect-postmark/storage-sql/StorageUnusable")("StorageUnusable", {
    filename: Schema.String,
    reason: Schema.Literal("inUse", "cannotOpen", "readOnly", "notADatabase", "newer", "migrationFailed"),
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
  migrationFailed: "could not be given its tables: it may be full or damaged, or hold another program's tables"
}
