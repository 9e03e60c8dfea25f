import { ConnectionStore, CursorStore, EventLog, Ids, SubscriberStore, SubscriptionStore } from "@effect-postmark/core"
import { SqliteStorage, type StorageUnusable } from "@effect-postmark/storage-sql"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { SqlClient } from "@effect/sql"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Layer, Option } from "effect"
import { readdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { identities, newEvent, tempFile } from "./kit.ts"

const refusal = (filename: string) => Effect.flip(Effect.scoped(Layer.build(SqliteStorage.layer({ filename }))))

const isRefused = (
  error: StorageUnusable.StorageUnusable,
  reason: StorageUnusable.StorageUnusable["reason"],
  filename: string
) => {
  assert.strictEqual(error._tag, "StorageUnusable")
  assert.strictEqual(error.reason, reason, error.message)
  assert.include(error.message, filename)
}

const connectionId = Ids.ConnectionId.make("con_1")
const time = "2026-01-01T00:00:00.000Z"
const connection: ConnectionStore.ConnectionRecord = {
  id: connectionId,
  name: "Acme",
  serverId: 1,
  serverName: "Production",
  fingerprint: "fp",
  sealedToken: "sealed",
  state: "active",
  createdAt: time,
  rotatedAt: null,
  revokedAt: null,
  lastRefusedAt: null
}
const subscription = { id: "sub_1", connectionId, trigger: "postmark/email-opened", createdAt: time }
const secrets = { connectionId, current: "sealed", previous: null, rotatedAt: null }

describe("SqliteStorage", () => {
  it.scoped("has commits reach the disk, on the connection that the stores use", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`PRAGMA synchronous`, [{ synchronous: 2 }])
        assert.deepStrictEqual(yield* sql`PRAGMA journal_mode`, [{ journal_mode: "wal" }])
        assert.deepStrictEqual(yield* sql`PRAGMA busy_timeout`, [{ timeout: 1_000 }])
      }).pipe(Effect.provide(SqliteStorage.layerClient({ filename })))
      yield* Effect.gen(function*() {
        const { journalMode, sqliteVersion, synchronous } = yield* (yield* SqliteStorage.SqliteStorage).health
        assert.deepStrictEqual([journalMode, synchronous], ["wal", 2])
        assert.match(sqliteVersion, /^3\.\d+\.\d+$/)
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
    }))

  it.scoped("keeps everything when it is opened again", () =>
    Effect.gen(function*() {
      const layer = SqliteStorage.layer({ filename: yield* tempFile })
      yield* Effect.gen(function*() {
        yield* (yield* ConnectionStore.ConnectionStore).insert(connection)
        yield* (yield* CursorStore.CursorStore).advance("subscriber", 7)
        yield* (yield* EventLog.EventLog).append(newEvent("a"))
        yield* (yield* EventLog.EventLog).quarantine({ connectionId, receivedAt: time, reason: "not JSON", body: "<" })
        yield* (yield* SubscriptionStore.SubscriptionStore).insert(subscription)
        yield* (yield* SubscriptionStore.SubscriptionStore).setSecrets(secrets, null)
      }).pipe(Effect.provide(layer))
      yield* Effect.gen(function*() {
        const log = yield* EventLog.EventLog
        const subscriptions = yield* SubscriptionStore.SubscriptionStore
        assert.deepStrictEqual(yield* (yield* ConnectionStore.ConnectionStore).list, [connection])
        assert.strictEqual(yield* (yield* CursorStore.CursorStore).get("subscriber"), 7)
        assert.deepStrictEqual(yield* log.read({ after: 0, limit: 2 }), [{
          ...newEvent("a"),
          sequence: 1,
          source: "live",
          messageId: null,
          recipient: null,
          possiblyDuplicate: false
        }])
        assert.strictEqual(yield* log.append(newEvent("a")), false)
        assert.strictEqual((yield* log.quarantined).length, 1)
        assert.deepStrictEqual(yield* subscriptions.list("con_1"), [subscription])
        assert.deepStrictEqual(yield* subscriptions.getSecrets("con_1"), Option.some(secrets))
      }).pipe(Effect.provide(layer))
    }))

  it.scoped("frees the leases of a process that is gone when the file is opened again", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const holding = (owner: string) =>
        Effect.flatMap(SubscriberStore.SubscriberStore, (store) =>
          store.hold({ subscriber: "a", trigger: "t", owner, expired: null })).pipe(
            Effect.provide(SqliteStorage.layer({ filename }))
          )
      yield* holding("killed")
      assert.deepStrictEqual(yield* holding("next"), { owner: "next", beat: 1 })
    }))

  it.scoped("refuses a file that is open already, until it is closed", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        isRefused(yield* refusal(filename), "inUse", filename)
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
      yield* Effect.scoped(Layer.build(SqliteStorage.layer({ filename })))
    }))

  it.scoped("refuses a path where no file can be", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const files = yield* FileSystem.FileSystem
      isRefused(yield* refusal(`${filename}/no/such/file.db`), "cannotOpen", filename)
      yield* files.makeDirectory(filename)
      isRefused(yield* refusal(filename), "cannotOpen", filename)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("refuses what is not a database, and leaves it as it is", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const files = yield* FileSystem.FileSystem
      const text = "a letter to the editor\n".repeat(500)
      yield* files.writeFileString(filename, text)
      isRefused(yield* refusal(filename), "notADatabase", filename)
      assert.strictEqual(yield* files.readFileString(filename), text)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("refuses a damaged database", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const files = yield* FileSystem.FileSystem
      yield* Effect.scoped(Layer.build(SqliteStorage.layer({ filename })))
      const bytes = yield* files.readFile(filename)
      // The header stays, so that only what it leads to is damaged.
      yield* files.writeFile(filename, bytes.map((byte, index) => index < 100 ? byte : 0xff))
      isRefused(yield* refusal(filename), "notADatabase", filename)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("refuses a file of a newer version", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO effect_postmark_migrations (migration_id, name) VALUES (9999, 'future')`
      }).pipe(Effect.provide(SqliteStorage.layerClient({ filename })))
      isRefused(yield* refusal(filename), "newer", filename)
    }))

  it.scoped("refuses a file that has another program's tables", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`DELETE FROM effect_postmark_migrations`
      }).pipe(Effect.provide(SqliteStorage.layerClient({ filename })))
      isRefused(yield* refusal(filename), "migrationFailed", filename)
    }))

  it.scoped("copies itself while it is open", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const copy = `${filename}-copy`
      yield* Effect.gen(function*() {
        yield* (yield* EventLog.EventLog).append(newEvent("a"))
        yield* (yield* SqliteStorage.SqliteStorage).backup(copy)
        yield* (yield* EventLog.EventLog).append(newEvent("b"))
        const error = yield* Effect.flip((yield* SqliteStorage.SqliteStorage).backup(`${filename}/no/copy`))
        assert.strictEqual(error._tag, "StoreUnavailable")
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
      assert.deepStrictEqual(yield* Effect.provide(identities, SqliteStorage.layer({ filename: copy })), ["a"])
    }))

  it.scoped("takes its file from the configuration", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const layer = SqliteStorage.layerConfig({ filename: Config.string("FILE") }).pipe(
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["FILE", filename]]))))
      )
      yield* Effect.provide(Effect.flatMap(EventLog.EventLog, (log) => log.append(newEvent("a"))), layer)
      assert.deepStrictEqual(yield* Effect.provide(identities, SqliteStorage.layer({ filename })), ["a"])
    }))
})

it.scopedLive("nobody but the owner can read any of its files, also of one that was open to others before", () =>
  Effect.gen(function*() {
    const filename = yield* tempFile
    const modes = Effect.sync(() =>
      Object.fromEntries(
        readdirSync(dirname(filename)).sort().map((name) => [
          name,
          (statSync(join(dirname(filename), name)).mode & 0o777).toString(8)
        ])
      )
    )
    const umask = process.umask(0o022)
    try {
      writeFileSync(filename, "")
      const seen = yield* Effect.gen(function*() {
        const log = yield* EventLog.EventLog
        const storage = yield* SqliteStorage.SqliteStorage
        yield* log.append(newEvent("a"))
        yield* storage.backup(`${filename}.backup`)
        return yield* modes
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
      assert.deepStrictEqual(seen, {
        "storage.db": "600",
        "storage.db-shm": "600",
        "storage.db-wal": "600",
        "storage.db.backup": "600",
        "storage.db.lock": "600"
      })
    } finally {
      process.umask(umask)
    }
  }))
