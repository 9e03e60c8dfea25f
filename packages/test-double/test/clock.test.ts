import { PostmarkDouble } from "@effect-postmark/test-double"
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

const hook = (triggers: object) => call("POST", "/webhooks", { body: { Url: "http://localhost/", Triggers: triggers } })

it.effect("stands still while it is paused, and does in order what falls due when it is moved on", () =>
  Effect.gen(function*() {
    const posts: Array<string> = []
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* hook({ Delivery: { Enabled: true } })
      yield* double.clock.pause
      assert.isTrue(yield* double.clock.isPaused)
      yield* send()
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(posts, [])
      yield* double.clock.advance("49 millis")
      assert.deepStrictEqual(posts, [])
      yield* double.clock.advance("1 millis")
      assert.deepStrictEqual(posts, ["9"])
      yield* double.clock.advance("1 hour")
      assert.deepStrictEqual(posts, ["9", "8", "7", "6", "5", "4", "3", "2", "1"])
      yield* double.clock.advance("1 hour")
      assert.deepStrictEqual(posts, ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"])
      const minutes = (yield* double.webhookAttempts).map(({ at }) => (Date.parse(at) - 50) / 60_000)
      assert.deepStrictEqual(minutes, [0, 1, 6, 21, 22, 27, 37, 47, 57, 72])
      assert.isTrue(yield* double.clock.isPaused)
    }).pipe(Effect.provide(layerDouble({
      webhookSender: ({ headers }) =>
        Effect.as(Effect.sync(() => posts.push(headers["X-PM-Retries-Remaining"] ?? "")), 503)
    })))
  }))

it.effect("goes on from where it was moved to, and runs with the clock in force", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const time = () => Effect.map(double.clock.now, ({ epochMillis }) => epochMillis)
    assert.strictEqual(yield* time(), Date.UTC(2030, 0, 1))
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* time(), Date.UTC(2030, 0, 1) + 1_000)
    yield* double.clock.advance("1 day")
    assert.isFalse(yield* double.clock.isPaused)
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* time(), Date.UTC(2030, 0, 2) + 2_000)
    yield* double.clock.pause
    yield* TestClock.adjust("1 day")
    yield* double.clock.resume
    assert.strictEqual(yield* time(), Date.UTC(2030, 0, 2) + 2_000)
    yield* send()
    yield* TestClock.adjust("49 millis")
    assert.strictEqual((yield* double.sent)[0]?.events.length, 0)
    yield* TestClock.adjust("1 millis")
    assert.strictEqual((yield* double.sent)[0]?.events.length, 1)
    yield* double.reset
    assert.strictEqual(yield* time(), Date.UTC(2030, 0, 1))
  }).pipe(Effect.provide(layerDouble({ startTime: "2030-01-01T00:00:00Z" }))))

it.effect("waits, while it is moved on, for a receiver that takes its time; and runs again if that is given up", () =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<number>()
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* hook({ Delivery: { Enabled: true } })
      yield* send()
      const advancing = yield* Effect.fork(double.clock.advance("1 minute"))
      yield* Effect.yieldNow()
      assert.isTrue(yield* double.clock.isPaused)
      yield* Fiber.interrupt(advancing)
      assert.isFalse(yield* double.clock.isPaused)
      const again = yield* Effect.fork(double.clock.advance("1 minute"))
      yield* Deferred.succeed(answer, 200)
      yield* Fiber.join(again)
      assert.strictEqual((yield* double.webhookAttempts)[0]?.outcome, "taken")
    }).pipe(Effect.provide(layerDouble({ webhookSender: () => Deferred.await(answer) })))
  }))

it.effect("goes back to a snapshot, as often as one likes, with clock, ids and all that is due", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* hook({ Delivery: { Enabled: true }, Bounce: { Enabled: true } })
    yield* send({ To: "hardbounce@bounce-testing.postmarkapp.com" })
    yield* double.clock.advance("2 minutes")
    yield* send()
    yield* double.injectFault({ path: "/email", nth: 2, fault: { kind: "rateLimit" } })
    const snapshot = yield* double.snapshot
    assert.strictEqual(snapshot.messages, 2)
    const goOn = Effect.gen(function*() {
      const statuses = [
        (yield* call("POST", "/email", { body: mail })).status,
        (yield* call("POST", "/email", { body: mail })).status
      ]
      yield* double.clock.advance("1 day")
      const sent = yield* double.sent
      return JSON.stringify({
        statuses,
        sent,
        attempts: yield* double.webhookAttempts,
        requests: yield* double.requests,
        stats: (yield* call("GET", "/stats/outbound")).text
      })
    })
    const first = yield* goOn
    yield* double.restore(snapshot)
    assert.strictEqual((yield* double.sent).length, 2)
    const second = yield* goOn
    assert.strictEqual(second, first)
    yield* double.reset
    yield* double.restore(snapshot)
    assert.strictEqual(yield* goOn, first)
    assert.include(first, "[200,429]")
    const other = yield* Effect.flip(double.restore({ messages: 2 }))
    assert.strictEqual(other.reason, "UnknownSnapshot")
  }).pipe(Effect.provide(layerDouble({ startTime: 0, paused: true, webhookSender: () => Effect.succeed(500) }))))

it.effect("pauses a trigger that keeps failing, others go on, until it is verified again", () =>
  Effect.gen(function*() {
    let status = 200
    const posts: Array<unknown> = []
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const { json } = yield* hook({ Delivery: { Enabled: true }, Bounce: { Enabled: true } })
      const webhook = `/webhooks/${String(json?.["ID"])}`
      const deliver = Effect.zipRight(send(), double.clock.advance("1 day"))
      yield* deliver
      status = 404
      yield* deliver
      yield* deliver
      status = 200
      // One that is taken starts the count anew.
      yield* deliver
      status = 404
      yield* deliver
      yield* deliver
      assert.strictEqual((yield* call("GET", webhook)).json?.["Status"], "verified")
      yield* deliver
      assert.strictEqual((yield* call("GET", webhook)).json?.["Status"], "unverified")
      assert.include(
        (yield* call("GET", `${webhook}/statistics`)).text,
        "\"Statuses\":{\"Delivery\":\"unverified\",\"Bounce\":\"verified\"}"
      )
      assert.strictEqual(posts.length, 7)
      yield* deliver
      assert.strictEqual(posts.length, 7)
      status = 200
      yield* send({ To: "softbounce@bounce-testing.postmarkapp.com" })
      yield* double.clock.advance("1 day")
      assert.strictEqual(posts.length, 8)
      assert.strictEqual((yield* call("POST", `${webhook}/verify`)).json?.["Success"], true)
      yield* deliver
      assert.strictEqual(posts.length, 11)
    }).pipe(Effect.provide(layerDouble({
      paused: true,
      pauseTriggerAfter: 3,
      webhookSender: ({ body }) => Effect.as(Effect.sync(() => posts.push(body)), status).pipe(Effect.map(() => status))
    })))
  }))

it.effect("keeps a webhook for later when its sender dies", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* hook({ Delivery: { Enabled: true } })
    yield* send()
    yield* TestClock.adjust("1 minute")
    assert.deepStrictEqual((yield* double.webhookAttempts).map(({ error, outcome }) => `${outcome}: ${error}`), [
      "retry: the webhook sender failed"
    ])
  }).pipe(Effect.provide(layerDouble({ webhookSender: () => Effect.die("broken") }))))
