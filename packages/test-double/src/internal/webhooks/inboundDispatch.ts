/**
 * Posts an inbound message to its server's hook, until it is taken or given up (docs/postmark.md#webhook-retries and
 * https://postmarkapp.com/developer/webhooks/inbound-webhook).
 */
import * as Effect from "effect/Effect"
import type { WebhookAttempt } from "../../WebhookAttempt.ts"
import type { Job } from "../engine/job.ts"
import type { Scheduler } from "../engine/scheduler.ts"
import { stringify } from "../http/json.ts"
import { inboundPayload } from "./inboundPayload.ts"
import { post, type Posting, refusedHost, withCredentials } from "./webhookPost.ts"

type InboundJob = Extract<Job, { readonly kind: "inbound" }>

export const postInbound = (
  posting: Posting,
  hosts: ReadonlyArray<string>,
  scheduler: Scheduler<Job>,
  attempts: Array<WebhookAttempt>,
  job: InboundJob
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { message, server } = job
    const hook = server.fields.InboundHookUrl
    if (hook === "" || !server.inbound.has(message.id)) {
      message.status = "Processed"
      return Effect.void
    }
    const url = new URL(hook)
    const at = new Date(scheduler.now()).toISOString()
    const headers = withCredentials({ auth: undefined, headers: [] }, url, {
      "User-Agent": "Postmark",
      "Accept": "application/json",
      "Content-Type": "application/json"
    })
    const log = (outcome: WebhookAttempt["outcome"], status: number | undefined, error: string | undefined) => {
      attempts.push({
        webhookId: 0,
        url: url.origin + url.pathname,
        recordType: "Inbound",
        messageId: message.id,
        attempt: job.attempt,
        retriesRemaining: minutes.length - job.attempt + 1,
        traceId: job.traceId,
        at,
        outcome,
        status,
        error
      })
      const pause = minutes[job.attempt - 1]
      message.status = outcome === "taken" ? "Processed" : "Failed"
      if (outcome === "retry" && pause !== undefined) {
        message.status = "Scheduled"
        scheduler.schedule(pause * 60_000, { ...job, attempt: job.attempt + 1 })
      }
      scheduler.changed()
    }
    return Effect.map(post(posting, hosts, url, headers, stringify(inboundPayload(server, message))), (posted) => {
      if (posted === "refused") return log("refused", undefined, refusedHost(url))
      if (posted.status === 200) return log("taken", 200, undefined)
      return log(
        posted.status === 403 ? "drop" : "retry",
        posted.status,
        posted.status === undefined ? posted.message : undefined
      )
    })
  })

// docs/postmark.md#webhook-retries: anything but 200 is posted again, and 403 never.
const minutes = [1, 5, 10, 10, 10, 15, 30, 60, 120, 360]
