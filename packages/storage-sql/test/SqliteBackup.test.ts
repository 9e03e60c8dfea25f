import * as EventLog from "@effect-postmark/core/EventLog"
import { SqliteBackup, SqliteStorage } from "@effect-postmark/storage-sql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { child, identities, newEvent, tempFile } from "./kit.ts"

const leftovers = (file: string) => readdirSync(dirname(file)).filter((name) => name.includes("partial"))

describe("a backup", () => {
  it.scopedLive(
    "has every event that was acknowledged before, while another process goes on writing",
    () =>
      Effect.gen(function*() {
        const filename = yield* tempFile
        const writer = yield* child(filename, "w")
        const before = yield* writer.printed(50)
        const to = `${filename}.copy`
        const { bytes, tables } = yield* SqliteBackup.make({ from: filename, to })
        yield* writer.printed(before.length + 50)
        assert.isAbove(bytes, 10_000)
        assert.isAbove(tables, 0)
        assert.strictEqual((statSync(to).mode & 0o777).toString(8), "600")
        assert.deepStrictEqual(leftovers(to), [])
        const copied = yield* Effect.provide(identities, SqliteStorage.layer({ filename: to }))
        assert.includeMembers([...copied], before.filter((line) => line !== "ready"))
      }),
    60_000
  )

  it.scopedLive("can be used as the database", () =>
    Effect.gen(function*() {
      const from = yield* tempFile
      const append = (identity: string) => Effect.flatMap(EventLog.EventLog, (log) => log.append(newEvent(identity)))
      yield* Effect.provide(append("a"), SqliteStorage.layer({ filename: from }))
      const to = `${from}.copy`
      yield* SqliteBackup.make({ from, to })
      const all = yield* Effect.provide(Effect.zipRight(append("b"), identities), SqliteStorage.layer({ filename: to }))
      assert.deepStrictEqual(all, ["a", "b"])
    }))

  it.scopedLive("never replaces a file, not even one that appears meanwhile", () =>
    Effect.gen(function*() {
      const from = yield* tempFile
      yield* Effect.provide(Effect.void, SqliteStorage.layer({ filename: from }))
      const to = `${from}.copy`
      const both = yield* Effect.all([
        Effect.fork(Effect.either(SqliteBackup.make({ from, to }))),
        Effect.fork(Effect.either(SqliteBackup.make({ from, to })))
      ])
      const results = yield* Effect.forEach(both, Fiber.join)
      assert.deepStrictEqual(results.map(({ _tag }) => _tag).sort(), ["Left", "Right"])
      const error = yield* Effect.flip(SqliteBackup.make({ from, to }))
      assert.strictEqual(error.reason, "exists")
      assert.deepStrictEqual(leftovers(to), [])
    }))

  it.scopedLive("says what is wrong, and leaves no file behind", () =>
    Effect.gen(function*() {
      const from = yield* tempFile
      const to = `${from}.copy`
      const reason = Effect.map(Effect.flip(SqliteBackup.make({ from, to })), (error) => error.reason)
      assert.strictEqual(yield* reason, "noSource")
      writeFileSync(from, "not a database, but long enough to be read as one".repeat(100))
      assert.strictEqual(yield* reason, "cannotRead")
      const elsewhere = yield* Effect.flip(SqliteBackup.make({ from, to: `${from}/no/copy` }))
      assert.strictEqual(elsewhere.reason, "cannotWrite")
      assert.deepStrictEqual(readdirSync(dirname(from)), ["storage.db"])
    }))

  it.scopedLive("of a damaged file fails", () =>
    Effect.gen(function*() {
      const from = yield* tempFile
      yield* Effect.provide(
        Effect.flatMap(EventLog.EventLog, (log) =>
          Effect.forEach(
            Array.from({ length: 200 }, (_, index) => `e${index}`),
            (identity) => log.append(newEvent(identity, `"${"x".repeat(2_000)}"`)),
            { concurrency: 200, discard: true }
          )),
        SqliteStorage.layer({ filename: from })
      )
      const descriptor = openSync(from, "r+")
      // Pages in the middle of the file, which no header tells about.
      for (let page = 60; page < 120; page++) {
        writeSync(descriptor, new Uint8Array(4096).fill(0xaa), 0, 4096, page * 4096)
      }
      closeSync(descriptor)
      const error = yield* Effect.flip(SqliteBackup.make({ from, to: `${from}.copy` }))
      assert.include(["cannotRead", "damaged"], error.reason)
      assert.include(error.message, from)
      assert.deepStrictEqual(leftovers(from), [])
    }))
})
