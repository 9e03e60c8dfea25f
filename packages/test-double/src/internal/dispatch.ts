/** Posts webhooks as Postmark does, and posts them again on a named ladder (Postmark API, E.3 and E.4). */
import * as Effect from "effect/Effect"
import * as RetryLadder from "../RetryLadder.ts"
import type { WebhookAttempt } from "../WebhookAttempt.ts"
import { WebhookPostError, type WebhookSender } from "../WebhookSender.ts"
import { decodeSafely } from "./fields.ts"
import { inboundPayload } from "./inboundPayload.ts"
import type { InboundMessage } from "./inboundState.ts"
import { stringify } from "./json.ts"
import { isLoopback } from "./loopback.ts"
import type { Fired } from "./outcomes.ts"
import type { Scheduler } from "./scheduler.ts"
import type { Server, Triggers, Webhook } from "./state.ts"

export interface DispatchOptions {
  readonly ladder: RetryLadder.RetryLadder
  readonly sender: WebhookSender
  readonly timeout: number
  /** Hosts that may be posted to besides the loopback. */
  readonly hosts: ReadonlyArray<string>
  /** Whether a webhook is probed when it is made or changed. */
  readonly probing: boolean
}

/** The answer to a single post; `status` is undefined if there was none. */
export interface Posted {
  readonly status: number | undefined
  readonly message: string
}

export interface Dispatch {
  readonly attempts: Array<WebhookAttempt>
  readonly probing: boolean
  readonly fire: (events: ReadonlyArray<Fired>) => void
  /** Posts an inbound message to the server's hook, until it is taken or given up. */
  readonly fireInbound: (server: Server, message: InboundMessage) => void
  /** Posts once, with the headers of the webhook. */
  readonly probe: (webhook: Webhook, body: object) => Effect.Effect<Posted>
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
      if (webhook === undefined || !webhook.verified.has(call.recordType)) return Effect.void
      const pauses = RetryLadder.minutes(options.ladder, call.recordType)
      const url = new URL(webhook.url)
      const startedAt = scheduler.now()
      const entry = {
        webhookId: webhook.id,
        url: url.origin + url.pathname,
        recordType: call.recordType,
        messageId: call.messageId,
        attempt: number,
        retriesRemaining: pauses.length - number + 1,
        traceId: call.traceId,
        at: new Date(startedAt).toISOString()
      }
      const log = (outcome: WebhookAttempt["outcome"], status: number | undefined, error: string | undefined) => {
        attempts.push({ ...entry, outcome, status, error })
        call.server.webhookCalls.push({
          webhookId: webhook.id,
          trigger: call.recordType,
          at: startedAt,
          millis: scheduler.now() - startedAt,
          succeeded: outcome === "taken",
          retry: number > 1
        })
        const pause = pauses[number - 1]
        if (outcome === "retry" && pause !== undefined) scheduler.schedule(pause * 60_000, attempt(call, number + 1))
        scheduler.changed()
      }
      return Effect.map(post(url, headersOf(webhook, url, call, entry.retriesRemaining), call.body), (posted) => {
        if (posted === "refused") return log("refused", undefined, refusedHost(url))
        return posted.status === undefined
          ? log("retry", undefined, posted.message)
          : log(RetryLadder.verdict(options.ladder, posted.status), posted.status, undefined)
      })
    })

  const post = (
    url: URL,
    headers: { readonly [name: string]: string },
    body: string
  ): Effect.Effect<Posted | "refused"> => {
    if (!isAllowed(url, options.hosts)) return Effect.succeed("refused" as const)
    const bare = new URL(url)
    bare.username = ""
    bare.password = ""
    return options.sender({ url: bare.href, headers, body }).pipe(
      Effect.timeoutFail({
        duration: options.timeout,
        onTimeout: () => new WebhookPostError({ message: `no answer within ${options.timeout} ms` })
      }),
      Effect.match({
        onSuccess: (status): Posted => ({ status, message: `status ${status}` }),
        onFailure: ({ message }): Posted => ({ status: undefined, message })
      })
    )
  }

  const probe = (webhook: Webhook, body: object): Effect.Effect<Posted> =>
    Effect.suspend(() => {
      const url = new URL(webhook.url)
      const headers = withCredentials(webhook, url, { "User-Agent": "Postmark", "Content-Type": "application/json" })
      return Effect.map(
        post(url, headers, stringify(body)),
        (posted) => posted === "refused" ? { status: undefined, message: refusedHost(url) } : posted
      )
    })

  const fireInbound = (server: Server, message: InboundMessage) => {
    const traceId = server.random.uuid()
    message.status = "Queued"
    scheduler.schedule(0, inboundAttempt(server, message, traceId, 1))
  }

  const inboundAttempt = (
    server: Server,
    message: InboundMessage,
    traceId: string,
    number: number
  ): Effect.Effect<void> =>
    Effect.suspend(() => {
      const hook = server.fields.InboundHookUrl
      if (hook === "" || !server.inbound.has(message.id)) {
        message.status = "Processed"
        return Effect.sync(scheduler.changed)
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
          attempt: number,
          retriesRemaining: inboundMinutes.length - number + 1,
          traceId,
          at,
          outcome,
          status,
          error
        })
        const pause = inboundMinutes[number - 1]
        message.status = outcome === "taken" ? "Processed" : "Failed"
        if (outcome === "retry" && pause !== undefined) {
          message.status = "Scheduled"
          scheduler.schedule(pause * 60_000, inboundAttempt(server, message, traceId, number + 1))
        }
        scheduler.changed()
      }
      return Effect.map(post(url, headers, stringify(inboundPayload(server, message))), (posted) => {
        if (posted === "refused") return log("refused", undefined, refusedHost(url))
        if (posted.status === 200) return log("taken", 200, undefined)
        return log(
          posted.status === 403 ? "drop" : "retry",
          posted.status,
          posted.status === undefined ? posted.message : undefined
        )
      })
    })

  return { attempts, probing: options.probing, fire, fireInbound, probe }
}

