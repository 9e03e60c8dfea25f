/** The storage and the vault that several processes of a test share. */
import { Vault } from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage, type StorageUnusable } from "@effect-postmark/storage-sql"
import { type Layer, Redacted } from "effect"

export const storage = (place: string): Layer.Layer<SqliteStorage.Stores, StorageUnusable.StorageUnusable> =>
  place.startsWith("postgres:")
    ? PostgresStorage.layer({ url: Redacted.make(place) })
    : SqliteStorage.layer({ filename: place })

export const vault = Vault.layer([{ id: "test", key: Redacted.make("a".repeat(43)) }])
