import { Subscribers, Triggers } from "@effect-postmark/automation"
import { Metrics, PostmarkTriggers, SubscriberStore } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Data, Deferred, Effect, Layer, Logger, Metric, Queue, TestClock } from "effect"
import { append, bounce, connectionId, eventually, otherConnection, run, type Stores, stores } from "./triggersKit.ts"

class Refused extends Data.TaggedError("Refused")<{ readonly address: string }> {}

const subscription = { subscriber: "a", trigger: "postmark/email-bounced" }

const countsOf = (context: Context.Context<Stores>) =>
  Effect.map(
    Context.get(context, SubscriberStore.SubscriberStore).counts,
    (counts) => counts.map(({ dead, open }) => [open, dead])
  )

const letters = (context: Context.Context<Stores>) =>
  Effect.provide(Effect.flatMap(Subscribers.make, ({ deadLetters }) => deadLetters(subscription)), context)

const onBounce = (
  options: Omit<Triggers.Options, "subscriber" | "key">,
  handler: (id: number, recipient: string) => Effect.Effect<unknown, unknown>
) =>
  Triggers.on(
    PostmarkTriggers.EmailBounced,
    // Clocks of tests jump by minutes.
    { subscriber: "a", lease: "12 hours", ...options },
    ({ bounceId, recipient }) => handler(Number(bounceId), recipient)
  )

