import { Triggers } from "@effect-postmark/automation"
import { CursorStore, EventLog, Ids, PostmarkTriggers, StoreUnavailable, SubscriberStore } from "@effect-postmark/core"
import { assert, it } from "@effect/vitest"
import { Context, Deferred, Effect, FastCheck, Layer, Queue, TestClock } from "effect"
import { append, bounce, connectionId, eventually, otherConnection, run, type Stores, stores } from "./triggersKit.ts"

const cursorKey = JSON.stringify(["a", "postmark/email-bounced", null])

const ladder = ["0 seconds", "1 second", "1 second", "1 second"] as const

/** Each event: its recipient, and how many tries fail. Four failures make a dead letter. */
const someEvents = FastCheck.array(
  FastCheck.record({
    person: FastCheck.nat(3),
    failures: FastCheck.oneof({ weight: 3, arbitrary: FastCheck.constant(0) }, FastCheck.integer({ min: 1, max: 4 }))
  }),
  { minLength: 1, maxLength: 40 }
)

it.scoped.prop(
  "keeps the order of each recipient, and never handles two events of one at once",
  { events: someEvents, concurrency: FastCheck.integer({ min: 1, max: 5 }) },
  ({ concurrency, events }) =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const failures = new Map(events.map(({ failures }, at) => [at + 1, failures]))
      const running = new Map<string, number>()
      const handled = new Map<string, Array<number>>()
      const problems: Array<string> = []
      yield* run(
        context,
        Triggers.on(
          PostmarkTriggers.EmailBounced,
          { subscriber: "a", concurrency, ladder, lease: "6 hours", pollInterval: "1 minute" },
          ({ bounceId, recipient }) =>
            Effect.gen(function*() {
              const id = Number(bounceId)
              if (running.has(recipient)) problems.push(`${id} runs beside ${running.get(recipient)}`)
              running.set(recipient, id)
              if (running.size > concurrency) problems.push(`${running.size} at once`)
              for (let step = 0; step < id % 5; step++) yield* Effect.yieldNow()
              running.delete(recipient)
              const left = failures.get(id) ?? 0
              failures.set(id, left - 1)
              if (left > 0) return yield* Effect.fail("not yet")
              const own = handled.get(recipient) ?? []
              handled.set(recipient, own)
              own.push(id)
            })
        )
      )
      yield* Effect.provide(
        Effect.forEach(events, ({ person }, at) => append(bounce(at + 1, `${person}@x.example`))),
        context
      )
      yield* isThrough(context, events.length)
      assert.deepStrictEqual(problems, [])
      const expected = new Map<string, Array<number>>()
      events.forEach(({ failures, person }, at) => {
        if (failures >= ladder.length) return
        const recipient = `${person}@x.example`
        expected.set(recipient, [...expected.get(recipient) ?? [], at + 1])
      })
      assert.deepStrictEqual(Object.fromEntries(handled), Object.fromEntries(expected))
    }),
  { fastCheck: { numRuns: 15 }, timeout: 120_000 }
)

/** A crash after so many store calls, or a call that fails. */
const someFaults = FastCheck.array(
  FastCheck.record({ after: FastCheck.nat(40), kind: FastCheck.constantFrom("crash", "refuses", "loses the answer") }),
  { maxLength: 8 }
)

