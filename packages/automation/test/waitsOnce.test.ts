import { Waits } from "@effect-postmark/automation"
import { EventLog, WaitStore } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream, TestClock } from "effect"
import { append, bounced, con1, connect, connections, delivered, email, memory, opened } from "./waitsKit.ts"

const id = "0a129aee-e1cd-480d-b08d-4f48548ff48d"
const about = { connectionId: con1, messageId: id }

/** Counts what is asked of the stores. */
const counted = Effect.gen(function*() {
  const calls = { registered: 0, read: 0 }
  const stores = yield* Layer.build(memory)
  const log = yield* Effect.provide(EventLog.EventLog, stores)
  const waits = yield* Effect.provide(WaitStore.WaitStore, stores)
  const layer = Waits.layer({ pollInterval: "1 second" }).pipe(
    Layer.provideMerge(connections()),
    Layer.provideMerge(Layer.mergeAll(
      Layer.succeed(EventLog.EventLog, {
        ...log,
        read: (options) => Effect.suspend(() => (calls.read++, log.read(options)))
      }),
      Layer.succeed(WaitStore.WaitStore, {
        ...waits,
        register: (wait) => Effect.suspend(() => (calls.registered++, waits.register(wait)))
      })
    )),
    Layer.provideMerge(Layer.succeedContext(stores))
  )
  return { calls, layer }
})

const services = Waits.layer({ pollInterval: "1 second" }).pipe(
  Layer.provideMerge(connections()),
  Layer.provideMerge(memory)
)

const once = (options: Partial<Parameters<Waits.Service["once"]>[0]> = {}) =>
  Effect.flatMap(Waits.Waits, (waits) => waits.once({ ...about, kind: "outcome", within: "1 minute", ...options }))

describe("a wait that is not stored", () => {
  it.scoped("answers with the event that came before, or while it waited", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.all([once(), once({ recipient: "ann@example.com" })], { concurrency: 2 }))
      yield* TestClock.adjust("10 seconds")
      yield* append(delivered({ ...about, recipient: "Ann@example.com" }))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ _tag }) => _tag), ["Delivered", "Delivered"])
      assert.strictEqual((yield* once({ within: 0 }))._tag, "Delivered")
      assert.strictEqual((yield* once({ within: 0, recipient: "bob@example.com" }))._tag, "TimedOut")
    }).pipe(Effect.provide(services)))

  it.scoped("sees an event that another process stored, at the next poll", () =>
    Effect.gen(function*() {
      const stores = yield* Layer.build(memory)
      const log = yield* Effect.provide(EventLog.EventLog, stores)
      const deaf = Waits.layer({ pollInterval: "1 second" }).pipe(
        Layer.provideMerge(connections()),
        Layer.provideMerge(Layer.succeed(EventLog.EventLog, { ...log, changes: Stream.never })),
        Layer.provideMerge(Layer.succeedContext(stores))
      )
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(once())
        yield* TestClock.adjust("500 millis")
        yield* append(bounced(about))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "Bounced")
      }).pipe(Effect.provide(deaf))
    }))

  it.scoped("times out, and an interrupted one is forgotten: nobody reads the log for nobody", () =>
    Effect.gen(function*() {
      const { calls, layer } = yield* counted
      yield* Effect.gen(function*() {
        const gone = yield* Effect.fork(once())
        const fiber = yield* Effect.fork(
          Effect.all(Array.from({ length: 300 }, () => once()), { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(gone)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(new Set((yield* Fiber.join(fiber)).map(({ _tag }) => _tag)), new Set(["TimedOut"]))
        yield* TestClock.adjust("2 seconds")
        const before = calls.read
        assert.isBelow(before, 100)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(calls.read, before)
        assert.strictEqual(calls.registered, 0)
        const later = yield* Effect.fork(once())
        yield* TestClock.adjust("1 second")
        yield* append(delivered(about))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(later))._tag, "Delivered")
      }).pipe(Effect.provide(layer))
    }))

  it.scoped("for an open fails at once when none can be reported, unless it came already", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const sent = { ...email("ann@example.com"), trackOpens: false }
      const open = once({ connectionId, kind: "open", email: sent })
      assert.strictEqual((yield* Effect.flip(open))._tag, "OpenNotReported")
      yield* append(opened({ connectionId, messageId: id }))
      assert.strictEqual((yield* open)._tag, "Opened")
    }).pipe(Effect.provide(services)))
})
