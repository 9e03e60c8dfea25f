/**
 * Posts webhooks as Postmark does, and posts them again on a named ladder
 * (https://postmarkapp.com/developer/webhooks/webhooks-overview and docs/postmark.md#webhook-retries).
 */
import * as Effect from "effect/Effect"
import * as RetryLadder from "../../RetryLadder.ts"
import type { WebhookAttempt } from "../../WebhookAttempt.ts"
import type { Behaviour } from "../engine/behaviour.ts"
import type { Job, WebhookEvent } from "../engine/job.ts"
import type { Fired } from "../engine/outcomes.ts"
import { nextUuid } from "../engine/random.ts"
import type { Scheduler } from "../engine/scheduler.ts"
import { stringify } from "../http/json.ts"
import type { InboundMessage } from "../state/inboundState.ts"
import type { Server, Triggers, Webhook } from "../state/state.ts"
import { postInbound } from "./inboundDispatch.ts"
import { legacyHook } from "./legacyHooks.ts"
import { probe } from "./probes.ts"
import { post, type Posted, type Posting, refusedHost, withCredentials } from "./webhookPost.ts"

export interface Dispatch {
  readonly attempts: Array<WebhookAttempt>
  readonly probing: () => boolean
  readonly fire: (events: ReadonlyArray<Fired>) => void
  readonly fireInbound: (server: Server, message: InboundMessage) => void
  readonly run: (job: Extract<Job, { readonly kind: "webhook" | "inbound" }>) => Effect.Effect<void>
  /** Posts once, with the headers of the webhook. */
  readonly probe: (webhook: Webhook, trigger: keyof Triggers) => Effect.Effect<Posted>
}

export const makeDispatch = (
  scheduler: Scheduler<Job>,
  behaviour: () => Behaviour,
  posting: Posting
): Dispatch => {
  const attempts: Array<WebhookAttempt> = []

  const fire = (events: ReadonlyArray<Fired>) => {
    for (const event of events) {
      const eventId = nextUuid(event.server.random)
      for (const webhook of [...event.server.webhooks.values(), legacyHook(event.server, event.trigger)]) {
        if (webhook === undefined || !wants(webhook, event)) continue
        const payload = event.payload(includesContent(webhook, event))
        scheduler.schedule(0, {
          kind: "webhook",
          attempt: 1,
          event: {
            server: event.server,
            webhookId: webhook.id,
            recordType: event.trigger,
            messageId: "MessageID" in payload && typeof payload.MessageID === "string" ? payload.MessageID : undefined,
            body: stringify(payload),
            eventId,
            traceId: nextUuid(event.server.random)
          }
        })
      }
    }
  }

  const runWebhook = (event: WebhookEvent, attempt: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      // Not established (docs/postmark.md#webhooks): a webhook that was changed between two tries is posted to as it is
      // now.
      const webhook = event.server.webhooks.get(event.webhookId) ??
        (event.webhookId === 0 ? legacyHook(event.server, event.recordType) : undefined)
      if (webhook === undefined || !webhook.verified.has(event.recordType)) return Effect.void
      const { hosts, ladder, pauseTriggerAfter } = behaviour()
      const pauses = RetryLadder.minutes(ladder, event.recordType)
      const url = new URL(webhook.url)
      const startedAt = scheduler.now()
      const entry = {
        webhookId: webhook.id,
        url: url.origin + url.pathname,
        recordType: event.recordType,
        messageId: event.messageId,
        attempt,
        retriesRemaining: pauses.length - attempt + 1,
        traceId: event.traceId,
        at: new Date(startedAt).toISOString()
      }
      const log = (outcome: WebhookAttempt["outcome"], status: number | undefined, error: string | undefined) => {
        attempts.push({ ...entry, outcome, status, error })
        event.server.webhookCalls.push({
          webhookId: webhook.id,
          trigger: event.recordType,
          at: startedAt,
          millis: scheduler.now() - startedAt,
          succeeded: outcome === "taken",
          retry: attempt > 1
        })
        const pause = pauses[attempt - 1]
        if (outcome === "retry" && pause !== undefined) {
          scheduler.schedule(pause * 60_000, { kind: "webhook", event, attempt: attempt + 1 })
        } else if (outcome !== "refused") noteEnd(event, outcome === "taken", pauseTriggerAfter)
        scheduler.changed()
      }
      const headers = headersOf(webhook, url, event, entry.retriesRemaining)
      return Effect.map(post(posting, hosts, url, headers, event.body), (posted) => {
        if (posted === "refused") return log("refused", undefined, refusedHost(url))
        return posted.status === undefined
          ? log("retry", undefined, posted.message)
          : log(RetryLadder.verdict(ladder, posted.status), posted.status, undefined)
      })
    })

  return {
    attempts,
    probing: () => behaviour().probing,
    fire,
    fireInbound: (server, message) => {
      message.status = "Queued"
      scheduler.schedule(0, { kind: "inbound", server, message, traceId: nextUuid(server.random), attempt: 1 })
    },
    run: (job) =>
      job.kind === "webhook"
        ? runWebhook(job.event, job.attempt)
        : Effect.suspend(() => postInbound(posting, behaviour().hosts, scheduler, attempts, job)),
    probe: (webhook, trigger) =>
      Effect.suspend(() => {
        const url = new URL(webhook.url)
        const headers = withCredentials(webhook, url, { "User-Agent": "Postmark", "Content-Type": "application/json" })
        const body = probe(trigger, webhook.stream, { millis: scheduler.now(), ticks: 0 })
        return Effect.map(
          post(posting, behaviour().hosts, url, headers, stringify(body)),
          (posted) => posted === "refused" ? { status: undefined, message: refusedHost(url) } : posted
        )
      })
  }
}

/**
 * A trigger that keeps failing is paused: it is no longer verified, and gets no events until it is again
 * (https://postmarkapp.com/developer/api/webhooks-api).
 */
const noteEnd = ({ recordType, server, webhookId }: WebhookEvent, taken: boolean, pauseAfter: number): void => {
  const key = `${webhookId} ${recordType}`
  const lost = taken ? 0 : (server.lostInARow.get(key) ?? 0) + 1
  server.lostInARow.set(key, lost)
  const webhook = server.webhooks.get(webhookId)
  // Not established (docs/postmark.md#webhooks): the threshold. Here it is events in a row that were dropped, or ran
  // out of tries.
  if (lost < pauseAfter || webhook === undefined) return
  server.lostInARow.delete(key)
  const verified = new Set([...webhook.verified].filter((trigger) => trigger !== recordType))
  server.webhooks.set(webhookId, { ...webhook, verified })
}

const wants = (webhook: Webhook, { repeated, stream, trigger }: Fired): boolean =>
  webhook.stream === stream && webhook.verified.has(trigger) && webhook.triggers[trigger].Enabled &&
  !(repeated && webhook.triggers.Open.PostFirstOpenOnly)

const includesContent = ({ triggers }: Webhook, { server, trigger }: Fired): boolean =>
  server.fields.IncludeBounceContentInHook ||
  ((trigger === "Bounce" || trigger === "SpamComplaint") && triggers[trigger].IncludeContent)

const headersOf = (webhook: Webhook, url: URL, event: WebhookEvent, retriesRemaining: number) =>
  withCredentials(webhook, url, {
    "User-Agent": "Postmark",
    "Content-Type": "application/json",
    "X-PM-Retries-Remaining": String(retriesRemaining),
    "X-PM-Webhook-Trace-Id": event.traceId,
    "X-PM-Webhook-Event-Id": event.eventId
  })
