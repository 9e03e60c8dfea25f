import { Waits } from "@effect-postmark/automation"
import { Connections, EventLog, Ids, StoreUnavailable, WaitStore } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, TestClock } from "effect"
import { append, bounced, con1, connect, connections, delivered, email, memory, opened } from "./waitsKit.ts"

const id = "0a129aee-e1cd-480d-b08d-4f48548ff48d"
const about = { connectionId: con1, messageId: id }

const services = Waits.layer({ pollInterval: "10 minutes" }).pipe(
  Layer.provideMerge(connections()),
  Layer.provideMerge(memory)
)

const wait = (options: Partial<Waits.Options> = {}) =>
  Effect.flatMap(Waits.Waits, (waits) => waits.awaitOutcome({ ...about, within: "1 hour", ...options }))

describe("Waits", () => {
  it.scoped("answers with the event that came while it waited", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(Option.isNone(yield* Fiber.poll(fiber)), true)
      yield* append(delivered(about))
      yield* TestClock.adjust("1 second")
      const outcome = yield* Fiber.join(fiber)
      assert.strictEqual(outcome._tag, "Delivered")
      assert.isTrue(outcome._tag === "Delivered" && outcome.event.messageId === Ids.MessageId.make(id))
    }).pipe(Effect.provide(services)))

  it.scoped("answers at once with the event that came before", () =>
    Effect.gen(function*() {
      yield* append(bounced(about))
      const outcome = yield* wait()
      assert.strictEqual(outcome._tag === "Bounced" && outcome.event.category, "permanent")
    }).pipe(Effect.provide(services)))

  it.scoped("does not take an automatic reply for a bounce", () =>
    Effect.gen(function*() {
      yield* append(bounced(about, "AutoResponder"))
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "TimedOut")
    }).pipe(Effect.provide(services)))

  it.scoped("times out at the deadline, not before, and stays timed out", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(Option.isNone(yield* Fiber.poll(fiber)), true)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "TimedOut")
      yield* append(delivered(about))
      assert.strictEqual((yield* wait({ within: "9 days" }))._tag, "TimedOut")
      assert.strictEqual((yield* wait({ name: "another", within: "9 days" }))._tag, "Delivered")
    }).pipe(Effect.provide(services)))

  it.scoped("keeps the first deadline when the program starts again", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(memory)
      const program = Waits.layer({ pollInterval: "10 minutes" }).pipe(
        Layer.provideMerge(connections()),
        Layer.provide(Layer.succeedContext(context))
      )
      const run = Effect.scoped(Effect.provide(wait(), program))
      const first = yield* Effect.fork(run)
      yield* TestClock.adjust("40 minutes")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("10 minutes")
      const second = yield* Effect.fork(run)
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(Option.isNone(yield* Fiber.poll(second)), true)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(second))._tag, "TimedOut")
    }))

  it.scoped("tells everybody who waits for the same", () =>
    Effect.gen(function*() {
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(wait()))
      yield* TestClock.adjust("1 second")
      const [first] = fibers
      if (first !== undefined) yield* Fiber.interrupt(first)
      yield* append(delivered(about))
      yield* TestClock.adjust("1 second")
      for (const fiber of fibers.slice(1)) assert.strictEqual((yield* Fiber.join(fiber))._tag, "Delivered")
    }).pipe(Effect.provide(services)))

  it.scoped("answers for each recipient, or for the first", () =>
    Effect.gen(function*() {
      yield* append(bounced({ ...about, recipient: "Bob@example.com" }))
      yield* append(delivered({ ...about, recipient: "ann@example.com" }))
      assert.strictEqual((yield* wait({ recipient: "ann@example.com" }))._tag, "Delivered")
      assert.strictEqual((yield* wait({ recipient: "bob@example.com " }))._tag, "Bounced")
      assert.strictEqual((yield* wait())._tag, "Bounced")
    }).pipe(Effect.provide(services)))

  it.scoped("can be registered, polled and cancelled without waiting", () =>
    Effect.gen(function*() {
      const waits = yield* Waits.Waits
      const stored = yield* waits.register({ ...about, within: "1 hour", kind: "outcome" })
      assert.deepStrictEqual(yield* waits.poll(stored.id), Option.none())
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* waits.cancel(stored.id))
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "WaitNotFound")
      assert.strictEqual((yield* Effect.flip(waits.poll(stored.id)))._tag, "WaitNotFound")
      assert.isFalse(yield* waits.cancel(stored.id))
      yield* append(delivered(about))
      const again = yield* waits.register({ ...about, within: "1 hour", kind: "outcome" })
      assert.strictEqual(Option.getOrThrow(yield* waits.poll(again.id))._tag, "Delivered")
    }).pipe(Effect.provide(services)))

  it.scoped("ends when another process cancelled the wait, at the deadline at the latest", () =>
    Effect.gen(function*() {
      const waits = yield* Waits.Waits
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("1 second")
      const { id } = yield* waits.register({ ...about, within: "1 hour", kind: "outcome" })
      yield* (yield* WaitStore.WaitStore).remove(id)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "WaitNotFound")
    }).pipe(Effect.provide(services)))

  it.scoped("waits on when the store is unavailable for a while", () => {
    let failing = false
    const unavailable = Effect.suspend(() =>
      new StoreUnavailable.StoreUnavailable({ store: "wait", operation: "expire", reason: "SQLITE_BUSY" })
    )
    const flaky = Layer.effect(
      WaitStore.WaitStore,
      Effect.map(WaitStore.WaitStore, (store) => ({
        ...store,
        expire: (options: Parameters<typeof store.expire>[0]) =>
          Effect.suspend(() => failing ? unavailable : store.expire(options))
      }))
    )
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(wait())
      yield* TestClock.adjust("1 second")
      failing = true
      yield* append(delivered(about))
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(Option.isNone(yield* Fiber.poll(fiber)), true)
      failing = false
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Delivered")
    }).pipe(
      Effect.provide(
        Waits.layer({ pollInterval: "10 minutes" }).pipe(
          Layer.provideMerge(connections()),
          Layer.provideMerge(flaky),
          Layer.provideMerge(memory)
        )
      )
    )
  })

  it.scoped("forgets ended waits after the retention", () =>
    Effect.gen(function*() {
      const waits = yield* Waits.Waits
      const { id } = yield* waits.register({ ...about, within: "1 hour", kind: "outcome" })
      yield* TestClock.adjust("30 days")
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(waits.poll(id))))
      yield* TestClock.adjust("27 hours")
      assert.strictEqual((yield* Effect.flip(waits.poll(id)))._tag, "WaitNotFound")
    }).pipe(Effect.provide(
      Waits.layer({ pollInterval: "1 day" }).pipe(Layer.provideMerge(connections()), Layer.provideMerge(memory))
    )))
})