it.scoped.prop(
  "skips nothing, whichever store call fails and whenever the program is stopped",
  { events: someEvents, faults: someFaults, concurrency: FastCheck.integer({ min: 1, max: 4 }) },
  ({ concurrency, events, faults }) =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const log = Context.get(context, EventLog.EventLog)
      const cursors = Context.get(context, CursorStore.CursorStore)
      const subscribers = Context.get(context, SubscriberStore.SubscriberStore)
      const failures = new Map(events.map(({ failures }, at) => [at + 1, failures]))
      const handled = new Set<number>()
      const skipped: Array<string> = []
      const pending = [...faults]
      const crashes = yield* Queue.unbounded<void>()
      let calls = 0

      /** The calls of the store, counted, with what strikes them. */
      const struck = <A>(call: Effect.Effect<A, StoreUnavailable.StoreUnavailable>) =>
        Effect.suspend(() => {
          const [fault] = pending
          if (fault === undefined || ++calls < fault.after) return call
          calls = 0
          pending.shift()
          const refused = new StoreUnavailable.StoreUnavailable({ store: "any", operation: "any" })
          if (fault.kind === "refuses") return Effect.fail(refused)
          if (fault.kind === "loses the answer") return Effect.zipRight(call, Effect.fail(refused))
          return Effect.zipRight(Queue.offer(crashes, undefined), Effect.never)
        })

      /** What the cursor moves past was handled, or has a row. */
      const advance: CursorStore.Service["advance"] = (subscriber, to) =>
        Effect.gen(function*() {
          const rows = yield* subscribers.list({
            subscriber: "a",
            trigger: "postmark/email-bounced",
            after: 0,
            limit: 100,
            states: ["pending", "waiting", "dead"]
          })
          const kept = new Set(rows.map(({ sequence }) => sequence))
          for (let at = 1; at <= to; at++) if (!handled.has(at) && !kept.has(at)) skipped.push(`${at} at ${to}`)
          yield* struck(cursors.advance(subscriber, to))
        })

      const program = Triggers.on(
        PostmarkTriggers.EmailBounced,
        { subscriber: "a", concurrency, ladder, lease: "6 hours", pollInterval: "1 minute" },
        ({ bounceId }) =>
          Effect.gen(function*() {
            const id = Number(bounceId)
            yield* Effect.yieldNow()
            const left = failures.get(id) ?? 0
            failures.set(id, left - 1)
            if (left > 0) return yield* Effect.fail("not yet")
            handled.add(id)
          })
      )
      const watched = () =>
        Context.mergeAll(
          Context.make(EventLog.EventLog, { ...log, latest: struck(log.latest), read: (o) => struck(log.read(o)) }),
          Context.make(CursorStore.CursorStore, { get: (name) => struck(cursors.get(name)), advance }),
          Context.make(SubscriberStore.SubscriberStore, {
            ...subscribers,
            standing: (o) => struck(subscribers.standing(o)),
            nextDue: (o) => struck(subscribers.nextDue(o)),
            due: (o) => struck(subscribers.due(o)),
            settle: (o) => struck(subscribers.settle(o))
          })
        )
      yield* Effect.provide(
        Effect.forEach(events, ({ person }, at) => append(bounce(at + 1, `${person}@x.example`))),
        context
      )
      const isDone = Effect.map(isSettled(context, events.length), (isSettled) => isSettled && pending.length === 0)
      while (!(yield* isDone)) {
        yield* Effect.scoped(Effect.gen(function*() {
          yield* run(watched(), program)
          yield* eventually(
            Effect.gen(function*() {
              if ((yield* Queue.size(crashes)) > 0) return true
              return yield* isDone
            }),
            "1 minutes"
          )
        }))
        yield* Queue.takeAll(crashes)
      }
      assert.deepStrictEqual(skipped, [])
      const dead = yield* subscribers.list({
        subscriber: "a",
        trigger: "postmark/email-bounced",
        after: 0,
        limit: 100,
        states: ["dead"]
      })
      for (const [at] of events.entries()) {
        const isDead = dead.some(({ sequence }) => sequence === at + 1)
        assert.isTrue(handled.has(at + 1) || isDead, `event ${at + 1}`)
      }
    }),
  { fastCheck: { numRuns: 15 }, timeout: 120_000 }
)

it.scoped("a slow event holds up its own recipient only, and the cursor stays before it", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<number>()
    const release = yield* Deferred.make<void>()
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a", concurrency: 2 }, ({ bounceId }) =>
        Effect.zipRight(bounceId === "1" ? Deferred.await(release) : Effect.void, Queue.offer(seen, Number(bounceId))))
    )
    for (let id = 1; id <= 250; id++) {
      yield* Effect.provide(append(bounce(id, `${id % 50}@x.example`)), context)
    }
    yield* eventually(Effect.map(Queue.size(seen), (size) =>
      size >= 245))
    const before = Array.from(yield* Queue.takeAll(seen))
    assert.deepStrictEqual(
      before,
      Array.from({ length: 250 }, (_, at) =>
        at + 1).filter((id) =>
          id % 50 !== 1
        )
    )
    assert.strictEqual(yield* cursor(context), 0)
    yield* Deferred.succeed(release, undefined)
    yield* eventually(Effect.map(cursor(context), (at) => at === 250))
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), [1, 51, 101, 151, 201])
  }))