describe("a failing handler", () => {
  it.scoped("holds up no other recipient's events, and gets its event again", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      let isDown = true
      yield* run(
        context,
        onBounce({}, (id) => id === 1 && isDown ? Effect.fail("not yet") : Queue.offer(seen, id))
      )
      yield* Effect.provide(
        Effect.all([
          append(bounce(1, "a@x.example")),
          append(bounce(2, "b@x.example")),
          append(bounce(3, "c@x.example"))
        ]),
        context
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([yield* Queue.take(seen), yield* Queue.take(seen)], [2, 3])
      isDown = false
      yield* eventually(Effect.map(Queue.size(seen), (size) => size > 0))
      assert.strictEqual(yield* Queue.take(seen), 1)
      yield* eventually(Effect.map(countsOf(context), (counts) => counts.length === 0))
    }))

  it.scoped("is tried ten times over an hour; then its event is a dead letter, and somebody is told", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const logged: Array<string> = []
      const logger = Logger.make(({ annotations, logLevel, message }) => {
        logged.push(`${logLevel.label} ${String(message)} ${JSON.stringify([...annotations])}`)
      })
      const count = Metric.value(Metric.tagged(Metrics.deadLetters, "trigger", subscription.trigger))
      const before = (yield* count).count
      const tries: Array<number> = []
      yield* run(
        context,
        onBounce({ pollInterval: "1 minute" }, (_, address) =>
          Effect.zipRight(
            Effect.clockWith((clock) => Effect.map(clock.currentTimeMillis, (at) => tries.push(at))),
            new Refused({ address })
          )).pipe(Layer.provide(Logger.add(logger)))
      )
      yield* Effect.provide(append(bounce(1)), context)
      const store = Context.get(context, SubscriberStore.SubscriberStore)
      while (tries.length < 10) {
        yield* TestClock.adjust("1 second")
        const due = yield* store.nextDue(subscription)
        const now = yield* Clock.currentTimeMillis
        if (due !== null && due > now) yield* TestClock.adjust(due - now)
      }
      yield* eventually(Effect.map(countsOf(context), (counts) => counts[0]?.[1] === 1))
      assert.lengthOf(tries, 10)
      const [first = 0] = tries
      const last = tries.at(-1) ?? 0
      assert.isAtLeast(last - first, 47 * 60_000)
      assert.isAtMost(last - first, 76 * 60_000)
      const [letter, ...others] = yield* letters(context)
      assert.lengthOf(others, 0)
      assert.deepInclude(letter, {
        ...subscription,
        sequence: 1,
        connectionId,
        receivedAt: "2026-09-30T16:05:01.000Z",
        attempts: 10,
        failure: "Refused",
        firstTriedAt: first,
        lastTriedAt: last
      })
      assert.strictEqual((yield* count).count, before + 1)
      const told = logged.filter((line) => line.startsWith("ERROR") && line.includes("dead letter"))
      assert.lengthOf(told, 1)
      assert.include(told[0], "\"subscriber\",\"a\"")
      assert.notInclude(JSON.stringify([logged, letter]), "gone@example.com")
    }))

  it.scoped("is tried as often as the ladder says", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      let tries = 0
      yield* run(
        context,
        onBounce({ ladder: ["0 seconds", "1 minute"] }, () =>
          Effect.zipRight(Effect.sync(() => tries++), Effect.die("no")))
      )
      yield* Effect.provide(append(bounce(1)), context)
      yield* eventually(
        Effect.map(letters(context), ({ length }) =>
          length === 1),
        "15 seconds"
      )
      assert.strictEqual(tries, 2)
    }))

  it.scoped("holds up the later events of its recipient until its event is handled", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      let isDown = true
      yield* run(
        context,
        onBounce({}, (id) => id === 1 && isDown ? Effect.fail("not yet") : Queue.offer(seen, id))
      )
      const events = [
        bounce(1, "A@x.example"),
        bounce(2, "a@x.example"),
        bounce(3, "b@x.example"),
        bounce(4, "a@x.example")
      ]
      yield* Effect.provide(Effect.forEach(events, (event) => append(event)), context)
      // The same address at another client is another person.
      yield* Effect.provide(append(bounce(5, "a@x.example"), otherConnection), context)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([yield* Queue.take(seen), yield* Queue.take(seen)], [3, 5])
      yield* eventually(Effect.map(countsOf(context), ([counts]) => counts?.[0] === 3))
      isDown = false
      yield* eventually(Effect.map(countsOf(context), (counts) => counts.length === 0))
      assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), [1, 2, 4])
    }))

  it.scoped("gives the recipient's later events free when its event is a dead letter", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      yield* run(
        context,
        onBounce({ ladder: ["0 seconds", "1 second", "1 second"] }, (id) =>
          id === 1 ? Effect.fail("never") : Queue.offer(seen, id))
      )
      yield* Effect.provide(
        Effect.forEach([1, 2, 3], (id) =>
          append(bounce(id))),
        context
      )
      yield* eventually(Effect.map(Queue.size(seen), (size) => size === 2))
      assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), [2, 3])
      yield* eventually(Effect.map(countsOf(context), ([counts]) => counts?.join() === "0,1"))
    }))

  it.scoped("ordered, is called again beyond the ladder, and the others wait", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      let tries = 0
      yield* run(
        context,
        onBounce({ ordered: true, concurrency: 8, ladder: ["0 seconds"], pollInterval: "1 minute" }, (id) =>
          Effect.suspend(() => id === 1 && ++tries < 20 ? Effect.fail("not yet") : Queue.offer(seen, id)))
      )
      yield* Effect.provide(
        Effect.all([append(bounce(1, "a@x.example")), append(bounce(2, "b@x.example"))]),
        context
      )
      yield* eventually(
        Effect.map(Queue.size(seen), (size) =>
          size === 2),
        "1 minutes"
      )
      assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), [1, 2])
      assert.strictEqual(tries, 20)
      assert.deepStrictEqual(yield* countsOf(context), [])
    }))

  it.scoped("goes on with its event after a restart", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* run(context, onBounce({}, () => Effect.fail("not yet")))
        yield* Effect.provide(Effect.forEach([1, 2], (id) => append(bounce(id))), context)
        yield* eventually(Effect.map(countsOf(context), ([counts]) => counts?.[0] === 2))
      }))
      yield* Effect.provide(append(bounce(3)), context)
      yield* run(context, onBounce({}, (id) => Queue.offer(seen, id)))
      yield* eventually(Effect.map(Queue.size(seen), (size) => size === 3))
      assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), [1, 2, 3])
      yield* eventually(Effect.map(countsOf(context), (counts) => counts.length === 0))
    }))
})

