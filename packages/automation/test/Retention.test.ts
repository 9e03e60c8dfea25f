import { Relay, RelayTargets, Retention, RetentionMetrics } from "@effect-postmark/automation"
import { DeliveryStore, EventLog, RunStore, StoreUnavailable, SubscriberStore, WaitStore } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Logger, Metric, TestClock } from "effect"
import { append, bounce, connect, memory, scripted, target } from "./relayKit.ts"

const dayMs = 86_400_000

const agedBounce = (id: number, days: number) => ({
  ...bounce(id),
  receivedAt: new Date(1_000 * dayMs - days * dayMs).toISOString()
})

const fill = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  yield* TestClock.setTime(1_000 * dayMs)
  for (const [id, days] of [[1, 500], [2, 401], [3, 399], [4, 100], [5, 1]] as const) {
    yield* log.append(agedBounce(id, days))
  }
  const { connectionId } = bounce(1)
  for (const days of [40, 1]) {
    yield* log.quarantine({
      connectionId,
      receivedAt: new Date(1_000 * dayMs - days * dayMs).toISOString(),
      reason: "not JSON",
      body: `${days}`
    })
  }
})

const seen = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  return {
    events: (yield* log.read({ after: 0, limit: 100 })).map(({ identity, raw }) => [identity, raw !== "null"]),
    quarantined: (yield* log.quarantined).map(({ body }) => body)
  }
})

const storages = {
  memory: Layer.mergeAll(
    Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), EventLog.layerMemory),
    SubscriberStore.layerMemory,
    RunStore.layerMemory
  ),
  SQLite: SqliteStorage.layer({ filename: ":memory:" })
}

describe("Retention", () => {
  for (const [storage, layer] of Object.entries(storages)) {
    it.effect(`removes what is older than the policy on ${storage}`, () =>
      Effect.gen(function*() {
        yield* fill
        const kinds = yield* Retention.kinds()
        const removed = yield* Retention.pass(kinds, { step: 1, pause: 0 })
        assert.deepStrictEqual(removed, {
          raw_bodies: 4,
          relay_attempts: 0,
          relay_deliveries: 0,
          dead_letters: 0,
          runs: 0,
          waits: 0,
          quarantine: 1,
          events: 2
        })
        assert.deepStrictEqual(yield* seen, {
          events: [["3", false], ["4", false], ["5", true]],
          quarantined: ["1"]
        })
      }).pipe(Effect.provide(layer)))

    it.effect(`keeps what the policy keeps for ever on ${storage}`, () =>
      Effect.gen(function*() {
        yield* fill
        const before = yield* seen
        const forever = Duration.infinity
        yield* Retention.pass(yield* Retention.kinds({ events: forever, rawBodies: forever, quarantine: forever }))
        assert.deepStrictEqual(yield* seen, before)
      }).pipe(Effect.provide(layer)))
  }

  it.scoped("works in the background, and again after each interval", () =>
    Effect.gen(function*() {
      yield* fill
      yield* Retention.make({ interval: "1 day" })
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual((yield* seen).events.length, 5)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* seen).events.length, 3)
      yield* TestClock.adjust("4 days")
      assert.strictEqual((yield* seen).events.length, 2)
      yield* TestClock.adjust("310 days")
      assert.deepStrictEqual((yield* seen).events, [["5", false]])
    }).pipe(Effect.provide(storages.memory)))

  it.effect("goes on with the other kinds when one fails, and logs and counts it", () =>
    Effect.gen(function*() {
      yield* fill
      const logged: Array<unknown> = []
      const logger = Logger.make(({ annotations, message }) => logged.push([message, [...annotations]]))
      const failing: Retention.Kind = {
        kind: "test_failing",
        keep: "1 day",
        prune: () => new StoreUnavailable.StoreUnavailable({ store: "test", operation: "prune", reason: "SQLITE_FULL" })
      }
      const dying: Retention.Kind = { kind: "test_dying", keep: "1 day", prune: () => Effect.dieMessage("secret") }
      const kinds = yield* Retention.kinds()
      const removed = yield* Retention.pass([failing, dying, ...kinds], { pause: 0 }).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      assert.deepInclude(removed, { test_failing: 0, test_dying: 0, events: 2 })
      assert.strictEqual(logged.length, 2)
      assert.include(JSON.stringify(logged), "SQLITE_FULL")
      assert.notInclude(JSON.stringify(logged), "secret")
      for (const kind of ["test_failing", "test_dying"]) {
        const { count } = yield* Metric.value(Metric.tagged(RetentionMetrics.failures, "kind", kind))
        assert.strictEqual(count, 1)
      }
      const { value } = yield* Metric.value(Metric.tagged(RetentionMetrics.lastSuccess, "kind", "events"))
      assert.strictEqual(value, 1_000 * dayMs / 1_000)
    }).pipe(Effect.provide(storages.memory)))

  it.scoped("never takes an event from under the relay", () =>
    Effect.gen(function*() {
      yield* connect
      yield* TestClock.setTime(Date.UTC(2027, 0, 1))
      yield* target("https://slow.example/")
      // Older than the policy when it is stored.
      yield* append(1)
      const kinds = yield* Retention.kinds({ events: "1 day" })
      yield* Retention.pass(kinds, { pause: 0 })
      assert.deepStrictEqual((yield* seen).events, [["1", false]])
      yield* Relay.make()
      yield* TestClock.adjust("10 seconds")
      yield* Retention.pass(kinds, { pause: 0 })
      assert.deepStrictEqual((yield* seen).events, [])
    }).pipe(Effect.provide(
      RelayTargets.layer().pipe(
        Layer.provideMerge(scripted([], () => Effect.succeed({ status: 204 }))),
        Layer.provideMerge(memory)
      )
    )))
})
