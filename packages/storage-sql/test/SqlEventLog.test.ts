import { EventLog, StoreUnavailable } from "@effect-postmark/core"
import { SqlEventLog, SqliteStorage } from "@effect-postmark/storage-sql"
import { Reactivity } from "@effect/experimental"
import { SqlClient } from "@effect/sql"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { assert, describe, it } from "@effect/vitest"
import { Array, Context, Effect, Either, Exit, Fiber, Layer, Scope } from "effect"
import { identities, newEvent, tempFile } from "./kit.ts"

/** The log, and the connection under it. */
const storage = (filename: string) =>
  Layer.provideMerge(SqlEventLog.layer, SqliteStorage.layerClient({ filename, busyTimeout: "20 millis" }))

const appendAll = (names: ReadonlyArray<string>, raw?: string) =>
  Effect.flatMap(
    EventLog.EventLog,
    (log) =>
      Effect.forEach(names, (name) => Effect.either(log.append(newEvent(name, raw))), { concurrency: "unbounded" })
  )

const names = (count: number, prefix = "id") => Array.makeBy(count, (index) => `${prefix}-${index}`)

const failure = (cause: string) =>
  Either.left(new StoreUnavailable.StoreUnavailable({ store: "event", operation: "append", reason: cause }))

describe("SqlEventLog", () => {
  it.scoped("stores a thousand appends at once, each once", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        const isNew = yield* appendAll([...names(1_000), ...names(1_000)])
        assert.strictEqual(isNew.filter((one) => Either.isRight(one) && one.right).length, 1_000)
        assert.strictEqual(isNew.filter((one) => Either.isRight(one) && !one.right).length, 1_000)
        assert.deepStrictEqual((yield* identities).sort(), names(1_000).sort())
      }).pipe(Effect.provide(storage(filename)))
    }))

  it.scoped("a member of a group that fails does not fail the others", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TRIGGER refuse BEFORE INSERT ON postmark_events WHEN NEW.identity = 'id-7'
        BEGIN SELECT RAISE(ABORT, 'id-7 is refused'); END`
      const answers = yield* appendAll(names(50))
      assert.deepStrictEqual(answers[7], failure("SQLITE_CONSTRAINT_TRIGGER"))
      assert.strictEqual(answers.filter(Either.isRight).length, 49)
      assert.deepStrictEqual(yield* identities, names(50).filter((name) => name !== "id-7"))
    }).pipe(Effect.provide(storage(":memory:"))))

  it.scoped("a full disk: nothing is acknowledged that is not there, and appends work again when there is space", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* appendAll(names(10, "before"))
        const pages = yield* sql`PRAGMA page_count`
        yield* sql.unsafe(`PRAGMA max_page_count = ${Number(pages[0]?.["page_count"]) + 20}`)
        const answers = yield* appendAll(names(100, "big"), "x".repeat(8_000))
        const acknowledged = answers.flatMap((answer, index) => Either.isRight(answer) ? [`big-${index}`] : [])
        assert.isBelow(acknowledged.length, 100)
        for (const error of answers.filter(Either.isLeft)) assert.strictEqual(error.left.reason, "SQLITE_FULL")
        assert.deepStrictEqual(yield* identities, [...names(10, "before"), ...acknowledged])
        yield* sql.unsafe("PRAGMA max_page_count = 1000000")
        const again = yield* appendAll(names(100, "big"), "x".repeat(8_000))
        assert.isTrue(again.every(Either.isRight))
        assert.strictEqual((yield* identities).length, 110)
      }).pipe(Effect.provide(storage(filename)))
    }))

  it.scoped("a database that another program holds is unavailable, and works again afterwards", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Effect.gen(function*() {
        yield* appendAll(names(1))
        yield* Effect.scoped(Effect.gen(function*() {
          const other = yield* SqliteClient.make({ filename }).pipe(Effect.provide(Reactivity.layer))
          yield* other.withTransaction(Effect.gen(function*() {
            yield* other`DELETE FROM postmark_events`
            const answers = yield* appendAll(names(5, "held"))
            assert.deepStrictEqual(answers, Array.replicate(failure("SQLITE_BUSY"), 5))
            assert.deepStrictEqual(yield* identities, ["id-0"])
            return yield* Effect.fail("roll back")
          })).pipe(Effect.flip)
        }))
        assert.isTrue((yield* appendAll(names(5, "held"))).every(Either.isRight))
        assert.strictEqual((yield* identities).length, 6)
      }).pipe(Effect.provide(storage(filename)))
    }))

  it.scoped("more appends than may wait fail at once", () =>
    Effect.gen(function*() {
      const answers = yield* appendAll(names(20))
      assert.deepStrictEqual(answers.slice(8), Array.replicate(failure("overload"), 12))
      assert.deepStrictEqual(yield* identities, names(8))
    }).pipe(
      Effect.provide(
        Layer.provide(
          Layer.scoped(EventLog.EventLog, SqlEventLog.make({ maxPending: 8 })),
          SqliteStorage.layerClient({ filename: ":memory:" })
        )
      )
    ))

  it.scoped("what waits when the layer closes is written first, and later appends are refused", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(storage(filename), scope)
      const log = Context.get(context, EventLog.EventLog)
      const fibers = yield* Effect.forEach(names(300), (name) => Effect.fork(log.append(newEvent(name))))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      assert.isTrue((yield* Fiber.join(Fiber.all(fibers))).every((isNew) => isNew))
      assert.deepStrictEqual(yield* Effect.either(log.append(newEvent("late"))), failure("closed"))
      assert.deepStrictEqual(yield* Effect.provide(identities, storage(filename)), names(300))
    }))

  it.scoped("sequence numbers are never given twice", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const log = yield* EventLog.EventLog
      yield* appendAll(names(3))
      yield* sql`DELETE FROM postmark_events`
      yield* appendAll(names(1, "next"))
      const [event] = yield* log.read({ after: 0, limit: 1 })
      assert.strictEqual(event?.sequence, 4)
    }).pipe(Effect.provide(storage(":memory:"))))

  it.scoped("a row that is not an event is unavailable, and its values are not in the error", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const log = yield* EventLog.EventLog
      yield* appendAll(names(1))
      yield* sql`UPDATE postmark_events SET status = 'person@example.com'`
      const error = yield* Effect.flip(log.read({ after: 0, limit: 1 }))
      assert.strictEqual(error.reason, "a stored row does not have the expected shape")
      assert.notInclude(JSON.stringify(error) + String(error), "person@example.com")
    }).pipe(Effect.provide(storage(":memory:"))))
})
