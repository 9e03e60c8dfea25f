import { type GapFill, Triggers } from "@effect-postmark/automation"
import { PostmarkTriggers, SweepStore, TriggerEvent } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Either, FastCheck, Layer, TestClock } from "effect"
import { driven, email, start, world } from "./gapFillKit.ts"

const happenings = Effect.gen(function*() {
  const here = yield* world()
  const { client, double } = here
  here.network.isLost = () => true
  const { messageId } = yield* client.sendEmail(email)
  yield* double.settled
  yield* TestClock.adjust("10 seconds")
  yield* double.open(messageId, "ann@example.com")
  yield* TestClock.adjust("10 seconds")
  yield* double.click(messageId, "ann@example.com")
  yield* TestClock.adjust("10 seconds")
  yield* double.spamComplaint(messageId, "ann@example.com")
  const { messageId: gone } = yield* client.sendEmail({ ...email, to: "hardbounce@bounce-testing.postmarkapp.com" })
  yield* double.settled
  yield* TestClock.adjust("1 minute")
  return { ...here, messageId, gone }
})

describe("GapFill", () => {
  it.scoped("finds every kind of missed event once, typed, with its metadata", () =>
    Effect.gen(function*() {
      const { connectionId, events, gapFill, gone, messageId, posts } = yield* happenings
      assert.strictEqual((yield* events).length, 0)
      const report = yield* gapFill.sweep({ connectionId })
      const stored = yield* events
      const counts = {
        "postmark/email-delivered": 1,
        "postmark/email-bounced": 1,
        "postmark/spam-complaint": 1,
        "postmark/email-opened": 1,
        "postmark/link-clicked": 1,
        "postmark/subscription-changed": 2
      }
      assert.deepStrictEqual(report.added, counts)
      assert.strictEqual(stored.length, posts.length)
      assert.isTrue(stored.every(({ source, status }) => source === "backfill" && status === "decoded"))
      assert.isTrue(report.notRecoverable.some((text) => text.includes("repeated opens")))
      assert.isAbove(report.scanned, 6)

      const again = yield* gapFill.sweep({ connectionId })
      assert.deepStrictEqual(again.added, {})
      assert.strictEqual((yield* events).length, stored.length)

      const placeOf = ({ MessageID, RecordType }: Body) => `${RecordType} ${MessageID === gone ? "gone" : "ann"}`
      const live = new Map(posts.map(({ body }) => [placeOf(readBody(body)), readBody(body)]))
      for (const { raw } of stored) {
        const { EffectPostmarkBackfill, ...body } = readBody(raw)
        assert.match(String(EffectPostmarkBackfill), /^GET \//)
        if (body.RecordType === "SubscriptionChange") continue
        // Bounces of the API have whole seconds.
        assert.deepStrictEqual({ ...body, BouncedAt: 0 }, { ...live.get(placeOf(body)), BouncedAt: 0 })
      }
      const opened = stored.find(({ trigger }) => trigger === PostmarkTriggers.EmailOpened.id)
      assert.isDefined(opened)
      const event = Either.getOrThrow(TriggerEvent.fromStored(PostmarkTriggers.EmailOpened)(opened))
      assert.strictEqual(event.source, "backfill")
      assert.strictEqual(event.event.messageId, messageId)
      assert.deepStrictEqual(event.event.metadata["order"], "991")
    }))

  it.scoped("takes a webhook that comes after its backfilled copy for a duplicate, and answers 200", () =>
    Effect.gen(function*() {
      const { connectionId, deliver, events, gapFill, posts } = yield* happenings
      yield* gapFill.sweep({ connectionId })
      const before = yield* events
      for (const post of posts) assert.strictEqual(yield* deliver(post), 200)
      assert.deepStrictEqual(yield* events, before)
    }))

  it.scoped("calls the handlers of triggers with missed events", () =>
    Effect.gen(function*() {
      const { connectionId, context, gapFill, messageId } = yield* happenings
      const seen: Array<readonly [string, string]> = []
      const handler = Triggers.on(PostmarkTriggers.EmailDelivered, { subscriber: "a" }, (event, { source }) =>
        Effect.sync(() =>
          seen.push([event.messageId, source])
        ))
      yield* Layer.build(handler).pipe(Effect.provide(context))
      yield* gapFill.sweep({ connectionId })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seen, [[messageId, "backfill"]])
    }))

  it.scoped("sweeps the chosen time and triggers only, and leaves the marks as they are", () =>
    Effect.gen(function*() {
      const { connectionId, context, gapFill } = yield* happenings
      const sweep = (seconds: number, triggers?: ReadonlyArray<string>) =>
        gapFill.sweep({
          connectionId,
          from: new Date(start + seconds * 1_000).toISOString(),
          to: new Date(start + seconds * 1_000 + 5_000).toISOString(),
          triggers
        })
      assert.deepStrictEqual((yield* sweep(8)).added, { "postmark/email-opened": 1 })
      assert.deepStrictEqual((yield* sweep(28, ["postmark/spam-complaint"])).added, { "postmark/spam-complaint": 1 })
      const state = yield* Effect.flatMap(SweepStore.SweepStore, (store) => store.get(connectionId)).pipe(
        Effect.provide(context)
      )
      assert.deepStrictEqual(state, SweepStore.never)
    }))

  it.scoped("names what is wrong with its input", () =>
    Effect.gen(function*() {
      const { connectionId, gapFill } = yield* world()
      const problem = (options: Omit<GapFill.SweepOptions, "connectionId">) =>
        Effect.map(Effect.flip(gapFill.sweep({ connectionId, ...options })), ({ message }) => message)
      assert.include(yield* problem({ from: "2026-09-30" }), "from: must be an RFC 3339 time")
      assert.include(yield* problem({ to: "yesterday" }), "to: must be an RFC 3339 time")
      assert.include(yield* problem({ from: "2026-09-30T00:00:00Z", to: "2026-09-29T00:00:00Z" }), "must not be after")
      assert.include(yield* problem({ triggers: ["postmark/inbound-received"] }), "triggers: must be of postmark/")
    }))

  it.scoped("lets one sweep of a connection run at a time, also after a crash once its lease has ended", () =>
    Effect.gen(function*() {
      const { connectionId, context, gapFill } = yield* world()
      const store = Context.get(context, SweepStore.SweepStore)
      yield* store.claim({ connectionId, lease: "crashed", now: start, leaseUntil: start + 120_000 })
      assert.strictEqual((yield* Effect.flip(gapFill.sweep({ connectionId })))._tag, "SweepInProgress")
      yield* TestClock.adjust("2 minutes")
      yield* gapFill.sweep({ connectionId })
      assert.strictEqual((yield* store.get(connectionId)).leaseUntil, 0)
    }))

  it.scoped("waits out 429, and goes on after an error from where it was", () =>
    Effect.gen(function*() {
      const { connectionId, context, double, events, gapFill } = yield* happenings
      const store = Context.get(context, SweepStore.SweepStore)
      yield* double.injectFault({ path: "/bounces", first: 2, fault: { kind: "rateLimit", retryAfter: 30 } })
      yield* double.injectFault({ path: "/messages/outbound/opens", fault: { kind: "status", status: 500 } })
      const failure = yield* driven(Effect.flip(gapFill.sweep({ connectionId })))
      assert.strictEqual(failure._tag, "PostmarkUnavailable")
      const { leaseUntil, marks } = yield* store.get(connectionId)
      assert.strictEqual(leaseUntil, 0)
      assert.deepStrictEqual(Object.keys(marks).sort(), ["bounces", "deliveries"])
      assert.strictEqual((yield* events).length, 3)
      yield* double.clearFaults
      // After a 429 the calls are paced.
      yield* driven(gapFill.sweep({ connectionId }))
      assert.strictEqual((yield* events).length, 7)
    }))

  it.scoped("has what happened once, whatever was lost, late, or swept more than once", () =>
    Effect.gen(function*() {
      for (const plan of FastCheck.sample(plans, { numRuns: 10, seed: 20261125 })) {
        yield* Effect.scoped(happens(plan))
      }
    }), 60_000)
})

