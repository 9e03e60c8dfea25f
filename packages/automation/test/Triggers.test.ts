import { Triggers } from "@effect-postmark/automation"
import { EventLog, Ids, PostmarkTriggers, StoreUnavailable } from "@effect-postmark/core"
import { assert, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Queue, TestClock } from "effect"
import { append, bounce, connectionId, delivery, run, stores } from "./triggersKit.ts"

it.scoped("hands each event of its trigger on, typed, in order", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<readonly [string, string]>()
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event, about) =>
        Queue.offer(seen, [String(event.bounceId), about.connectionId] as const))
    )
    yield* Effect.provide(Effect.all([append(bounce(1)), append(delivery), append(bounce(2))]), context)
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(yield* Queue.take(seen), ["1", "con_1"])
    assert.deepStrictEqual(yield* Queue.take(seen), ["2", "con_1"])
    assert.strictEqual(yield* Queue.size(seen), 0)
  }))

it.scoped("goes on after a restart where it stopped, and another subscriber begins at the first event", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    const subscriber = (name: string) =>
      Triggers.on(
        PostmarkTriggers.EmailBounced,
        { subscriber: name },
        (event) => Queue.offer(seen, `${name}${String(event.bounceId)}`)
      )
    yield* Effect.provide(append(bounce(1)), context)
    yield* Effect.scoped(
      Effect.gen(function*() {
        yield* run(context, subscriber("a"))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Queue.take(seen), "a1")
        yield* TestClock.adjust("1 second")
      })
    )
    yield* Effect.provide(append(bounce(2)), context)
    yield* run(context, subscriber("a"))
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.take(seen), "a2")
    yield* run(context, subscriber("b"))
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([yield* Queue.take(seen), yield* Queue.take(seen)], ["b1", "b2"])
    assert.strictEqual(yield* Queue.size(seen), 0)
  }))

it.scoped("ordered, calls a failing handler again with the same event, and the others wait", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    let calls = 0
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a", ordered: true }, (event) => {
        calls += 1
        if (calls === 1) return Effect.fail("not yet")
        if (calls === 2) return Effect.die(new Error("worse"))
        return Queue.offer(seen, String(event.bounceId))
      })
    )
    yield* Effect.provide(Effect.all([append(bounce(1)), append(bounce(2))]), context)
    yield* TestClock.adjust("1 second")
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([yield* Queue.take(seen), yield* Queue.take(seen)], ["1", "2"])
    assert.strictEqual(calls, 4)
  }))

it.scoped("stopped in the middle of a handler, hands the event on again", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const begun = yield* Queue.unbounded<string>()
    yield* Effect.provide(append(bounce(1)), context)
    yield* Effect.scoped(
      Effect.gen(function*() {
        yield* run(
          context,
          Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) =>
            Effect.zipRight(Queue.offer(begun, String(event.bounceId)), Effect.never))
        )
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Queue.take(begun), "1")
      })
    )
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) =>
        Queue.offer(begun, String(event.bounceId)))
    )
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.take(begun), "1")
  }))

it.scoped("reads more events than one page, of its own connections only", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    for (let id = 1; id <= 250; id++) {
      yield* Effect.provide(append(bounce(id), id % 2 === 0 ? connectionId : Ids.ConnectionId.make("con_2")), context)
    }
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a", connections: ["con_1"] }, (event) =>
        Queue.offer(seen, String(event.bounceId)))
    )
    yield* TestClock.adjust("1 second")
    const ids = yield* Queue.takeN(seen, 125)
    assert.deepStrictEqual(
      Array.from(ids),
      Array.from({ length: 125 }, (_, index) =>
        String((index + 1) * 2))
    )
  }))

it.scoped("waits for a store that does not answer", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const log = Context.get(context, EventLog.EventLog)
    const seen = yield* Queue.unbounded<string>()
    let down = true
    const shaky = EventLog.EventLog.of({
      ...log,
      read: (options) =>
        Effect.suspend(() =>
          down
            ? Effect.fail(new StoreUnavailable.StoreUnavailable({ store: "event", operation: "read" }))
            : log.read(options)
        )
    })
    yield* Effect.provide(append(bounce(1)), context)
    yield* run(
      Context.add(context, EventLog.EventLog, shaky),
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) =>
        Queue.offer(seen, String(event.bounceId)))
    )
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual(yield* Queue.size(seen), 0)
    down = false
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.take(seen), "1")
  }))

it.scoped("calls a handler again whose inner fiber was interrupted, and goes on", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    let calls = 0
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) => {
        calls += 1
        return calls === 1
          ? Effect.gen(function*() {
            const inner = yield* Effect.fork(Effect.never)
            yield* Fiber.interruptFork(inner)
            return yield* Fiber.join(inner)
          })
          : Queue.offer(seen, `${event.bounceId}`)
      })
    )
    yield* Effect.provide(Effect.all([append(bounce(1)), append(bounce(2))]), context)
    yield* TestClock.adjust("2 seconds")
    assert.deepStrictEqual([yield* Queue.take(seen), yield* Queue.take(seen)], ["1", "2"])
  }))

it.scoped("keeps the cursors of two triggers under one name apart", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    yield* Effect.provide(Effect.all([append(delivery), append(bounce(1)), append(bounce(2))]), context)
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) => Queue.offer(seen, `${event.bounceId}`))
    )
    yield* TestClock.adjust("1 second")
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailDelivered, { subscriber: "a" }, (event) => Queue.offer(seen, event.recipient))
    )
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), ["1", "2", "ann@example.com"])
  }))

it.scoped("gives a connection that joins the filter its earlier events, and repeats none of the others", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    const other = Ids.ConnectionId.make("con_2")
    const subscriber = (...connections: ReadonlyArray<string>) =>
      Triggers.on(
        PostmarkTriggers.EmailBounced,
        { subscriber: "a", connections },
        (event) => Queue.offer(seen, `${event.bounceId}`)
      )
    yield* Effect.provide(
      Effect.all([append(bounce(1)), append(bounce(2), other), append(bounce(3)), append(bounce(4), other)]),
      context
    )
    yield* Effect.scoped(Effect.zipRight(run(context, subscriber("con_1")), TestClock.adjust("1 second")))
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), ["1", "3"])
    yield* Effect.provide(append(bounce(5)), context)
    yield* Effect.scoped(Effect.zipRight(run(context, subscriber("con_1", "con_2")), TestClock.adjust("1 second")))
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), ["2", "4", "5"])
  }))

it.scoped("refuses the same subscriber and trigger twice, until the first has ended", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const subscriber = Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, () => Effect.void)
    yield* Effect.scoped(Effect.gen(function*() {
      yield* run(context, subscriber)
      const error = yield* Effect.flip(run(context, Layer.fresh(subscriber)))
      assert.strictEqual(
        error.message,
        "the subscriber \"a\" already handles postmark/email-bounced in this program: use another name"
      )
    }))
    yield* run(context, subscriber)
  }))

it.scoped("starts again after a defect of the store", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const log = Context.get(context, EventLog.EventLog)
    const seen = yield* Queue.unbounded<string>()
    let reads = 0
    const broken = EventLog.EventLog.of({
      ...log,
      read: (options) => Effect.suspend(() => ++reads === 1 ? Effect.die(new Error("worse")) : log.read(options))
    })
    yield* Effect.provide(append(bounce(1)), context)
    yield* run(
      Context.add(context, EventLog.EventLog, broken),
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a" }, (event) => Queue.offer(seen, `${event.bounceId}`))
    )
    yield* TestClock.adjust("5 seconds")
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), ["1"])
  }))