describe("dead letters", () => {
  /** Six of them, in two connections, received on six days; the handler works when they are replayed. */
  const sixDead = Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<number>()
    const mended = yield* Deferred.make<void>()
    yield* run(
      context,
      onBounce(
        { ladder: ["0 seconds"] },
        (id) =>
          Effect.flatMap(Deferred.isDone(mended), (isMended) => isMended ? Queue.offer(seen, id) : Effect.fail("down"))
      )
    )
    yield* Effect.provide(
      Effect.forEach([1, 2, 3, 4, 5, 6], (id) =>
        append(
          bounce(id, `${id}@x.example`),
          id % 2 === 1 ? connectionId : otherConnection,
          `2026-10-0${id}T00:00:00.000Z`
        )),
      context
    )
    yield* eventually(Effect.map(letters(context), ({ length }) => length === 6))
    yield* Deferred.succeed(mended, undefined)
    const subscribers = yield* Effect.provide(Subscribers.make, context)
    /** What the handler gets, in the order of numbers. */
    const handled = (count: number) =>
      Effect.gen(function*() {
        yield* eventually(Effect.map(Queue.size(seen), (size) => size >= count))
        return Array.from(yield* Queue.takeAll(seen)).toSorted((a, b) => a - b)
      })
    return { subscribers, handled }
  })

  it.scoped("are listed by page, connection and time", () =>
    Effect.gen(function*() {
      const { subscribers } = yield* sixDead
      const listed = (options?: Parameters<typeof subscribers.deadLetters>[1]) =>
        Effect.map(subscribers.deadLetters(subscription, options), (all) => all.map(({ sequence }) => sequence))
      assert.deepStrictEqual(yield* listed(), [1, 2, 3, 4, 5, 6])
      assert.deepStrictEqual(yield* listed({ after: 2, limit: 2 }), [3, 4])
      assert.deepStrictEqual(yield* listed({ connections: ["con_2"] }), [2, 4, 6])
      assert.deepStrictEqual(
        yield* listed({ from: "2026-10-02T00:00:00.000Z", to: "2026-10-04T00:00:00.000Z" }),
        [2, 3]
      )
      assert.deepStrictEqual(yield* subscribers.counts, [{ ...subscription, open: 0, dead: 6 }])
      assert.deepStrictEqual(yield* subscribers.deadLetters({ ...subscription, subscriber: "b" }), [])
    }))

  const selections: Readonly<Record<string, readonly [Subscribers.Selection, ReadonlyArray<number>]>> = {
    "one": [{ sequences: [4] }, [4]],
    "some": [{ sequences: [6, 2, 99] }, [2, 6]],
    "a connection's": [{ connections: ["con_1"] }, [1, 3, 5]],
    "a time range": [{ from: "2026-10-02T00:00:00.000Z", to: "2026-10-05T00:00:00.000Z" }, [2, 3, 4]],
    "all": [{}, [1, 2, 3, 4, 5, 6]]
  }
  for (const [name, [which, expected]] of Object.entries(selections)) {
    it.scoped(`are handed to the handler again: ${name}`, () =>
      Effect.gen(function*() {
        const { handled, subscribers } = yield* sixDead
        assert.strictEqual(yield* subscribers.replay(subscription, which), expected.length)
        assert.deepStrictEqual(yield* handled(expected.length), expected)
        yield* eventually(Effect.map(subscribers.counts, ([count]) => (count?.open ?? 0) === 0))
        assert.lengthOf(yield* subscribers.deadLetters(subscription), 6 - expected.length)
      }))
  }

  it.scoped("are discarded, and not handled again", () =>
    Effect.gen(function*() {
      const { handled, subscribers } = yield* sixDead
      assert.strictEqual(yield* subscribers.discard(subscription, { sequences: [1, 2] }), 2)
      assert.strictEqual(yield* subscribers.replay(subscription, {}), 4)
      assert.deepStrictEqual(yield* handled(4), [3, 4, 5, 6])
    }))

  it.scoped("whose event is no longer in the log are dropped when they are replayed", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const store = Context.get(context, SubscriberStore.SubscriberStore)
      yield* store.hold({ ...subscription, owner: "me", expired: null })
      yield* store.settle({
        ...subscription,
        owner: "me",
        settlements: [{
          state: "dead",
          sequence: 1,
          connectionId,
          key: null,
          receivedAt: "2026-10-01T00:00:00.000Z",
          attempts: 1,
          dueAt: 0,
          failure: "Error",
          firstTriedAt: 0,
          lastTriedAt: 0,
          settledAt: 0
        }]
      })
      yield* store.release({ ...subscription, owner: "me" })
      yield* run(context, onBounce({}, () => Effect.die("it must not be called")))
      const subscribers = yield* Effect.provide(Subscribers.make, context)
      yield* subscribers.replay(subscription, {})
      yield* eventually(Effect.map(countsOf(context), (counts) => counts.length === 0))
    }))
})