interface Body {
  readonly [field: string]: unknown
}

const readBody = (text: string): Body => JSON.parse(text)

const fates = ["live", "lost", "late"] as const

const plans = FastCheck.record({
  messages: FastCheck.array(
    FastCheck.array(FastCheck.constantFrom("open", "click", "complain", "wait", "sweep"), { maxLength: 5 }),
    { minLength: 1, maxLength: 4 }
  ),
  fates: FastCheck.array(FastCheck.constantFrom(...fates), { minLength: 7, maxLength: 7 })
})

/** Acts a plan out; each webhook has the next fate. */
const happens = (
  plan: { readonly messages: ReadonlyArray<ReadonlyArray<string>>; readonly fates: ReadonlyArray<string> }
) =>
  Effect.gen(function*() {
    const here = yield* world()
    const { client, connectionId, deliver, double, events, gapFill, posts } = here
    const fateOf = (index: number) => plan.fates[index % plan.fates.length]
    here.network.isLost = () => fateOf(posts.length - 1) !== "live"
    for (const [index, steps] of plan.messages.entries()) {
      const to = index % 3 === 2 ? `SoftBounce${index}@bounce-testing.postmarkapp.com` : `person${index}@example.com`
      const { messageId } = yield* client.sendEmail({ ...email, to })
      yield* double.settled
      for (const step of steps) {
        yield* TestClock.adjust("3 seconds")
        if (step === "sweep") yield* gapFill.sweep({ connectionId })
        if (step === "wait") yield* TestClock.adjust("2 hours")
        if (index % 3 === 2) continue
        if (step === "open") yield* double.open(messageId, to)
        if (step === "click") yield* double.click(messageId, to)
        if (step === "complain" && !posts.some(({ body }) => isAbout(readBody(body), "SpamComplaint", messageId))) {
          yield* double.spamComplaint(messageId, to)
        }
      }
    }
    yield* double.settled
    yield* TestClock.adjust("3 seconds")
    yield* gapFill.sweep({ connectionId })
    for (const [index, post] of posts.entries()) if (fateOf(index) === "late") yield* deliver(post)
    yield* gapFill.sweep({ connectionId })

    const bodies = posts.map(({ body }) => readBody(body))
    const expected = bodies.filter((body, index) =>
      fateOf(index) !== "lost" ||
      // What the API does not keep.
      !(["Open", "Click"].includes(String(body["RecordType"])) &&
        bodies.slice(0, index).some((other) => isAbout(other, body["RecordType"], body["MessageID"])))
    )
    const stored = yield* events
    assert.deepStrictEqual(
      stored.map(({ raw }) => placeIn(readBody(raw))).sort(),
      expected.map(placeIn).sort(),
      JSON.stringify(plan)
    )
    assert.isFalse(stored.some(({ possiblyDuplicate }) => possiblyDuplicate))
  })

const isAbout = (body: Body, recordType: unknown, messageId: unknown) =>
  body["RecordType"] === recordType && body["MessageID"] === messageId

/** What happened to whom in which second. */
const placeIn = (body: Body): string =>
  [
    body["RecordType"],
    body["RecordType"] === "SubscriptionChange" ? "" : body["MessageID"],
    body["Recipient"] ?? body["Email"],
    String(body["DeliveredAt"] ?? body["BouncedAt"] ?? body["ReceivedAt"] ?? body["ChangedAt"]).slice(0, 19)
  ].join(" ")
