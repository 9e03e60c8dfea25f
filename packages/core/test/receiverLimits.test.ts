import { Connections } from "@effect-postmark/core/Connections"
import * as Metrics from "@effect-postmark/core/Metrics"
import { Subscriptions } from "@effect-postmark/core/Subscriptions"
import { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import { type Admission, type Decision, make, type Options } from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, TestClock } from "effect"
import { FailureLimit } from "../src/internal/webhook/failureLimit.ts"
import { FairQueue } from "../src/internal/webhook/fairQueue.ts"
import { SecretCache, type Secrets } from "../src/internal/webhook/secretCache.ts"
import { json, stub } from "./kit/http.ts"
import { services } from "./kit/services.ts"

const secret = "Bearer the-first-secret"
const next = "Bearer the-second-secret"

/** A receiver whose store of secrets counts its reads, and two connections with the secret. */
const withReceiver = <A, E>(
  options: Options,
  use: (tools: {
    readonly post: (id: string, body: string, authorization?: string, source?: string) => Effect.Effect<Decision>
    readonly admit: (id: string, length?: number, authorization?: string) => Effect.Effect<Admission>
    readonly ids: readonly [string, string]
    readonly subscriptions: Subscriptions["Type"]
    readonly connections: Connections["Type"]
    readonly store: SubscriptionStore["Type"]
    readonly reads: () => number
  }) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    let server = 0
    const http = yield* stub(() => json({ ID: ++server, Name: "Acme" }))
    return yield* Effect.gen(function*() {
      const connections = yield* Connections
      const subscriptions = yield* Subscriptions
      const ids: [string, string] = ["", ""]
      for (const index of [0, 1] as const) {
        const { id } = yield* connections.connect({ name: `n${index}`, serverToken: Redacted.make(`t${index}`) })
        yield* subscriptions.subscribe({
          connectionId: id,
          trigger: "email-delivered",
          secret: Redacted.make(secret)
        })
        ids[index] = id
      }
      let reads = 0
      const counted = {
        ...subscriptions,
        secrets: (id: string) =>
          Effect.suspend(() => {
            reads += 1
            return subscriptions.secrets(id)
          })
      }
      const receiver = yield* Effect.provideService(make(options), Subscriptions, counted)
      return yield* use({
        ids,
        subscriptions,
        connections,
        store: yield* SubscriptionStore,
        reads: () => reads,
        post: (connectionId, body, authorization = secret, source) =>
          receiver.receive({
            connectionId,
            authorization: [authorization],
            body: new TextEncoder().encode(body),
            source
          }),
        admit: (connectionId, length, authorization = secret) =>
          Effect.async((resume) =>
            receiver.admit({ connectionId, authorization: [authorization], length }, (admission) =>
              resume(Effect.succeed(admission)))
          )
      })
    }).pipe(Effect.provide(services(http.layer)))
  })

describe("the receiver's secrets in memory", () => {
  it.effect("are read once for many webhooks", () =>
    withReceiver({}, ({ ids: [id], post, reads }) =>
      Effect.gen(function*() {
        for (let index = 0; index < 50; index++) assert.strictEqual((yield* post(id, `{"n":${index}}`)).status, 200)
        assert.strictEqual(reads(), 1)
      })))

  it.effect("are dropped at once by a rotation, its end and a revocation", () =>
    withReceiver({}, ({ connections, ids: [id], post, subscriptions }) =>
      Effect.gen(function*() {
        const status = (authorization: string) => Effect.map(post(id, "{}", authorization), (answer) => answer.status)
        assert.strictEqual(yield* status(secret), 200)
        yield* subscriptions.subscribe({
          connectionId: id,
          trigger: "email-delivered",
          secret: Redacted.make(next),
          rotate: true
        })
        assert.deepStrictEqual([yield* status(secret), yield* status(next)], [200, 200])
        yield* subscriptions.finishRotation(id)
        assert.deepStrictEqual([yield* status(secret), yield* status(next)], [401, 200])
        yield* connections.revoke(id)
        assert.deepStrictEqual([yield* status(secret), yield* status(next)], [401, 401])
      })))

  it.effect("take a new secret of another process at once, and forget its old one within two seconds", () =>
    withReceiver({}, ({ ids: [id], post, store, subscriptions }) =>
      Effect.gen(function*() {
        const status = (authorization: string) => Effect.map(post(id, "{}", authorization), (answer) => answer.status)
        assert.strictEqual(yield* status(secret), 200)
        // Another process writes to the store, and this one hears nothing of it.
        yield* subscriptions.subscribe({
          connectionId: id,
          trigger: "email-delivered",
          secret: Redacted.make(next),
          rotate: true
        })
        const stored = yield* store.getSecrets(id)
        yield* status(secret)
        if (stored._tag === "None") return assert.fail("no secrets")
        yield* store.setSecrets({ ...stored.value, previous: null }, stored.value.current)
        assert.strictEqual(yield* status(next), 200)
        yield* TestClock.adjust("2001 millis")
        assert.strictEqual(yield* status(secret), 401)
      })))

  it.effect("are not kept from a read that a change overtook", () =>
    Effect.sync(() => {
      const pending: Array<(secrets: Secrets | undefined) => void> = []
      const cache = new SecretCache({ now: () => 0, read: (_, done) => void pending.push(done) })
      const answers: Array<number | undefined> = []
      cache.read("a", (secrets) => answers.push(secrets?.length))
      cache.drop("a")
      pending.shift()?.([new Uint8Array(1)])
      assert.deepStrictEqual(answers, [1])
      assert.isUndefined(cache.fresh("a"))
      // Who comes while a read is under way waits for one that begins later.
      cache.read("a", (secrets) => answers.push(secrets?.length))
      cache.read("a", (secrets) => answers.push(secrets?.length))
      pending.shift()?.([new Uint8Array(1)])
      assert.deepStrictEqual([answers, pending.length], [[1, 1], 1])
      pending.shift()?.([new Uint8Array(1), new Uint8Array(2)])
      assert.deepStrictEqual(answers, [1, 1, 2])
    }))
})

