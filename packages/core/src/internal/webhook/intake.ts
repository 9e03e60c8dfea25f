/** Stores an authenticated body and decides the answer, without a fiber where the ports can. */
import * as Encoding from "effect/Encoding"
import * as Exit from "effect/Exit"
import type * as Digest from "../../Digest.ts"
import type * as EventLog from "../../EventLog.ts"
import type { ConnectionId } from "../../Ids.ts"
import * as Metrics from "../../Metrics.ts"
import type * as Trigger from "../../Trigger.ts"
import type { Decision } from "../../WebhookReceiver.ts"
import type { Identified } from "./bodyReading.ts"
import { decisions } from "./decisions.ts"
import { messageOf, type Outside } from "./outside.ts"

export interface Options {
  readonly outside: Outside
  readonly log: EventLog.Service
  readonly digest: Digest.Service
  readonly read: (text: string, arrival: Trigger.Arrival) => Identified | undefined
}

export interface Delivery {
  readonly connectionId: ConnectionId
  readonly body: Uint8Array
  readonly contentEncoding?: string | undefined
  readonly traceId?: string | undefined
}

export const make = ({ digest, log, outside, read }: Options) => {
  const counters = new Map(
    (["decoded", "partial", "unknown", "probe"] as const).map((status) =>
      [status, outside.counter(Metrics.events, "status", status)] as const
    )
  )
  const { append } = log
  const appended: NonNullable<EventLog.Append["unsafe"]> = append.unsafe ??
    ((event, done) => outside.run(append(event), done))

  /** The identity of a body: the hash of its canonical form, or of its bytes when it has none. */
  const identified = (
    body: Uint8Array,
    canonical: string | undefined,
    done: (identity: string) => void,
    failed: () => void
  ): void => {
    if (digest.sha256.unsafe !== undefined) return done(digest.sha256.unsafe(canonical ?? body))
    outside.run(
      digest.sha256(canonical === undefined ? body : utf8.encode(canonical)),
      Exit.match({ onFailure: failed, onSuccess: done })
    )
  }

  const unavailable = (reason: string, done: (decision: Decision) => void): void => {
    outside.logError("a webhook could not be stored; Postmark is asked to try again", reason)
    done(decisions.unavailable)
  }

  const quarantine = (
    { body, connectionId }: Delivery,
    receivedAt: string,
    why: string,
    isText: boolean,
    done: (decision: Decision) => void
  ): void => {
    const limit = isText ? textBytes : encodedBytes
    const part = body.subarray(0, limit)
    const reason = body.length > limit ? `${why}; the first ${limit} of ${body.length} bytes are kept` : why
    const kept = isText ? new TextDecoder().decode(part) : `${dataUrl}${Encoding.encodeBase64(part)}`
    outside.run(
      log.quarantine({ connectionId, receivedAt, reason, body: kept }),
      (exit) =>
        Exit.isSuccess(exit) ? done({ ...decisions.quarantined, reason }) : unavailable(messageOf(exit.cause), done)
    )
  }

  const store = (delivery: Delivery, done: (decision: Decision) => void): void => {
    const { body, connectionId, contentEncoding, traceId } = delivery
    const receivedAt = new Date(outside.millis()).toISOString()
    const text = decodeUtf8(body)
    const known = text === undefined ? undefined : read(text, { receivedAt, traceId: traceIdOf(traceId) })
    if (text === undefined || known === undefined) {
      const encoding = encodingOf(contentEncoding, body)
      const reason = encoding !== undefined
        ? `${encoding} is not supported`
        : text === undefined
        ? "not UTF-8"
        : "not JSON"
      return quarantine(delivery, receivedAt, reason, text !== undefined && encoding === undefined, done)
    }
    const { canonical, reading } = known
    identified(
      body,
      canonical,
      (identity) =>
        appended({ ...reading, connectionId, identity, receivedAt, raw: text }, (exit) => {
          if (Exit.isFailure(exit)) return unavailable(messageOf(exit.cause), done)
          if (exit.value) counters.get(reading.status)?.()
          done(exit.value ? decisions.stored : decisions.duplicate)
        }),
      () => unavailable("the digest failed", done)
    )
  }

  return (delivery: Delivery, done: (decision: Decision) => void): void => {
    try {
      store(delivery, done)
    } catch (defect) {
      unavailable(defect instanceof Error ? `a defect: ${defect.name}` : "a defect", done)
    }
  }
}

/** The number of bytes that the quarantine stores of a text body. */
const textBytes = 64 * 1024

/** The same for a body in another encoding: it may be a whole event, and a part of it cannot be decompressed. */
const encodedBytes = 1024 * 1024

/** The prefix of a quarantined body in base64. */
export const dataUrl = "data:application/octet-stream;base64,"

/**
 * The encoding of a body that is not plain text. A readable body is plain, whatever its header says: a proxy may
 * decompress it and leave the header. The header's text is only quoted if it is a token.
 */
const encodingOf = (header: string | undefined, body: Uint8Array): string | undefined => {
  const encodings = (header ?? "").toLowerCase().split(",").map((name) => name.trim())
  const other = encodings.find((name) => name !== "" && name !== "identity")
  if (other !== undefined) return `Content-Encoding ${/^[\w.-]{1,40}$/.test(other) ? other : "of another kind"}`
  return body[0] === 0x1f && body[1] === 0x8b ? "gzip without a Content-Encoding" : undefined
}

const traceIdOf = (header: string | undefined): string | undefined => {
  const id = header?.trim()
  return id !== undefined && /^[!-~]{1,200}$/.test(id) ? id : undefined
}

const utf8 = new TextEncoder()

const strict = new TextDecoder("utf-8", { fatal: true })

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}
