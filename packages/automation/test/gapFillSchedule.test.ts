import { GapFill, GapFillMetrics } from "@effect-postmark/automation"
import { Connections, ConnectionStore, DeliveryStore, Ids, RetryPolicy, SweepStore } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Either, Layer, Metric, TestClock } from "effect"
import { email, start, world } from "./gapFillKit.ts"
import { postgresDatabase, sqliteFile } from "./places.ts"
import { storage } from "./relayStorage.ts"

/** Lets what is due run: its promises are outside of Effect's clock. */
const settle = Effect.repeatN(
  Effect.zipRight(Effect.yieldNow(), Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
  30
)

const pass = (minutes: number) => Effect.repeatN(Effect.zipRight(TestClock.adjust("1 minute"), settle), minutes - 1)

const sweepsOf = (gapFill: GapFill.Service) => {
  const sweeps: Array<number> = []
  const counted: GapFill.Service = {
    sweep: (options) =>
      Effect.zipRight(
        Effect.clockWith((clock) => Effect.map(clock.currentTimeMillis, (now) => sweeps.push((now - start) / 60_000))),
        gapFill.sweep(options)
      )
  }
  return { sweeps, counted: Layer.succeed(GapFill.GapFill, counted) }
}

const count = (result: string) =>
  Effect.map(Metric.value(Metric.tagged(GapFillMetrics.sweeps, "result", result)), ({ count }) => count)

describe("the schedule of sweeps", () => {
  it.scoped("sweeps at the start, then each hour or so", () =>
    Effect.gen(function*() {
      const { context, gapFill } = yield* world()
      const { counted, sweeps } = sweepsOf(gapFill)
      yield* Layer.build(Layer.provide(GapFill.worker(), counted)).pipe(Effect.provide(context))
      yield* settle
      assert.deepStrictEqual(sweeps, [0])
      yield* pass(150)
      assert.strictEqual(sweeps.length, 3)
      for (const [index, at] of sweeps.slice(1).entries()) {
        assert.isAtLeast(at - (sweeps[index] ?? 0), 54)
        assert.isAtMost(at - (sweeps[index] ?? 0), 67)
      }
    }))

  it.scoped("sweeps soon after a webhook was refused, and stores its event", () =>
    Effect.gen(function*() {
      const { client, connectionId, context, deliver, double, events, gapFill, network, posts } = yield* world()
      const { counted, sweeps } = sweepsOf(gapFill)
      yield* Layer.build(Layer.provide(GapFill.worker(), counted)).pipe(Effect.provide(context))
      yield* pass(15)
      network.isLost = () => true
      yield* client.sendEmail(email)
      yield* double.settled
      const [post] = posts
      assert.isDefined(post)
      assert.strictEqual(yield* deliver({ ...post, headers: { Authorization: "wrong" } }), 401)
      yield* pass(3)
      assert.strictEqual(sweeps.length, 2)
      assert.deepStrictEqual((yield* events).map(({ source }) => source), ["backfill"])
      assert.isNotNull((yield* Context.get(context, Connections.Connections).get(connectionId)).lastRefusedAt)
      yield* pass(30)
      assert.strictEqual(sweeps.length, 2)
    }))

  it.scoped("sweeps once after a restart when the last sweep is long ago, and not when it is recent", () =>
    Effect.gen(function*() {
      const { context, gapFill } = yield* world()
      const { counted, sweeps } = sweepsOf(gapFill)
      const run = Effect.scoped(
        Effect.zipRight(
          Layer.build(Layer.provide(GapFill.worker(), counted)).pipe(Effect.provide(context)),
          settle
        )
      )
      yield* run
      yield* TestClock.adjust("20 minutes")
      yield* run
      yield* TestClock.adjust("10 hours")
      yield* run
      assert.deepStrictEqual(sweeps, [0, 620])
    }))

  it.scoped("sweeps no connection without a subscription, and no revoked one", () =>
    Effect.gen(function*() {
      const { connectionId, context, gapFill } = yield* world()
      const { counted, sweeps } = sweepsOf(gapFill)
      yield* Context.get(context, ConnectionStore.ConnectionStore).insert({
        id: Ids.ConnectionId.make("con_2"),
        name: "Other",
        serverId: 7,
        serverName: "other",
        fingerprint: "f",
        sealedToken: "sealed",
        state: "active",
        createdAt: "2026-01-01T00:00:00.000Z",
        rotatedAt: null,
        revokedAt: null,
        lastRefusedAt: null
      })
      yield* Context.get(context, Connections.Connections).revoke(connectionId)
      yield* Layer.build(Layer.provide(GapFill.worker(), counted)).pipe(Effect.provide(context))
      yield* pass(5)
      assert.deepStrictEqual(sweeps, [])
    }))

  it.scoped("counts a sweep that fails, tries again later and later, and sweeps the other connections", () =>
    Effect.gen(function*() {
      const { context, double, gapFill } = yield* world({ gapFill: { retry: RetryPolicy.none } })
      const { counted, sweeps } = sweepsOf(gapFill)
      const before = yield* count("failed")
      yield* double.injectFault({ path: "/message-streams", fault: { kind: "status", status: 500 } })
      yield* Layer.build(Layer.provide(GapFill.worker(), counted)).pipe(Effect.provide(context))
      yield* pass(16)
      assert.deepStrictEqual(sweeps, [0, 2, 6, 14])
      assert.strictEqual((yield* count("failed")) - before, 4)
    }))
})

describe("a sweep on a database", () => {
  for (const [name, place] of Object.entries({ SQLite: sqliteFile, PostgreSQL: postgresDatabase })) {
    it.scoped(
      `stores what was missed once on ${name}, also by two processes at once, and relays it`,
      () =>
        Effect.gen(function*() {
          const where = yield* place
          const stores = yield* Layer.build(storage(where))
          const { client, connectionId, deliver, double, events, gapFill, network, posts } = yield* world({ stores })
          const store = Context.get(stores, DeliveryStore.DeliveryStore)
          yield* store.insertTarget({ ...target, connectionId })
          network.isLost = (post) => post.body.includes("lost")
          for (const to of ["lost@example.com", "live@example.com", "lost2@example.com"]) {
            yield* client.sendEmail({ ...email, to })
            yield* double.settled
          }
          yield* TestClock.adjust("1 minute")
          const sweep = gapFill.sweep({ connectionId })
          const both = yield* Effect.all([Effect.either(sweep), Effect.either(sweep)], { concurrency: "unbounded" })
          assert.isTrue(both.some(Either.isRight))
          for (const post of posts) assert.strictEqual(yield* deliver(post), 200)
          assert.deepStrictEqual((yield* events).map(({ recipient, source }) => `${source} ${recipient}`).sort(), [
            "backfill lost2@example.com",
            "backfill lost@example.com",
            "live live@example.com"
          ])
          const rows = yield* store.list({ targetId: target.id, states: ["pending"], after: 0, limit: 10 })
          assert.strictEqual(rows.length, 3)
          const state = yield* Context.get(stores, SweepStore.SweepStore).get(connectionId)
          assert.strictEqual(state.sweptAt, start + 60_000)
          assert.deepStrictEqual(Object.keys(state.marks).length, 5)
        }),
      60_000
    )
  }
})

const target = {
  id: "tgt_1",
  trigger: "postmark/email-delivered",
  url: "https://hooks.example.net",
  createdAt: "2026-01-01T00:00:00.000Z",
  state: "active" as const,
  disabledReason: null,
  disabledAt: null,
  failingSince: null,
  currentSecret: "sealed",
  previousSecret: null
}