it.scoped("stops reading when an event is left behind too far", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    let handled = 0
    yield* run(
      context,
      Triggers.on(PostmarkTriggers.EmailBounced, { subscriber: "a", concurrency: 2 }, ({ bounceId }) =>
        bounceId === "1" ? Effect.never : Effect.sync(() =>
          handled++
        ))
    )
    for (let id = 1; id <= 1_500; id++) yield* Effect.provide(append(bounce(id, `${id}@x.example`)), context)
    yield* eventually(Effect.sync(() => handled >= 999))
    for (let second = 0; second < 5; second++) yield* TestClock.adjust("1 second")
    assert.isBelow(handled, 1_200)
  }))

it.scoped("without failures, one at a time is the order of the log", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<number>()
    for (let id = 1; id <= 60; id++) yield* Effect.provide(append(bounce(id, `${(id * 7) % 5}@x.example`)), context)
    yield* run(
      context,
      Triggers.on(
        PostmarkTriggers.EmailBounced,
        { subscriber: "a" },
        ({ bounceId }) => Effect.zipRight(Effect.yieldNow(), Queue.offer(seen, Number(bounceId)))
      )
    )
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(Array.from(yield* Queue.takeN(seen, 60)), Array.from({ length: 60 }, (_, at) => at + 1))
  }))

const keys: Readonly<Record<string, readonly [Triggers.Options["key"], ReadonlyArray<number>]>> = {
  "a connection": ["connection", [3]],
  "a recipient": ["recipient", [2, 3]],
  "a function's key": [(_, { sequence }) => sequence === 4 ? "same" : `${sequence}`, [2, 3, 4]],
  "no key": [() => null, [2, 3, 4]],
  "a function that throws: a connection": [() => {
    throw new Error("no key")
  }, [3]]
}
for (const [name, [key, expected]] of Object.entries(keys)) {
  it.scoped(`a failure holds up the events of ${name}`, () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(stores)
      const seen = yield* Queue.unbounded<number>()
      yield* run(
        context,
        Triggers.on(
          PostmarkTriggers.EmailBounced,
          { subscriber: "a", key },
          ({ bounceId }) => bounceId === "1" ? Effect.fail("no") : Queue.offer(seen, Number(bounceId))
        )
      )
      yield* Effect.provide(
        Effect.all([
          append(bounce(1, "a@x.example")),
          append(bounce(2, "b@x.example")),
          append(bounce(3, "a@x.example"), otherConnection),
          append(bounce(4, "a@x.example"))
        ]),
        context
      )
      yield* eventually(Effect.map(cursor(context), (at) => at === 4))
      assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), expected)
    }))
}

it.scoped("reads on past more events than a page when one of its connections has none", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(stores)
    const seen = yield* Queue.unbounded<number>()
    for (let id = 1; id <= 250; id++) yield* Effect.provide(append(bounce(id), connectionId), context)
    yield* run(
      context,
      Triggers.on(
        PostmarkTriggers.EmailBounced,
        { subscriber: "a", connections: [Ids.ConnectionId.make("con_quiet"), connectionId] },
        ({ bounceId }) => Queue.offer(seen, Number(bounceId))
      )
    )
    yield* eventually(Effect.map(Queue.size(seen), (size) => size === 250))
    assert.deepStrictEqual(Array.from(yield* Queue.takeAll(seen)), Array.from({ length: 250 }, (_, at) => at + 1))
  }))

const cursor = (context: Context.Context<Stores>) => Context.get(context, CursorStore.CursorStore).get(cursorKey)

const isSettled = (context: Context.Context<Stores>, events: number) =>
  Effect.gen(function*() {
    const open = (yield* Context.get(context, SubscriberStore.SubscriberStore).counts).some(({ open }) => open > 0)
    return !open && (yield* cursor(context)) === events
  })

const isThrough = (context: Context.Context<Stores>, events: number) =>
  eventually(isSettled(context, events), "1 minutes")
