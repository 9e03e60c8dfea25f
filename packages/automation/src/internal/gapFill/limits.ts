/** What sweeps can find, and what they cannot. */
import {
  EmailBounced,
  EmailDelivered,
  EmailOpened,
  LinkClicked,
  SpamComplaint,
  SubscriptionChanged
} from "@effect-postmark/core/PostmarkTriggers"
import type { SweepKind } from "@effect-postmark/core/SweepStore"

export const kinds: ReadonlyArray<SweepKind> = ["deliveries", "bounces", "opens", "clicks", "suppressions"]

export const triggersOf: { readonly [kind in SweepKind]: ReadonlyArray<string> } = {
  deliveries: [EmailDelivered.id],
  bounces: [EmailBounced.id, SpamComplaint.id],
  opens: [EmailOpened.id],
  clicks: [LinkClicked.id],
  suppressions: [SubscriptionChanged.id]
}

export const recoverable: ReadonlyArray<string> = kinds.flatMap((kind) => triggersOf[kind])

/** A part of a sweep. What was sent before it, from `earlier` on, may have had its delivery in it. */
export interface Slice {
  readonly earlier: number
  readonly from: number
  readonly to: number
}

/** Parts of a span, oldest first: after each, the sweep's mark moves. Lists without dates are read as one. */
export const slices = (kind: SweepKind, from: number, to: number, latenessMs: number): ReadonlyArray<Slice> => {
  if (kind === "opens" || kind === "clicks") return [{ earlier: from, from, to }]
  const sliceMs = Math.max(shortestSliceMs, Math.ceil((to - from) / mostSlices))
  const slices: Array<Slice> = [{ earlier: from - latenessMs, from, to: Math.min(from + sliceMs, to) }]
  for (let at = from + sliceMs; at < to; at += sliceMs) {
    slices.push({ earlier: at, from: at, to: Math.min(at + sliceMs, to) })
  }
  return slices
}

const shortestSliceMs = 6 * 3_600_000
const mostSlices = 60

/** Postmark keeps activity for 45 days, unless more were bought (docs/postmark.md#limits). */
const retentionMs = 45 * 24 * 3_600_000

export const notRecoverable = (swept: ReadonlyArray<SweepKind>, from: number, now: number): ReadonlyArray<string> => [
  ...swept.flatMap((kind) => gaps[kind]),
  "inbound messages: they are not swept",
  ...(now - from > retentionMs ? ["activity from before Postmark's retention, which is 45 days by default"] : [])
]

const gaps: { readonly [kind in SweepKind]: ReadonlyArray<string> } = {
  deliveries: ["deliveries later than the configured lateness after the message was sent"],
  bounces: ["the content of bounced messages, and whether an address was inactive at the time of its bounce"],
  opens: [
    "repeated opens, and opens by other recipients of one message: Postmark's API keeps the first open of a message"
  ],
  clicks: ["repeated clicks: Postmark's API keeps the first click of a recipient on a link"],
  suppressions: ["reactivations, suppressions that were removed since, and the message that caused a suppression"]
}
