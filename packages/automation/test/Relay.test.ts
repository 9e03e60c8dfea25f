import { Relay, type RelayClient, type RelayNotice, RelayTargets, RetryLadder } from "@effect-postmark/automation"
import { DeliveryStore, EventLog, RelayTarget, StoreUnavailable, Vault } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Random, Redacted, Schema, TestClock } from "effect"
import { Webhook } from "standardwebhooks"
import { Webhook as SvixWebhook } from "svix"
import {
  append,
  connect,
  connectionId,
  memory,
  type Posted,
  type Reply,
  scripted,
  states,
  stored,
  target,
  until
} from "./relayKit.ts"

const url = "https://hooks.example.com/postmark"

/** The relay over stores in memory, with the whole ladder's jitter at zero unless a test says otherwise. */
const relay = (
  posted: Array<Posted>,
  reply: (post: Posted) => Effect.Effect<Reply, RelayClient.RelayFailure>,
  options: Relay.Options = {}
) =>
  Layer.mergeAll(Relay.layer({ pollInterval: "30 minutes", ...options }), RelayTargets.layer()).pipe(
    Layer.provideMerge(scripted(posted, reply)),
    Layer.provideMerge(memory)
  )

const ok: Reply = { status: 204 }
const refused: Reply = { status: 500, body: "no" }

/** Waits until the outbox has these rows for a target. */
const reaches = (targetId: string, expected: ReadonlyArray<DeliveryStore.DeliveryState>) =>
  until(Effect.map(states(targetId), (found) => found.join() === expected.join()))

const posts = (posted: ReadonlyArray<Posted>, count: number) => until(Effect.sync(() => posted.length >= count))

const middle = Random.fixed([0.5])
const steady = Effect.withRandom(middle)

