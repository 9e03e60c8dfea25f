import { Triggers } from "@effect-postmark/automation"
import { CursorStore, PostmarkTriggers, StoreUnavailable, SubscriberStore } from "@effect-postmark/core"
import { assert, it } from "@effect/vitest"
import { Context, Deferred, Effect, Layer, Queue, TestClock } from "effect"
import { append, bounce, elsewhere, eventually, run, type Stores, stores } from "./triggersKit.ts"

const cursorKey = JSON.stringify(["a", "postmark/email-bounced", null])

const onBounce = (handler: (id: number) => Effect.Effect<unknown, unknown>, options: Partial<Triggers.Options> = {}) =>
  Triggers.on(
    PostmarkTriggers.EmailBounced,
    { subscriber: "a", connections: options.connections, concurrency: options.concurrency },
    ({ bounceId }) => handler(Number(bounceId))
  )

/** A process whose renewals of the lease fail from a moment on. */
const cutOff = (context: Context.Context<Stores>) =>
  Effect.map(Deferred.make<void>(), (cut) => {
    const store = Context.get(context, SubscriberStore.SubscriberStore)
    const unavailable = new StoreUnavailable.StoreUnavailable({ store: "subscriber", operation: "hold" })
    return {
      cut: Deferred.succeed(cut, undefined),
      context: Context.add(elsewhere(context), SubscriberStore.SubscriberStore, {
        ...store,
        hold: (options) =>
          Effect.flatMap(Deferred.isDone(cut), (isCut) => isCut ? Effect.fail(unavailable) : store.hold(options)),
        release: (options) =>
          Effect.flatMap(Deferred.isDone(cut), (isCut) => isCut ? Effect.fail(unavailable) : store.release(options))
      })
    }
  })

it.scoped("two processes with one name do not both handle an event", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen: Array<string> = []
    const process = (name: string) =>
      run(elsewhere(context), onBounce((id) => Effect.sync(() => seen.push(`${name}${id}`)), { concurrency: 4 }))
    yield* process("x")
    yield* process("y")
    for (let id = 1; id <= 150; id++) {
      yield* Effect.provide(append(bounce(id, `${id % 7}@x.example`)), context)
      if (id % 30 === 0) yield* TestClock.adjust("5 seconds")
    }
    yield* eventually(Effect.sync(() => seen.length >= 150), "5 seconds")
    assert.sameMembers(seen, Array.from({ length: 150 }, (_, at) => `${seen[0]?.[0]}${at + 1}`))
  }))

it.scoped("a process that stops gives its work to the next at once", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    yield* Effect.scoped(Effect.gen(function*() {
      yield* run(elsewhere(context), onBounce((id) => Queue.offer(seen, `x${id}`)))
      yield* Effect.provide(append(bounce(1)), context)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Queue.take(seen), "x1")
    }))
    yield* run(elsewhere(context), onBounce((id) => Queue.offer(seen, `y${id}`)))
    yield* Effect.provide(append(bounce(2)), context)
    // The clock stands still until here: nobody waited for a lease.
    assert.strictEqual(yield* Queue.take(seen), "y2")
  }))

it.scoped("a process that waits takes over within 15 seconds of the other's last sign", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const store = Context.get(context, SubscriberStore.SubscriberStore)
    // A process that was killed right after it renewed its lease.
    yield* store.hold({ subscriber: "a", trigger: "postmark/email-bounced", owner: "killed", expired: null })
    const seen = yield* Queue.unbounded<number>()
    yield* Effect.provide(append(bounce(1)), context)
    yield* run(context, onBounce((id) => Queue.offer(seen, id)))
    for (let second = 0; second < 9; second++) yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.size(seen), 0)
    for (let second = 9; second < 15; second++) yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.take(seen), 1)
  }))

it.scoped("a process that keeps its lease alive is left alone", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    const release = yield* Deferred.make<void>()
    yield* run(
      elsewhere(context),
      onBounce((id) => Effect.zipRight(Deferred.await(release), Queue.offer(seen, `x${id}`)))
    )
    yield* Effect.provide(append(bounce(1)), context)
    yield* TestClock.adjust("1 second")
    yield* run(elsewhere(context), onBounce((id) => Queue.offer(seen, `y${id}`)))
    // The handler takes a minute.
    for (let second = 0; second < 60; second++) yield* TestClock.adjust("1 second")
    yield* Deferred.succeed(release, undefined)
    assert.strictEqual(yield* Queue.take(seen), "x1")
    assert.strictEqual(yield* Queue.size(seen), 0)
  }))

it.scoped("a process that cannot renew its lease stops its handler before another begins, and moves nothing", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<string>()
    const first = yield* cutOff(context)
    yield* run(
      first.context,
      onBounce((id) =>
        Queue.offer(seen, `x${id} begins`).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Queue.offer(seen, `x${id} stops`))
        )
      )
    )
    yield* Effect.provide(append(bounce(1)), context)
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* Queue.take(seen), "x1 begins")
    yield* run(
      elsewhere(context),
      onBounce((id) =>
        Effect.zipRight(Effect.flatMap(cursor(context), (at) => Queue.offer(seen, `y${id} at ${at}`)), Effect.void)
      )
    )
    yield* first.cut
    for (let second = 0; second < 15; second++) yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(
      [yield* Queue.take(seen), yield* Queue.take(seen)],
      ["x1 stops", "y1 at 0"]
    )
    yield* eventually(Effect.map(cursor(context), (at) => at === 1))
    assert.strictEqual(yield* Queue.size(seen), 0)
  }))

it.scoped("a process whose lease was taken writes no outcome of its own", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const store = Context.get(context, SubscriberStore.SubscriberStore)
    const begun = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    yield* run(
      context,
      onBounce(() =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.zipRight(Deferred.await(release)),
          Effect.zipRight(Effect.fail("too late"))
        )
      )
    )
    yield* Effect.provide(append(bounce(1)), context)
    yield* TestClock.adjust("1 second")
    yield* Deferred.await(begun)
    const subscription = { subscriber: "a", trigger: "postmark/email-bounced" }
    // Another process that saw the lease unchanged for its whole length.
    let lease = { owner: "", beat: 0 }
    while (lease.owner !== "other") {
      const expired = lease
      lease = yield* store.hold({ ...subscription, owner: "other", expired })
    }
    yield* Deferred.succeed(release, undefined)
    for (let second = 0; second < 5; second++) yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(yield* store.counts, [])
    assert.strictEqual(yield* cursor(context), 0)
  }))

const cursor = (context: Context.Context<Stores>) => Context.get(context, CursorStore.CursorStore).get(cursorKey)
