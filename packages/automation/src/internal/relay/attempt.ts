/** One attempt: signed, posted, timed, and read as a success or a failure with a short code. */
import type { RelayBody } from "@effect-postmark/core/RelayTarget"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as RelayClient from "../../RelayClient.ts"
import * as RelaySigning from "../../RelaySigning.ts"

export interface Tried {
  readonly at: number
  readonly durationMs: number
  readonly status: number | null
  readonly failure: string | null
  readonly response: string
  readonly retryAfterMs: number | undefined
}

export const tryOnce = (client: RelayClient.Service, options: {
  readonly url: string
  readonly id: string
  readonly body: string
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  readonly timeout: Duration.DurationInput
}): Effect.Effect<Tried> =>
  Effect.gen(function*() {
    const at = yield* Clock.currentTimeMillis
    const [taken, answer] = yield* Effect.suspend(() =>
      client.post({
        url: options.url,
        headers: {
          "content-type": "application/json",
          "user-agent": "effect-postmark",
          ...RelaySigning.headers({ ...options, timestampMs: at })
        },
        body: options.body
      })
    ).pipe(
      Effect.timeoutFail({
        duration: options.timeout,
        onTimeout: () => new RelayClient.RelayFailure({ reason: "timeout" })
      }),
      // A defect must cost one attempt, not the worker.
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(
          Effect.annotateLogs(Effect.logError("a relay attempt broke"), { failure: nameOf(defect) }),
          Effect.fail(new RelayClient.RelayFailure({ reason: "internal" }))
        )
      ),
      Effect.either,
      Effect.timed
    )
    const durationMs = Math.max(Math.round(Duration.toMillis(taken)), 0)
    if (answer._tag === "Left") {
      return { at, durationMs, status: null, failure: answer.left.reason, response: "", retryAfterMs: undefined }
    }
    const { body, retryAfter, status } = answer.right
    return {
      at,
      durationMs,
      status,
      failure: failureOf(status),
      response: new TextDecoder().decode(body.subarray(0, keptBytes)).replaceAll("\u0000", "\ufffd"),
      retryAfterMs: readRetryAfter(retryAfter, yield* Clock.currentTimeMillis)
    }
  }).pipe(Effect.withTracerEnabled(false))

/** The stored event is spliced in as text: it is JSON already, and no digit of it may change. */
export const bodyOf = (
  about: Pick<RelayBody, "connectionId" | "receivedAt" | "sequence" | "test"> & {
    readonly trigger: string
    readonly event: string
  },
  occurredAt: string | undefined
): string => {
  const { connectionId, event, receivedAt, sequence, test, trigger } = about
  const head = JSON.stringify({
    type: trigger,
    timestamp: timeOf(event, occurredAt) ?? receivedAt,
    sequence,
    connectionId,
    receivedAt,
    ...(test === true ? { test } : {})
  })
  return `${head.slice(0, -1)},"data":${event}}`
}

const timeOf = (event: string, field: string | undefined): string | undefined => {
  if (field === undefined) return undefined
  const parsed: unknown = JSON.parse(event)
  if (typeof parsed !== "object" || parsed === null) return undefined
  const value: unknown = Reflect.get(parsed, field)
  return typeof value === "string" ? value : undefined
}

const keptBytes = 4_096

const failureOf = (status: number): string | null => {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return "redirect"
  return status === 410 ? "gone" : "http_status"
}

/** Seconds or an HTTP date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after), in milliseconds from now. */
const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : Math.max(instant - now, 0)
}

const nameOf = (defect: unknown): string => {
  const root = Cause.isCause(defect) ? Cause.squash(defect) : defect
  return root instanceof Error ? root.name : typeof root
}
