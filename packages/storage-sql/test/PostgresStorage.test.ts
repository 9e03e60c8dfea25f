import { EventLog } from "@effect-postmark/core"
import { PostgresStorage } from "@effect-postmark/storage-sql"
import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Either, Exit, Fiber, Layer, Redacted, Ref, Stream } from "effect"
import { newEvent } from "./kit.ts"
import { database } from "./postgres/database.ts"

const warnings: Array<string> = []
process.on("warning", ({ message }) => void warnings.push(message))

/** Lets sockets be read, and timers run. */
const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

/** The driver warns, once, of a statement on a connection that is still busy. */
const noWarning = Effect.andThen(
  turn,
  () => assert.deepStrictEqual(warnings.filter((message) => message.includes("already executing")), [])
)

describe("an interrupted statement", () => {
  it.scopedLive("cancels no other fiber's statement", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const outcomes = yield* Ref.make({ good: 0, bad: 0, cut: 0 })
        const innocent = Effect.exit(sql`SELECT pg_sleep(0.002)`).pipe(
          Effect.flatMap((exit) =>
            Ref.update(outcomes, (all) =>
              Exit.isSuccess(exit) ? { ...all, good: all.good + 1 } : { ...all, bad: all.bad + 1 })
          ),
          Effect.repeatN(199)
        )
        // Some cuts come while the statement runs, others just when it has answered.
        const interrupted = (inTransaction: boolean) =>
          Effect.iterate(0, {
            while: (round) =>
              round < 200,
            body: (round) => {
              const statement = sql`SELECT pg_sleep(0.003)`
              return Effect.timeoutOption(
                inTransaction ? sql.withTransaction(statement) : statement,
                `${2_000 + (round % 20) * 100} micros`
              ).pipe(
                Effect.tap((answer) =>
                  answer._tag === "None" ? Ref.update(outcomes, (all) => ({ ...all, cut: all.cut + 1 })) : Effect.void
                ),
                Effect.as(round + 1)
              )
            }
          })
        yield* Effect.all([innocent, innocent, innocent, interrupted(false), interrupted(false), interrupted(true)], {
          concurrency: "unbounded"
        })
        const { bad, cut, good } = yield* Ref.get(outcomes)
        assert.deepStrictEqual({ good, bad }, { good: 600, bad: 0 })
        assert.isAbove(cut, 100)
        yield* noWarning
      }).pipe(Effect.provide(PostgresStorage.layerClient({ url, maxConnections: 5 })))
    }))

  it.scopedLive("keeps its connection until it has answered", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const other = yield* Effect.map(
          Layer.build(PostgresStorage.layerClient({ url, maxConnections: 2 })),
          Context.get(SqlClient.SqlClient)
        )
        const running = (through: SqlClient.SqlClient) =>
          through`SELECT count(*)::int AS count FROM pg_stat_activity
          WHERE query LIKE 'SELECT pg_sleep(0.5)%' AND state = 'active'`
        const fibers = yield* Effect.forEach([1, 2], () => Effect.fork(sql`SELECT pg_sleep(0.5)`))
        yield* Effect.repeat(running(other), { until: ([row]) => row?.["count"] === 2 })
        yield* Fiber.interruptAll(fibers)
        // The pool has two connections, and both are busy: this waits for one of them to have answered.
        const [row] = yield* running(sql)
        assert.notStrictEqual(row?.["count"], 2)
        yield* noWarning
      }).pipe(Effect.provide(PostgresStorage.layerClient({ url, maxConnections: 2 })))
    }))
})

