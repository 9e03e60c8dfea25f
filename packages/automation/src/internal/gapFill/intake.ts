/** Puts what a sweep found into the log, and counts it. */
import type * as Digest from "@effect-postmark/core/Digest"
import * as EventKeys from "@effect-postmark/core/EventKeys"
import * as EventLog from "@effect-postmark/core/EventLog"
import type { ConnectionId } from "@effect-postmark/core/Ids"
import * as Json from "@effect-postmark/core/Json"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as GapFillMetrics from "../../GapFillMetrics.ts"
import * as Bodies from "./bodies.ts"

/** An event as the API tells it. Its body is complete once the message's metadata is known. */
export interface Candidate {
  readonly messageId: string | null
  readonly at: number
  readonly body: (metadata: Bodies.Metadata) => object
}

export interface Counts {
  scanned: number
  alreadyKnown: number
  readonly added: Record<string, number>
}

export interface Intake {
  readonly counts: Counts
  readonly scanned: (count: number) => void
  /** Leaves those out that the log has. */
  readonly missing: (
    candidates: ReadonlyArray<Candidate>
  ) => Effect.Effect<ReadonlyArray<Candidate>, StoreUnavailable>
  readonly put: (candidate: Candidate, metadata: Bodies.Metadata) => Effect.Effect<void, StoreUnavailable>
}

export interface Options {
  readonly log: EventLog.Service
  readonly digest: Digest.Service
  readonly registry: TriggerRegistry.Service
  readonly connectionId: ConnectionId
  /** The triggers whose events are put into the log. */
  readonly triggers: ReadonlySet<string>
  readonly floor: (trigger: string) => number
  readonly to: number
}

export const make = ({ connectionId, digest, floor, log, registry, to, triggers }: Options): Intake => {
  const read = WebhookReceiver.reader(registry)
  const counts: Counts = { scanned: 0, alreadyKnown: 0, added: {} }

  const isWanted = (candidate: Candidate, trigger: string | null | undefined) =>
    trigger !== null && trigger !== undefined && triggers.has(trigger) &&
    // The API cuts some times to a second. An event whose time cannot be read is not left out.
    !(candidate.at < floor(trigger) - EventKeys.tolerance) && !(candidate.at > to)

  const missing: Intake["missing"] = (candidates) =>
    Effect.gen(function*() {
      const read500 = candidates.map((candidate) => ({ candidate, reading: read(Bodies.text(candidate.body({})), {}) }))
        .filter(({ candidate, reading }) => isWanted(candidate, reading?.trigger))
      const ids = [...new Set(candidates.flatMap(({ messageId }) => messageId ?? []))]
      const mentions: Array<EventLog.Mention> = []
      for (let at = 0; at < ids.length; at += EventLog.mentionsLimit) {
        mentions.push(...yield* log.mentions(connectionId, ids.slice(at, at + EventLog.mentionsLimit)))
      }
      const byKey = new Map<string, Array<EventLog.Mention>>()
      for (const mention of mentions) {
        if (mention.naturalKey === null) continue
        const same = byKey.get(mention.naturalKey)
        if (same === undefined) byKey.set(mention.naturalKey, [mention])
        else same.push(mention)
      }
      const rest = read500.filter(({ reading }) => {
        const keys = reading?.keys ?? EventKeys.none
        const stored = byKey.get(keys.naturalKey ?? "") ?? []
        return !stored.some((other) => EventKeys.compare(keys, other) === "same")
      })
      counts.alreadyKnown += read500.length - rest.length
      return rest.map(({ candidate }) => candidate)
    })

  const put: Intake["put"] = (candidate, metadata) =>
    Effect.gen(function*() {
      const raw = Bodies.text(candidate.body(metadata))
      const receivedAt = DateTime.formatIso(yield* DateTime.now)
      const reading = read(raw, { receivedAt })
      if (reading === undefined || reading.status !== "decoded" || !isWanted(candidate, reading.trigger)) return
      const identity = yield* digest.sha256(new TextEncoder().encode(Json.canonical(raw) ?? raw))
      const isNew = yield* log.append({ ...reading, connectionId, identity, receivedAt, raw, source: "backfill" })
      if (!isNew) {
        counts.alreadyKnown += 1
        return
      }
      const trigger = reading.trigger ?? ""
      counts.added[trigger] = (counts.added[trigger] ?? 0) + 1
      yield* Metric.increment(Metric.tagged(GapFillMetrics.events, "trigger", trigger))
    })

  return {
    counts,
    scanned: (count) => {
      counts.scanned += count
    },
    missing,
    put
  }
}
