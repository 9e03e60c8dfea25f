/** Posts webhooks as Postmark does, and posts them again on a named ladder (Postmark API, E.3 and E.4). */
import * as Effect from "effect/Effect"
import * as RetryLadder from "../RetryLadder.ts"
import type { WebhookAttempt } from "../WebhookAttempt.ts"
import { WebhookPostError, type WebhookSender } from "../WebhookSender.ts"
import { stringify } from "./json.ts"
import type { Fired } from "./outcomes.ts"
import type { Scheduler } from "./scheduler.ts"
import type { Server, Webhook } from "./state.ts"

export interface DispatchOptions {
  readonly ladder: RetryLadder.RetryLadder
  readonly sender: WebhookSender
  readonly timeout: number
  /** Hosts that may be posted to besides the loopback. */
  readonly hosts: ReadonlyArray<string>
}

export interface Dispatch {
  readonly attempts: Array<WebhookAttempt>
  readonly fire: (events: ReadonlyArray<Fired>) => void
}

export const makeDispatch = (scheduler: Scheduler, options: DispatchOptions): Dispatch => {
  const attempts: Array<WebhookAttempt> = []

  const fire = (events: ReadonlyArray<Fired>) => {
    for (const event of events) {
      const eventId = event.server.random.uuid()
      for (const webhook of event.server.webhooks.values()) {
        if (!wants(webhook, event)) continue
        const payload = event.payload(includesContent(webhook, event))
        const call: Call = {
          server: event.server,
          webhookId: webhook.id,
          recordType: event.trigger,
          messageId: "MessageID" in payload && typeof payload.MessageID === "string" ? payload.MessageID : undefined,
          body: stringify(payload),
          eventId,
          traceId: event.server.random.uuid()
        }
        scheduler.schedule(0, attempt(call, 1))
      }
    }
  }

  const attempt = (call: Call, number: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      // Not established (E.3): a webhook that was changed between two tries is posted to as it is now.
      const webhook = call.server.webhooks.get(call.webhookId)
      if (webhook === undefined || !webhook.verified) return Effect.void
      const pauses = RetryLadder.minutes(options.ladder, call.recordType)
      const url = new URL(webhook.url)
      const entry = {
        webhookId: webhook.id,
        url: url.origin + url.pathname,
        recordType: call.recordType,
        messageId: call.messageId,
        attempt: number,
        retriesRemaining: pauses.length - number + 1,
        traceId: call.traceId,
        at: new Date(scheduler.now()).toISOString()
      }
      const log = (outcome: WebhookAttempt["outcome"], status: number | undefined, error: string | undefined) => {
        attempts.push({ ...entry, outcome, status, error })
        const pause = pauses[number - 1]
        if (outcome === "retry" && pause !== undefined) scheduler.schedule(pause * 60_000, attempt(call, number + 1))
        scheduler.changed()
      }
      if (!isAllowed(url, options.hosts)) {
        return Effect.sync(() =>
          log("refused", undefined, `the double posts to the loopback only, not to ${url.hostname}`)
        )
      }
      const headers = headersOf(webhook, url, call, entry.retriesRemaining)
      url.username = ""
      url.password = ""
      return options.sender({ url: url.href, headers, body: call.body }).pipe(
        Effect.timeoutFail({
          duration: options.timeout,
          onTimeout: () => new WebhookPostError({ message: `no answer within ${options.timeout} ms` })
        }),
        Effect.match({
          onSuccess: (status) => log(RetryLadder.verdict(options.ladder, status), status, undefined),
          onFailure: ({ message }) => log("retry", undefined, message)
        })
      )
    })

  return { attempts, fire }
}

interface Call {
  readonly server: Server
  readonly webhookId: number
  readonly recordType: string
  readonly messageId: string | undefined
  readonly body: string
  readonly eventId: string
  readonly traceId: string
}

const wants = (webhook: Webhook, { repeated, stream, trigger }: Fired): boolean =>
  webhook.stream === stream && webhook.verified && webhook.triggers[trigger].Enabled &&
  !(repeated && webhook.triggers.Open.PostFirstOpenOnly)

const includesContent = ({ triggers }: Webhook, { server, trigger }: Fired): boolean =>
  server.settings.includeBounceContentInHook === true ||
  ((trigger === "Bounce" || trigger === "SpamComplaint") && triggers[trigger].IncludeContent)

const headersOf = (webhook: Webhook, url: URL, call: Call, retriesRemaining: number) => {
  const headers: Record<string, string> = {
    "User-Agent": "Postmark",
    "Content-Type": "application/json",
    "X-PM-Retries-Remaining": String(retriesRemaining),
    "X-PM-Webhook-Trace-Id": call.traceId,
    "X-PM-Webhook-Event-Id": call.eventId
  }
  // Not documented (E.3): which credentials win. Here HttpAuth goes before the URL, and HttpHeaders before both.
  if (webhook.auth !== undefined) {
    headers["Authorization"] = basic(webhook.auth.Username, webhook.auth.Password)
  } else if (url.username !== "" || url.password !== "") {
    headers["Authorization"] = basic(decodeURIComponent(url.username), decodeURIComponent(url.password))
  }
  for (const { Name, Value } of webhook.headers) {
    for (const own of Object.keys(headers)) {
      if (own.toLowerCase() === Name.toLowerCase()) delete headers[own]
    }
    headers[Name] = Value
  }
  return headers
}

const basic = (username: string, password: string): string => {
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

const isAllowed = ({ hostname }: URL, hosts: ReadonlyArray<string>): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase()
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host) ||
    hosts.some((allowed) => allowed.toLowerCase() === host)
}