describe("failed authentications", () => {
  it.effect("get 429 when one source has too many, and never refuse a correct secret", () =>
    withReceiver({ maxFailures: 5 }, ({ ids: [id, other], post, reads }) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* post(id, "{}", secret, "192.0.2.1")).status, 200)
        const wrong = (source: string) => Effect.map(post(id, "{}", "Bearer wrong", source), ({ status }) => status)
        const statuses: Array<number> = []
        for (let index = 0; index < 8; index++) statuses.push(yield* wrong("192.0.2.1"))
        assert.deepStrictEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429])
        const before = reads()
        yield* wrong("192.0.2.1")
        assert.strictEqual(reads(), before, "a limited source does not reach the store")
        assert.strictEqual(yield* wrong("192.0.2.2"), 401, "another source is not limited")
        assert.strictEqual((yield* post(id, "{\"n\":1}", secret, "192.0.2.1")).status, 200)
        assert.strictEqual((yield* post(other, "{\"n\":1}", secret, "192.0.2.1")).status, 200, "not seen before")
        yield* TestClock.adjust("3 seconds")
        assert.strictEqual((yield* post(id, "{\"n\":2}", secret, "192.0.2.1")).status, 200, "seen a while ago")
        assert.strictEqual(yield* wrong("192.0.2.1"), 401, "forgiven with time")
      })))

  it("are counted in memory that does not grow", () => {
    let now = 0
    const limit = new FailureLimit({ burst: 2, now: () => now })
    for (let source = 0; source < 30_000; source++) limit.add(`s${source}`)
    assert.isFalse(limit.isExceeded("s1"))
    limit.add("x")
    limit.add("x")
    assert.isTrue(limit.isExceeded("x"))
    now += 1_000
    assert.isFalse(limit.isExceeded("x"))
    assert.isFalse(limit.isExceeded("never seen"))
  })
})

describe("overload", () => {
  it.effect("is refused by the headers, and a connection that floods leaves room for others", () =>
    withReceiver({ maxPending: 8 }, ({ admit, ids: [flood, calm] }) =>
      Effect.gen(function*() {
        const places: Array<Admission> = []
        for (let index = 0; index < 12; index++) places.push(yield* admit(flood))
        const results = places.map(({ decision }) => decision?.result ?? "taken")
        assert.deepStrictEqual(results, [...Array(4).fill("taken"), ...Array(8).fill("overloaded")])
        assert.strictEqual(Metrics.webhooksPending.unsafeValue([]).value, 4)
        const other = yield* admit(calm)
        assert.isDefined(other.place)
        other.place?.leave()
        for (const { place } of places) place?.leave()
        assert.isDefined((yield* admit(flood)).place, "there is room again")
      })))

  it.effect("is measured in bytes as well, also in those that were not declared", () =>
    withReceiver({ maxPendingBytes: 1_000 }, ({ admit, ids: [flood, calm] }) =>
      Effect.gen(function*() {
        const first = yield* admit(flood, 400)
        assert.strictEqual((yield* admit(flood, 400)).decision?.result, "overloaded")
        const second = yield* admit(flood, 0)
        assert.isUndefined(second.place?.reserve(50))
        assert.strictEqual(second.place?.reserve(600)?.result, "overloaded")
        assert.isDefined((yield* admit(calm, 500)).place)
        first.place?.leave()
        assert.isDefined((yield* admit(flood, 200)).place)
      })))

  it("does not keep a connection waiting behind another's line", () => {
    const queue = new FairQueue({ maxPending: 100, maxPendingBytes: 1_000, maxRunning: 1 })
    const started: Array<string> = []
    const finish: Array<() => void> = []
    const add = (connection: string, name: string) =>
      queue.enter(connection, 1)?.run((done) => {
        started.push(name)
        finish.push(done)
      })
    for (let index = 0; index < 20; index++) add("flood", `f${index}`)
    add("calm", "c0")
    add("calm", "c1")
    for (let index = 0; index < 5; index++) finish.shift()?.()
    assert.deepStrictEqual(started, ["f0", "f1", "c0", "f2", "c1", "f3"])
  })

  it("runs a long line of jobs that end at once without a deep stack", () => {
    const queue = new FairQueue({ maxPending: 20_000, maxPendingBytes: 1_000_000, maxRunning: 1 })
    let release = () => {}
    queue.enter("a", 0)?.run((done) => {
      release = done
    })
    let ran = 0
    for (let index = 0; index < 5_000; index++) {
      queue.enter("a", 0)?.run((done) => {
        ran += 1
        done()
      })
    }
    release()
    assert.strictEqual(ran, 5_000)
  })
})

describe("a webhook that is stored", () => {
  it.effect("leaves its place, whatever becomes of it", () =>
    withReceiver({ maxPending: 2 }, ({ ids: [id], post }) =>
      Effect.gen(function*() {
        for (const body of ["{}", "{}", "no JSON", "{\"n\":1}", "[", "null"]) yield* post(id, body)
        assert.strictEqual(Metrics.webhooksPending.unsafeValue([]).value, 0)
      })))
})
