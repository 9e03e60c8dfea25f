import { EventLog } from "@effect-postmark/core/EventLog"
import * as Metrics from "@effect-postmark/core/Metrics"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import { WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import { assert, it } from "@effect/vitest"
import { Effect, Metric, Redacted } from "effect"
import { json, stub, taken } from "./kit/http.ts"
import { services } from "./kit/services.ts"

const requests = (operation: string, outcome: string) =>
  Effect.map(
    Metric.value(Metrics.requests.pipe(Metric.tagged("operation", operation), Metric.tagged("outcome", outcome))),
    ({ count }) => count
  )

it.effect("counts each try by its operation and outcome, and how long it took", () =>
  Effect.gen(function*() {
    const http = yield* stub((_, call) => call === 1 ? json(taken()) : json({}, 429))
    const client = yield* PostmarkClient.make({ serverToken: Redacted.make("t") }).pipe(Effect.provide(http.layer))
    const send = client.sendEmail({ from: "a@example.org", to: "b@example.com", textBody: "t" })
    const before = [yield* requests("sendEmail", "success"), yield* requests("sendEmail", "RateLimited")]
    yield* send
    yield* Effect.flip(RetryPolicy.withRetryPolicy(send, RetryPolicy.none))
    const after = [yield* requests("sendEmail", "success"), yield* requests("sendEmail", "RateLimited")]
    assert.deepStrictEqual(after, before.map((count) => count + 1))
    const duration = yield* Metric.value(Metric.tagged(Metrics.requestDuration, "operation", "sendEmail"))
    assert.isAtLeast(duration.count, 2)
  }))

it.effect("counts webhooks by what was answered", () =>
  Effect.gen(function*() {
    const http = yield* stub(() => json({}))
    const refused = Metric.tagged(Metrics.webhooks, "result", "unauthorized")
    const before = yield* Metric.value(refused)
    yield* Effect.gen(function*() {
      const receiver = yield* WebhookReceiver
      yield* receiver.receive({ connectionId: "con_1", authorization: [], body: new Uint8Array() })
      assert.deepStrictEqual(yield* Effect.flatMap(EventLog, (log) => log.read({ after: 0, limit: 1 })), [])
    }).pipe(Effect.provide(services(http.layer)))
    assert.strictEqual((yield* Metric.value(refused)).count, before.count + 1)
  }))
