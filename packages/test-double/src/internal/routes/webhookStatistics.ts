/** `GET /webhooks/{id}/statistics`: the last 24 hours (https://postmarkapp.com/developer/api/webhooks-api). */
import { ok } from "../http/response.ts"
import { numericId } from "../rules/fields.ts"
import type { WebhookCall } from "../state/state.ts"
import { utcSeconds } from "../state/time.ts"
import { enabledTriggers, webhookNotFound } from "../webhooks/webhookVerify.ts"
import type { Handler } from "./call.ts"

export const webhookStatistics: Handler = ({ now, path, server }) => {
  const webhook = server.webhooks.get(numericId(path))
  if (webhook === undefined) return webhookNotFound
  const start = now.millis - hours * 3_600_000
  const calls = server.webhookCalls.filter(({ at, webhookId }) => webhookId === webhook.id && at >= start)
  const triggers = new Set([...enabledTriggers(webhook), ...calls.map(({ trigger }) => trigger)])
  return ok({
    WebhookId: webhook.id,
    ServerId: server.id,
    MessageStreamId: webhook.stream,
    Url: webhook.url,
    Statuses: Object.fromEntries(
      enabledTriggers(webhook).map((name) => [name, webhook.verified.has(name) ? "verified" : "unverified"])
    ),
    TimeRange: { StartTime: utcSeconds({ millis: start, ticks: 0 }), EndTime: utcSeconds(now), Hours: hours },
    Metrics: metrics(calls),
    MetricsByTrigger: Object.fromEntries(
      [...triggers].map((name) => [name, metrics(calls.filter(({ trigger }) => trigger === name))])
    )
  })
}

const hours = 24

// Not established (docs/postmark.md#webhooks): from when on an answer is slow, and the rate of no calls at all.
const metrics = (calls: ReadonlyArray<WebhookCall>) => {
  const succeeded = calls.filter((call) => call.succeeded).length
  return {
    TotalRequests: calls.length,
    SuccessCount: succeeded,
    FailureCount: calls.length - succeeded,
    RetryCount: calls.filter(({ retry }) => retry).length,
    SuccessRate: calls.length === 0 ? 0 : Math.floor((succeeded * 10_000) / calls.length) / 100,
    SlowCount: calls.filter(({ millis }) => millis >= 2_000).length,
    VerySlowCount: calls.filter(({ millis }) => millis >= 5_000).length,
    AverageTerminalResponseTimeMs: average(calls.filter((call) => call.succeeded)),
    AverageRetryResponseTimeMs: average(calls.filter((call) => call.retry))
  }
}

const average = (calls: ReadonlyArray<WebhookCall>): number | null =>
  calls.length === 0 ? null : Math.round(calls.reduce((sum, { millis }) => sum + millis, 0) / calls.length)
