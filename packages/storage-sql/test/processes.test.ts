import { SqliteStorage } from "@effect-postmark/storage-sql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { child, identities, tempFile } from "./kit.ts"

describe("processes", () => {
  it.scopedLive("the second process on a file is refused, until the first is gone", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const layer = SqliteStorage.layer({ filename })
      const first = yield* child(filename, "first")
      yield* first.printed(1)
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.strictEqual(error.reason, "inUse")
      yield* first.kill
      yield* Effect.gen(function*() {
        const second = yield* child(filename, "second")
        const [line] = yield* second.printed(1)
        assert.strictEqual(line, `refused: ${error.message}`)
      }).pipe(Effect.provide(layer))
    }), 60_000)

  it.scopedLive("what was answered is there after a kill", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const answered: Array<string> = []
      for (const count of [100, 2_000]) {
        const writer = yield* child(filename, `run-${count}`)
        yield* writer.printed(count)
        answered.push(...(yield* writer.kill).filter((line) => line.startsWith("run-")))
      }
      const stored = yield* Effect.provide(identities, SqliteStorage.layer({ filename }))
      assert.strictEqual(new Set(stored).size, stored.length)
      // Of the lines that were waited for, the first of each run is "ready".
      assert.isAtLeast(answered.length, 99 + 1_999)
      const found = new Set(stored)
      const missing = answered.filter((identity) => !found.has(identity))
      assert.deepStrictEqual(missing, [])
    }), 60_000)
})