// Postmark API, E.4: anything but 200 is posted again, and 403 never.
const inboundMinutes = [1, 5, 10, 10, 10, 15, 30, 60, 120, 360]

const refusedHost = ({ hostname }: URL): string => `the double posts to the loopback only, not to ${hostname}`

interface Call {
  readonly server: Server
  readonly webhookId: number
  readonly recordType: keyof Triggers
  readonly messageId: string | undefined
  readonly body: string
  readonly eventId: string
  readonly traceId: string
}

const wants = (webhook: Webhook, { repeated, stream, trigger }: Fired): boolean =>
  webhook.stream === stream && webhook.verified.has(trigger) && webhook.triggers[trigger].Enabled &&
  !(repeated && webhook.triggers.Open.PostFirstOpenOnly)

const includesContent = ({ triggers }: Webhook, { server, trigger }: Fired): boolean =>
  server.fields.IncludeBounceContentInHook ||
  ((trigger === "Bounce" || trigger === "SpamComplaint") && triggers[trigger].IncludeContent)

const headersOf = (webhook: Webhook, url: URL, call: Call, retriesRemaining: number) =>
  withCredentials(webhook, url, {
    "User-Agent": "Postmark",
    "Content-Type": "application/json",
    "X-PM-Retries-Remaining": String(retriesRemaining),
    "X-PM-Webhook-Trace-Id": call.traceId,
    "X-PM-Webhook-Event-Id": call.eventId
  })

const withCredentials = (
  webhook: Pick<Webhook, "auth" | "headers">,
  url: URL,
  own: { readonly [name: string]: string }
): { readonly [name: string]: string } => {
  const headers = { ...own }
  // Not documented (E.3): which credentials win. Here HttpAuth goes before the URL, and HttpHeaders before both.
  if (webhook.auth !== undefined) {
    headers["Authorization"] = basic(webhook.auth.Username, webhook.auth.Password)
  } else if (url.username !== "" || url.password !== "") {
    headers["Authorization"] = basic(decodeSafely(url.username), decodeSafely(url.password))
  }
  for (const { Name, Value } of webhook.headers) {
    for (const name of Object.keys(headers)) {
      if (name.toLowerCase() === Name.toLowerCase()) delete headers[name]
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
  return isLoopback(host) || hosts.some((allowed) => allowed.toLowerCase() === host)
}