describe("Relay", () => {
  it.scoped("posts an event to each of several targets at once, signed for both verifiers", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const a = yield* target(url)
      const b = yield* target(`${url}/b`)
      yield* append(1)
      yield* posts(posted, 2)
      assert.sameMembers(posted.map((post) => post.url), [url, `${url}/b`])
      for (const { secret, target: { id } } of [a, b]) {
        const post = posted.find(({ headers }) => headers["webhook-id"] === `${id}_1`)
        if (post === undefined) return assert.fail("no such post")
        // The verifiers compare with the real clock; the signature is checked at the test's.
        const headers = Object.fromEntries(Object.entries(post.headers))
        const sign = (value: string) => {
          const signer = new Webhook(value)
          return signer.sign(`${id}_1`, new Date(post.at), post.text)
        }
        assert.strictEqual(headers["webhook-signature"], sign(Redacted.value(secret)))
        assert.strictEqual(
          new SvixWebhook(Redacted.value(secret)).sign(`${id}_1`, new Date(post.at), post.text),
          headers["webhook-signature"]
        )
        assert.deepInclude(post.body, {
          type: "postmark/email-bounced",
          timestamp: "2026-09-30T16:05:00Z",
          sequence: 1,
          connectionId,
          receivedAt: "2026-09-30T16:05:01.000Z"
        })
        assert.deepInclude(post.body.data, { bounceId: "1", recipient: "gone@example.com" })
        yield* reaches(id, ["delivered"])
      }
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(ok))))
  })

  it.scoped("tries again on the ladder, then makes it a dead letter, which can be replayed with the same id", () => {
    const posted: Array<Posted> = []
    let reply = refused
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      yield* append(1)
      yield* posts(posted, 1)
      yield* TestClock.adjust("4 days")
      yield* reaches(id, ["dead"])
      const waits = posted.slice(1).map(({ at }, index) => at - (posted[index]?.at ?? 0))
      assert.deepStrictEqual(waits, RetryLadder.standard.slice(1).map((wait) => Duration.toMillis(wait)))
      const targets = yield* RelayTargets.RelayTargets
      assert.lengthOf(yield* targets.deliveries(id), 1)
      const attempts = yield* targets.attempts(id, 1)
      assert.deepStrictEqual(attempts.map(({ attempt }) => attempt), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      assert.deepInclude(attempts[0], { status: 500, failure: "http_status", response: "no" })
      reply = ok
      assert.strictEqual(yield* targets.replay(id), 1)
      yield* TestClock.adjust("30 minutes")
      yield* reaches(id, ["delivered"])
      assert.strictEqual(new Set(posted.map(({ headers }) => headers["webhook-id"])).size, 1)
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(reply))), steady)
  })

  it.effect.prop("keeps the jitter within a fifth, and Retry-After within its bounds", {
    attempts: Schema.Int.pipe(Schema.between(0, 10)),
    asked: Schema.Int.pipe(Schema.between(0, 1e9))
  }, ({ asked, attempts }) =>
    Effect.gen(function*() {
      const step = RetryLadder.standard[attempts]
      const wait = yield* RetryLadder.wait(RetryLadder.standard, attempts, asked)
      if (step === undefined) return assert.isUndefined(wait)
      const base = Duration.toMillis(step)
      assert.isAtLeast(wait ?? -1, Math.floor(base * 0.8))
      assert.isAtMost(wait ?? -1, Math.max(Math.ceil(base * 1.2), Math.min(asked, Math.max(2 * base, 3_600_000))))
    }))

  it.scoped("waits as long as Retry-After asks, in both of its forms", () => {
    const posted: Array<Posted> = []
    const replies: ReadonlyArray<Reply> = [
      { status: 429, retryAfter: "120" },
      { status: 503, retryAfter: new Date(120_000 + 600_000).toUTCString() },
      { status: 429, retryAfter: "999999999" },
      ok
    ]
    return Effect.gen(function*() {
      yield* connect
      yield* target(url)
      yield* append(1)
      yield* posts(posted, 1)
      yield* TestClock.adjust("2 hours")
      yield* posts(posted, 4)
      assert.deepStrictEqual(posted.map(({ at }) => at), [0, 120_000, 720_000, 720_000 + 3_600_000])
    }).pipe(
      Effect.provide(relay(posted, () => Effect.succeed(replies[posted.length - 1] ?? ok))),
      steady
    )
  })

  it.scoped("disables a target that answers 410, and holds what comes until it is replayed", () => {
    const posted: Array<Posted> = []
    let reply: Reply = { status: 410 }
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      yield* append(1)
      yield* until(Effect.map(stored(id), ({ state }) => state === "disabled"))
      assert.deepInclude(yield* stored(id), { disabledReason: "gone" })
      yield* append(2)
      yield* TestClock.adjust("1 day")
      assert.lengthOf(posted, 1)
      assert.deepStrictEqual(yield* states(id), ["pending", "held"])
      reply = ok
      const targets = yield* RelayTargets.RelayTargets
      yield* targets.enable(id)
      assert.strictEqual(yield* targets.replay(id), 1)
      yield* TestClock.adjust("30 minutes")
      yield* reaches(id, ["delivered", "delivered"])
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(reply))))
  })

  it.scoped("disables a target after five days of nothing but failures, and not after a success in between", () => {
    const posted: Array<Posted> = []
    const bad = new Set([`${url}/a`])
    return Effect.gen(function*() {
      yield* connect
      const a = yield* target(`${url}/a`)
      const b = yield* target(`${url}/b`)
      for (let day = 0; day < 6; day++) {
        if (day === 3) bad.delete(`${url}/b`)
        else bad.add(`${url}/b`)
        yield* append(day)
        yield* TestClock.adjust("1 day")
      }
      yield* until(Effect.map(stored(a.target.id), ({ state }) => state === "disabled"))
      assert.deepInclude(yield* stored(a.target.id), { disabledReason: "failing" })
      assert.deepInclude(yield* stored(b.target.id), { state: "active" })
    }).pipe(Effect.provide(relay(posted, (post) => Effect.succeed(bad.has(post.url) ? refused : ok))))
  })

  it.scoped("signs with two secrets during a rotation, and with the new one after it", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const before = yield* target(url)
      const targets = yield* RelayTargets.RelayTargets
      const after = yield* targets.rotateSecret(before.target.id)
      yield* append(1)
      yield* posts(posted, 1)
      yield* targets.finishRotation(before.target.id)
      yield* append(2)
      yield* posts(posted, 2)
      const signatures = posted.map(({ at, headers, text }) => {
        const sign = ({ secret }: RelayTargets.WithSecret) =>
          new Webhook(Redacted.value(secret)).sign(headers["webhook-id"] ?? "", new Date(at), text)
        return [headers["webhook-signature"], sign(after), sign(before)] as const
      })
      const [both, one] = signatures
      assert.strictEqual(both?.[0], `${both?.[1]} ${both?.[2]}`)
      assert.strictEqual(one?.[0], one?.[1])
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(ok))))
  })

  it.scoped("rotates a secret also when its text is encrypted again at the same moment, and not when it was replaced", () =>
    Effect.gen(function*() {
      yield* connect
      const store = yield* DeliveryStore.DeliveryStore
      const vault = yield* Vault.Vault
      const { target: { id } } = yield* target(url)
      const sealed = (secret: Redacted.Redacted) => vault.seal(RelayTarget.secretPlace(id), secret)
      /** What happens between the read and the first write. */
      const disturbed = (change: (current: string) => Effect.Effect<string, Vault.SecretUnreadable>) => {
        let isDone = false
        const setSecrets: typeof store.setSecrets = (target, next, expected) =>
          Effect.gen(function*() {
            if (!isDone) {
              isDone = true
              const current = yield* Effect.orDie(change(expected))
              yield* store.setSecrets(target, { current, previous: null }, expected)
            }
            return yield* store.setSecrets(target, next, expected)
          })
        return Effect.provideService(RelayTargets.make(), DeliveryStore.DeliveryStore, { ...store, setSecrets })
      }
      const same = (text: string) => Effect.flatMap(vault.open(RelayTarget.secretPlace(id), text), sealed)
      const { secret } = yield* (yield* disturbed(same)).rotateSecret(id)
      const rotated = yield* stored(id)
      const current = yield* vault.open(RelayTarget.secretPlace(id), rotated.currentSecret)
      assert.strictEqual(Redacted.value(current), Redacted.value(secret))
      assert.isNotNull(rotated.previousSecret)
      yield* (yield* disturbed(same)).finishRotation(id)
      assert.isNull((yield* stored(id)).previousSecret)
      const other = yield* disturbed(() => sealed(Redacted.make("whsec_other")))
      const error = yield* Effect.flip(other.rotateSecret(id))
      assert.strictEqual(error._tag, "RelayTargetConflict")
    }).pipe(Effect.provide(relay([], () => Effect.succeed(ok)))))

  it.scoped("a target that never answers delays no other, and costs a time-out for each attempt", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const slow = yield* target(`${url}/slow`)
      const quick = yield* target(`${url}/quick`)
      for (let id = 0; id < 100; id++) yield* append(id)
      yield* reaches(quick.target.id, Array.from({ length: 100 }, () => "delivered"))
      assert.strictEqual(posted.filter((post) => post.url.endsWith("slow")).length, 10)
      yield* TestClock.adjust("15 seconds")
      const targets = yield* RelayTargets.RelayTargets
      yield* until(Effect.map(targets.attempts(slow.target.id, 1), (attempts) => attempts.length > 0))
      const attempts = yield* targets.attempts(slow.target.id, 1)
      assert.deepInclude(attempts[0], { status: null, failure: "timeout", durationMs: 15_000 })
    }).pipe(Effect.provide(relay(posted, (post) => post.url.endsWith("slow") ? Effect.never : Effect.succeed(ok))))
  })

  it.scoped("begins no more attempts in a second than the limit", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      yield* target(url)
      for (let id = 0; id < 30; id++) yield* append(id)
      for (const [passed, count] of [["0 seconds", 5], ["2 seconds", 15], ["3 seconds", 30]] as const) {
        yield* TestClock.adjust(passed)
        yield* posts(posted, count)
        assert.lengthOf(posted, count)
      }
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(ok), { perSecondPerTarget: 5 })))
  })

  for (const [name, step] of [["forth", 3_600_000], ["back", -3_600_000]] as const) {
    it.scoped(`relays every event although the clock goes an hour ${name}`, () => {
      const posted: Array<Posted> = []
      return Effect.gen(function*() {
        yield* TestClock.setTime(10 * 3_600_000)
        yield* connect
        const { target: { id } } = yield* target(url)
        yield* append(1)
        yield* posts(posted, 1)
        yield* TestClock.setTime(10 * 3_600_000 + step)
        yield* append(2)
        yield* TestClock.adjust("3 hours")
        yield* reaches(id, ["delivered", "delivered"])
        assert.lengthOf(posted, 3)
      }).pipe(
        Effect.provide(relay(posted, () => Effect.succeed(posted.length === 1 ? refused : ok), {
          pollInterval: "1 minute"
        })),
        steady
      )
    })
  }

  it.scoped("goes on when the store answers again", () => {
    const posted: Array<Posted> = []
    let failures = 3
    const flaky = Layer.effect(
      DeliveryStore.DeliveryStore,
      Effect.map(DeliveryStore.DeliveryStore, (store) => {
        const failing = <A>(effect: Effect.Effect<A, StoreUnavailable.StoreUnavailable>) =>
          Effect.suspend(() =>
            failures-- > 0
              ? Effect.fail(new StoreUnavailable.StoreUnavailable({ store: "delivery", operation: "test" }))
              : effect
          )
        return {
          ...store,
          claim: (options: Parameters<typeof store.claim>[0]) => failing(store.claim(options)),
          settle: (settlements: Parameters<typeof store.settle>[0]) =>
            Effect.suspend(() => {
              if (failures === 0) failures = 2
              return failing(store.settle(settlements))
            })
        }
      })
    )
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      yield* append(1)
      yield* TestClock.adjust("10 seconds")
      yield* reaches(id, ["delivered"])
      assert.lengthOf(posted, 1)
    }).pipe(
      Effect.provide(
        Layer.mergeAll(Relay.layer(), RelayTargets.layer()).pipe(
          Layer.provideMerge(scripted(posted, () => Effect.succeed(ok))),
          Layer.provideMerge(flaky),
          Layer.provideMerge(memory)
        )
      )
    )
  })

  it.scoped("shares the rows between two workers", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      for (let at = 0; at < 50; at++) yield* append(at)
      yield* TestClock.adjust("1 second")
      yield* reaches(id, Array.from({ length: 50 }, () => "delivered"))
      assert.lengthOf(posted, 50)
    }).pipe(Effect.provide(
      Layer.mergeAll(Layer.fresh(Relay.layer()), Layer.fresh(Relay.layer()), RelayTargets.layer()).pipe(
        Layer.provideMerge(scripted(posted, () => Effect.as(Effect.sleep("1 millis"), ok))),
        Layer.provideMerge(memory)
      )
    ))
  })

  it.scoped("reports a dead letter and a disabled target, and goes on when the report fails", () => {
    const posted: Array<Posted> = []
    const notices: Array<RelayNotice.RelayNotice> = []
    return Effect.gen(function*() {
      yield* connect
      const a = yield* target(`${url}/a`)
      const b = yield* target(`${url}/b`)
      yield* append(1)
      yield* until(Effect.sync(() => notices.length === 3))
      const about = { connectionId, trigger: "postmark/email-bounced" }
      assert.sameDeepMembers(notices.map((notice) => ({ ...notice })), [
        { _tag: "DeadLetter", targetId: a.target.id, ...about, sequence: 1, failure: "http_status" },
        { _tag: "DeadLetter", targetId: b.target.id, ...about, sequence: 1, failure: "gone" },
        { _tag: "TargetDisabled", targetId: b.target.id, ...about, reason: "gone" }
      ])
      yield* append(2)
      yield* reaches(a.target.id, ["dead", "dead"])
    }).pipe(Effect.provide(relay(
      posted,
      (post) => Effect.succeed(post.url.endsWith("b") ? { status: 410 } : refused),
      {
        ladder: ["0 seconds"],
        notify: (notice) => {
          notices.push(notice)
          return Effect.dieMessage("the pager is broken")
        }
      }
    )))
  })

  it.scoped("lets a target rest as long as it asks, and relays to the others meanwhile", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const a = yield* target(`${url}/a`)
      const b = yield* target(`${url}/b`)
      yield* append(1)
      yield* reaches(b.target.id, ["delivered"])
      yield* until(
        Effect.map(
          RelayTargets.RelayTargets,
          (targets) => targets
        ).pipe(Effect.flatMap((targets) => targets.attempts(a.target.id, 1)), Effect.map((all) => all.length === 1))
      )
      yield* append(2)
      yield* reaches(b.target.id, ["delivered", "delivered"])
      yield* TestClock.adjust("599 seconds")
      assert.lengthOf(posted.filter((post) => post.url.endsWith("a")), 1)
      yield* TestClock.adjust("30 minutes")
      yield* reaches(a.target.id, ["delivered", "delivered"])
      assert.isTrue(posted.filter((post) => post.url.endsWith("a")).slice(1).every(({ at }) => at >= 600_000))
    }).pipe(Effect.provide(relay(
      posted,
      (post) => Effect.succeed(post.url.endsWith("a") && post.at < 600_000 ? { status: 429, retryAfter: "600" } : ok)
    )))
  })

  it.scoped("writes the other outcomes when the store rejects one", () => {
    const posted: Array<Posted> = []
    const rejecting = Layer.effect(
      DeliveryStore.DeliveryStore,
      Effect.map(DeliveryStore.DeliveryStore, (store) => ({
        ...store,
        settle: (settlements: Parameters<typeof store.settle>[0]) =>
          settlements.some(({ attempt, sequence }) => sequence === 1 && attempt?.response === "poison")
            ? Effect.fail(new StoreUnavailable.StoreUnavailable({ store: "delivery", operation: "settle" }))
            : store.settle(settlements)
      }))
    )
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      for (let at = 0; at < 5; at++) yield* append(at)
      yield* posts(posted, 5)
      yield* TestClock.adjust("10 seconds")
      yield* reaches(id, ["pending", "delivered", "delivered", "delivered", "delivered"])
      yield* TestClock.adjust("1 minute")
      yield* reaches(id, Array.from({ length: 5 }, () => "delivered"))
      assert.lengthOf(posted, 6)
    }).pipe(Effect.provide(
      Layer.mergeAll(Relay.layer(), RelayTargets.layer()).pipe(
        Layer.provideMerge(
          scripted(posted, () => Effect.succeed(posted.length === 1 ? { status: 200, body: "poison" } : ok))
        ),
        Layer.provideMerge(rejecting),
        Layer.provideMerge(memory)
      )
    ))
  })

  it.scoped("sends a test event on request, and keeps nothing of it", () => {
    const posted: Array<Posted> = []
    return Effect.gen(function*() {
      yield* connect
      const { target: { id } } = yield* target(url)
      const targets = yield* RelayTargets.RelayTargets
      const answer = yield* targets.sendTest(id)
      assert.deepInclude(answer, { status: 500, failure: "http_status", response: "no" })
      assert.deepInclude(posted[0]?.body, { test: true, sequence: 0, type: "postmark/email-bounced" })
      assert.strictEqual((yield* stored(id)).failingSince, null)
      const log = yield* EventLog.EventLog
      assert.strictEqual(yield* log.latest, 0)
    }).pipe(Effect.provide(relay(posted, () => Effect.succeed(refused))))
  })
})
