import { EventLog } from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage } from "@effect-postmark/storage-sql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { child, identities, tempFile } from "./kit.ts"
import { database } from "./postgres/database.ts"

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

  it.scopedLive(
    "what two processes were answered on PostgreSQL is there after kills, once, in the order of commits",
    () =>
      Effect.gen(function*() {
        const { url } = yield* database
        const storage = yield* Layer.build(PostgresStorage.layer({ url }))
        const writers = yield* Effect.forEach(["a", "b"], (name) => child(Redacted.value(url), name))
        const written = writers.map((writer) => writer.printed(1_000))
        const follower = yield* Effect.fork(Effect.provide(followUntil(written), storage))
        yield* Effect.all(written, { concurrency: "unbounded" })
        const printed = yield* Effect.forEach(writers, (writer) => writer.kill)
        const answered = printed.flat().filter((line) => /^[ab]-/.test(line))
        assert.isAtLeast(answered.length, 2 * 999)
        const followed = yield* Fiber.join(follower)
        const stored = yield* Effect.provide(all, storage)
        assert.deepStrictEqual(
          stored.filter(({ sequence }) => sequence <= followed.last && !followed.sequences.has(sequence)),
          []
        )
        const found = new Set(stored.map(({ identity }) => identity))
        assert.strictEqual(found.size, stored.length)
        assert.deepStrictEqual(answered.filter((identity) => !found.has(identity)), [])
      }),
    60_000
  )
})

const all = Effect.flatMap(EventLog.EventLog, (log) => log.read({ after: 0, limit: 1_000_000 }))

/** Reads the log forward from where it has been, as a subscriber's cursor does, until the signals are there. */
const followUntil = (signals: ReadonlyArray<Effect.Effect<unknown>>) =>
  Effect.gen(function*() {
    const log = yield* EventLog.EventLog
    const ended = yield* Effect.fork(Effect.all(signals, { concurrency: "unbounded", discard: true }))
    const sequences = new Set<number>()
    let last = 0
    while ((yield* Fiber.poll(ended))._tag === "None") {
      for (const { sequence } of yield* log.read({ after: last, limit: 100 })) {
        sequences.add(sequence)
        last = sequence
      }
    }
    return { last, sequences }
  })