describe("the event log of several processes", () => {
  it.scopedLive("shows no event before an earlier one that commits later", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const layer = PostgresStorage.layer({ url })
      // Three logs with pools of their own stand for three processes.
      const writers = yield* Effect.forEach([0, 1, 2], () => Effect.map(Layer.build(layer), (context) => context))
      const reader = yield* Layer.build(layer)
      const total = 600
      const done = yield* Deferred.make<void>()
      const seen = yield* Ref.make<ReadonlyArray<number>>([])
      const follow = Effect.gen(function*() {
        const log = yield* EventLog.EventLog
        while (true) {
          const isLast = yield* Deferred.isDone(done)
          const all = yield* Ref.get(seen)
          const events = yield* log.read({ after: all.at(-1) ?? 0, limit: 50 })
          yield* Ref.set(seen, [...all, ...events.map(({ sequence }) => sequence)])
          if (isLast && events.length === 0) return
        }
      }).pipe(Effect.provide(reader))
      const fiber = yield* Effect.fork(follow)
      yield* Effect.forEach(writers, (writer, index) =>
        Effect.forEach(
          Array.from({ length: total / 3 }, (_, at) => newEvent(`${index}-${at}`)),
          (event) => Effect.flatMap(EventLog.EventLog, (log) => log.append(event)),
          { concurrency: 8, discard: true }
        ).pipe(Effect.provide(writer)), { concurrency: "unbounded", discard: true })
      yield* Deferred.succeed(done, undefined)
      yield* Fiber.join(fiber)
      assert.strictEqual((yield* Ref.get(seen)).length, total)
    }))

  it.scopedLive("makes an append wait for a transaction that has numbered its event and not committed yet", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const log = yield* Effect.map(Layer.build(PostgresStorage.layer({ url })), (context) => context)
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const isNumbered = yield* Deferred.make<void>()
        const mayCommit = yield* Deferred.make<void>()
        const late = yield* Effect.fork(sql.withTransaction(Effect.gen(function*() {
          yield* sql`SELECT pg_advisory_xact_lock(${0x45506d6b_01})`
          yield* sql`INSERT INTO postmark_events (connection_id, identity, received_at, status, raw)
            VALUES ('con_1', 'late', '', 'unknown', '{}')`
          yield* Deferred.succeed(isNumbered, undefined)
          yield* Deferred.await(mayCommit)
        })))
        yield* Deferred.await(isNumbered)
        const { append, read } = yield* Effect.provide(EventLog.EventLog, log)
        const early = yield* Effect.fork(append(newEvent("early")))
        // The append is seen to wait for the lock.
        yield* sql`SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`.pipe(
          Effect.repeat({ until: ([row]) => row?.["count"] === 1 })
        )
        assert.deepStrictEqual(yield* read({ after: 0, limit: 10 }), [])
        yield* Deferred.succeed(mayCommit, undefined)
        yield* Fiber.join(late)
        yield* Fiber.join(early)
        assert.deepStrictEqual((yield* read({ after: 0, limit: 10 })).map(({ identity }) => identity), [
          "late",
          "early"
        ])
      }).pipe(Effect.provide(PostgresStorage.layerClient({ url })))
    }))

  it.scopedLive("tells other processes of an append", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const here = yield* Layer.build(PostgresStorage.layer({ url }))
      const there = yield* Layer.build(PostgresStorage.layer({ url }))
      const log = yield* Effect.provide(EventLog.EventLog, here)
      const { append } = yield* Effect.provide(EventLog.EventLog, there)
      // The first is the one that every new listener gets.
      const heard = yield* Effect.fork(Stream.runDrain(Stream.take(log.changes, 1)))
      yield* Effect.yieldNow()
      yield* append(newEvent("one"))
      yield* Effect.timeoutFail(Fiber.join(heard), { duration: "10 seconds", onTimeout: () => "not told" })
    }))
})

describe("a database that cannot serve", () => {
  const problem = (url: string) =>
    Effect.flip(
      Effect.scoped(Layer.build(PostgresStorage.layer({ url: Redacted.make(url), connectTimeout: "2 seconds" })))
    )

  it.scopedLive("is told apart by its reason, without its address or password", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const missing = new URL(Redacted.value(url))
      missing.pathname = "/not_there"
      const rows = [
        ["mysql://canary@127.0.0.1/x", "badUrl"],
        ["postgres://user:canary@127.0.0.1:1/x", "unreachable"],
        [missing.href, "refused"]
      ] as const
      for (const [address, reason] of rows) {
        const error = yield* problem(address)
        assert.strictEqual(error.reason, reason)
        assert.notInclude(`${error.message}${JSON.stringify(error)}`, "canary")
      }
    }))
})

describe("several processes", () => {
  it.scopedLive("start at once on an empty database", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const starts = yield* Effect.forEach(
        [1, 2, 3, 4],
        () => Effect.either(Layer.build(PostgresStorage.layer({ url, maxConnections: 2 }))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(starts.map((start) => Either.isRight(start)), [true, true, true, true])
    }))
})

describe("PostgreSQL that restarts under load", () => {
  it.scopedLive("loses nothing that was answered, and is used again when it is back", () =>
    Effect.gen(function*() {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => PostgresServer.start(process.env["PATH"] ?? "")),
        ({ stop }) => Effect.promise(stop)
      )
      const storage = yield* Layer.build(PostgresStorage.layer({ url: Redacted.make(server.url) }))
      const { append, read } = yield* Effect.provide(EventLog.EventLog, storage)
      const isOver = yield* Ref.make(false)
      const answered = yield* Ref.make<ReadonlyArray<string>>([])
      const refused = yield* Ref.make(0)
      const load = (writer: number) =>
        Effect.iterate(0, {
          while: (at) => at >= 0,
          body: (at) =>
            append(newEvent(`${writer}-${at}`)).pipe(
              Effect.matchEffect({
                onFailure: () => Ref.update(refused, (count) => count + 1),
                onSuccess: () => Ref.update(answered, (all) => [...all, `${writer}-${at}`])
              }),
              Effect.zipRight(turn),
              Effect.zipRight(Ref.get(isOver)),
              Effect.map((over) => over ? -1 : at + 1)
            )
        })
      const writers = yield* Effect.fork(Effect.forEach([0, 1, 2, 3], load, { concurrency: "unbounded" }))
      const answers = Effect.andThen(turn, Ref.get(answered))
      yield* Effect.repeat(answers, { until: (all) => all.length > 200 })
      yield* Effect.promise(server.restart)
      const before = (yield* Ref.get(answered)).length
      yield* Effect.repeat(answers, { until: (all) => all.length > before + 200 })
      yield* Ref.set(isOver, true)
      yield* Fiber.join(writers)
      const stored = new Set((yield* read({ after: 0, limit: 1_000_000 })).map(({ identity }) => identity))
      assert.deepStrictEqual((yield* Ref.get(answered)).filter((identity) => !stored.has(identity)), [])
    }), 30_000)
})
