import * as DeliveryOutcome from "@effect-postmark/core/DeliveryOutcome"
import * as DryRun from "@effect-postmark/core/DryRun"
import * as EventLog from "@effect-postmark/core/EventLog"
import { ConnectionId, MessageId } from "@effect-postmark/core/Ids"
import * as OpenTracking from "@effect-postmark/core/OpenTracking"
import type { OutboundMessageDetails } from "@effect-postmark/core/OutboundMessage"
import { ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Fiber, Ref, TestClock } from "effect"

const messageId = MessageId.make("5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10")
const connectionId = ConnectionId.make("con_1")
const recipient = "Ann@example.com"

type Steps = OutboundMessageDetails["messageEvents"]

const details = (messageEvents: Steps): OutboundMessageDetails => ({
  messageId,
  receivedAt: "2026-09-30T12:04:08-04:00",
  to: [],
  cc: [],
  bcc: [],
  recipients: [],
  from: "",
  attachments: [],
  status: "Sent",
  metadata: {},
  messageEvents,
  raw: {}
})

const notFound = new ValidationFailure({
  operation: "details",
  message: "",
  reason: "notFound",
  issues: [],
  inactiveRecipients: []
})

const step = (type: string, to = "ann@example.com") => ({
  recipient: to,
  type,
  receivedAt: "2026-09-30T12:04:10",
  details: {}
})

/** A reader that gives one answer after the other, the last one for ever. */
const reader = (...answers: ReadonlyArray<Steps | "notFound">) =>
  Effect.map(Ref.make(0), (calls) => ({
    details: () =>
      Effect.flatMap(Ref.getAndUpdate(calls, (n) => n + 1), (call) => {
        const answer = answers[Math.min(call, answers.length - 1)]
        return answer === undefined || answer === "notFound" ? Effect.fail(notFound) : Effect.succeed(details(answer))
      })
  }))

const append = (log: EventLog.Service, body: object) => {
  const raw = JSON.stringify(body)
  const reading = WebhookReceiver.read(raw)
  return reading === undefined
    ? Effect.die("no JSON")
    : log.append({ ...reading, connectionId, identity: raw, receivedAt: "2026-09-30T16:04:11.000Z", raw })
}

const bounce = {
  RecordType: "Bounce",
  ID: 1,
  Type: "HardBounce",
  MessageID: messageId,
  Email: "ann@example.com",
  BouncedAt: "2026-09-30T16:05:00Z",
  Inactive: true,
  CanActivate: true
}

describe("waiting for an outcome", () => {
  it.effect("asks Postmark until the recipient is served", () =>
    Effect.gen(function*() {
      const postmark = yield* reader("notFound", [step("Transient")], [step("Delivered", "bob@example.com")], [
        step("Delivered")
      ])
      const fiber = yield* Effect.fork(DeliveryOutcome.awaitOutcome(postmark, { messageId, recipient }))
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), {
        _tag: "Delivered",
        at: "2026-09-30T12:04:10",
        source: "polling"
      })
    }))

  it.effect("ends with what is known when the time is up", () =>
    Effect.gen(function*() {
      const postmark = yield* reader([])
      const fiber = yield* Effect.fork(
        DeliveryOutcome.awaitOutcome(postmark, { messageId, recipient, timeout: "1 minute" })
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { _tag: "Pending", source: "polling" })
    }))

  it.effect("hears of a bounce by the event log at once, and what kind it is", () =>
    Effect.gen(function*() {
      const log = yield* EventLog.EventLog
      const postmark = yield* reader("notFound")
      const fiber = yield* Effect.fork(
        DeliveryOutcome.awaitOutcome(postmark, { messageId, recipient, events: { log, connectionId } })
      )
      yield* Effect.yieldNow()
      yield* append(log, { ...bounce, MessageID: "another" })
      yield* append(log, { ...bounce, Email: "bob@example.com" })
      yield* append(log, bounce)
      assert.deepStrictEqual(yield* Fiber.join(fiber), {
        _tag: "Bounced",
        at: "2026-09-30T16:05:00Z",
        source: "events",
        type: "HardBounce",
        category: "permanent",
        canActivate: true
      })
    }).pipe(Effect.provide(EventLog.layerMemory)))

  it.effect("finds the message however its id is spelled, by the caller and by the webhook", () =>
    Effect.gen(function*() {
      const log = yield* EventLog.EventLog
      yield* append(log, { ...bounce, MessageID: ` ${messageId.toUpperCase()} `, Email: "ann@example.com " })
      const postmark = yield* reader("notFound")
      const outcome = yield* DeliveryOutcome.awaitOutcome(postmark, {
        messageId: MessageId.make(`${messageId.toUpperCase()}\n`),
        recipient,
        events: { log, connectionId }
      })
      assert.strictEqual(outcome._tag, "Bounced")
    }).pipe(Effect.provide(EventLog.layerMemory)))

  it.effect("finds an event that came before the wait began", () =>
    Effect.gen(function*() {
      const log = yield* EventLog.EventLog
      yield* append(log, bounce)
      const postmark = yield* reader("notFound")
      const outcome = yield* DeliveryOutcome.awaitOutcome(postmark, {
        messageId,
        recipient,
        events: { log, connectionId }
      })
      assert.strictEqual(outcome._tag, "Bounced")
    }).pipe(Effect.provide(EventLog.layerMemory)))
})

describe("a dry run", () => {
  it("shows the JSON as it would go out, with sizes beside their limits", () => {
    const run = Either.getOrThrow(
      DryRun.email({ from: "a@example.org", to: ["b@example.com"], textBody: "é", metadata: { k: "v" } })
    )
    assert.deepStrictEqual(run, {
      path: "/email",
      body: "{\"From\":\"a@example.org\",\"To\":\"b@example.com\",\"Metadata\":{\"k\":\"v\"},\"TextBody\":\"é\"}",
      recipients: { actual: 1, limit: 50 },
      messageBytes: { actual: 82, limit: 10_485_760 },
      metadataFields: { actual: 1, limit: 10 }
    })
  })

  it("gives every issue of what would be refused", () => {
    const run = DryRun.templateEmail({ from: "a@example.org", to: [], templateModel: {} })
    assert.deepStrictEqual(
      Either.match(run, { onLeft: (issues) => issues.map(({ path }) => path.join(".")), onRight: () => [] }),
      ["to", "templateId"]
    )
  })
})

it("says why an open cannot be reported", () => {
  const email = { from: "a@example.org", to: "b@example.com" }
  const off = { trackOpens: false }
  assert.deepStrictEqual(OpenTracking.obstacles(off, { ...email, htmlBody: "<p>", trackOpens: true }), [])
  assert.deepStrictEqual(
    OpenTracking.obstacles({ trackOpens: true }, { ...email, htmlBody: "<p>", trackOpens: false }),
    []
  )
  assert.deepStrictEqual(OpenTracking.obstacles(off, { ...email, textBody: "t" }), ["trackingOff", "noHtmlBody"])
  assert.deepStrictEqual(
    OpenTracking.obstacles({ trackOpens: true }, { ...email, templateAlias: "welcome", templateModel: {} }),
    ["cannotTell"]
  )
  assert.deepStrictEqual(OpenTracking.obstaclesOf({ trackOpens: true, htmlBody: " " }), ["noHtmlBody"])
  assert.include(OpenTracking.describe("trackingOff"), "trackOpens")
})