describe("a wait for an open", () => {
  const awaitOpen = (options: Waits.OpenOptions) => Effect.flatMap(Waits.Waits, (waits) => waits.awaitOpen(options))

  it.scoped("answers with the open", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const sent = email("ann@example.com")
      const fiber = yield* Effect.fork(awaitOpen({ connectionId, messageId: id, email: sent, within: "3 days" }))
      yield* TestClock.adjust("1 second")
      yield* append(delivered({ connectionId, messageId: id }))
      yield* append(opened({ connectionId, messageId: id }))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Opened")
    }).pipe(Effect.provide(services)))

  it.scoped("fails at once with the reason when no open can be reported", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const sent = { ...email("ann@example.com"), htmlBody: "", textBody: "Welcome", trackOpens: false }
      const error = yield* Effect.flip(awaitOpen({ connectionId, messageId: id, email: sent, within: "3 days" }))
      assert.strictEqual(error._tag, "OpenNotReported")
      assert.deepStrictEqual(error._tag === "OpenNotReported" && error.obstacles, ["trackingOff", "noHtmlBody"])
      assert.include(error.message, "send with trackOpens")
    }).pipe(Effect.provide(services)))

  it.scoped("asks Postmark about a message that it did not see", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const client = yield* (yield* Connections.Connections).client(connectionId)
      const { messageId } = yield* client.sendEmail({ ...email("ann@example.com"), trackOpens: false })
      const error = yield* Effect.flip(awaitOpen({ connectionId, messageId, within: "3 days" }))
      assert.deepStrictEqual(error._tag === "OpenNotReported" && error.obstacles, ["trackingOff"])
    }).pipe(Effect.provide(services)))

  it.scoped("does not count a machine's open when asked to", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const options = { connectionId, messageId: id, email: email("ann@example.com"), within: "3 days" as const }
      yield* append(opened({ connectionId, messageId: id }, "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"))
      assert.strictEqual((yield* awaitOpen(options))._tag, "Opened")
      const fiber = yield* Effect.fork(awaitOpen({ ...options, machineOpens: "ignore" }))
      yield* TestClock.adjust("1 hour")
      yield* append(opened({ connectionId, messageId: id }))
      yield* TestClock.adjust("1 second")
      const outcome = yield* Fiber.join(fiber)
      assert.strictEqual(outcome._tag === "Opened" && outcome.event.machineOpen, "unknown")
      assert.strictEqual(yield* (yield* EventLog.EventLog).latest, 2)
    }).pipe(Effect.provide(services)))
})
