/** Counters, always computed from what happened (https://postmarkapp.com/developer/api/stats-api). */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import { trackedLinks } from "../rules/links.ts"
import type { Message, MessageEvent } from "../state/state.ts"
import { easternRange } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"
import { unknownStream } from "./history.ts"

type StatsResponse = typeof PostmarkApi.OutboundStatsResponse.Encoded

export interface Scope {
  readonly wanted: (message: Message) => boolean
  readonly within: (millis: number) => boolean
}

/** Which messages and which time a statistic is about: `messagestream`, `tag`, `fromdate` and `todate`. */
export const readScope = ({ now, query, server }: Call): Scope | Refusal => {
  const period = readPeriod(query, now.millis)
  if (isRefusal(period)) return period
  const stream = parameter(query, "messagestream")
  if (stream !== undefined && !server.streams.has(stream)) return unknownStream
  const tag = parameter(query, "tag")
  return {
    wanted: (message) =>
      (stream === undefined || message.stream === stream) && (tag === undefined || message.tag === tag),
    within: (millis) => millis >= period.from && millis <= period.to
  }
}

export const outboundStats: Handler = (call) => {
  const scope = readScope(call)
  if (isRefusal(scope)) return scope
  const { wanted, within } = scope
  const { server } = call
  const messages = server.messages.filter(wanted)
  const sent = messages.filter(({ at }) => within(at.millis))
  const bounces = server.bounces.filter(({ at, message }) => wanted(message) && within(at.millis))
  const events = messages.flatMap((message) =>
    message.events.filter(({ at }) => within(at.millis)).map((event) => ({
      type: event.type,
      key: trackingKey(message, event)
    }))
  )
  const opens = events.filter(({ type }) => type === "Opened").map(({ key }) => key)
  const clicks = events.filter(({ type }) => type === "LinkClicked").map(({ key }) => key)
  const complaints = bounces.filter(({ kind }) => kind.type === "SpamComplaint").length
  const apiErrors = bounces.filter(({ kind }) => kind.type === "SMTPApiError").length
  const bounced = bounces.length - complaints - apiErrors
  const total = count(sent, recipients)
  const openTracking = count(sent.filter(tracksOpens), recipients)
  const linkTracking = sent.filter(({ trackLinks }) => trackLinks !== "None")
  const body: StatsResponse = {
    Sent: total,
    Bounced: bounced,
    SMTPApiErrors: apiErrors,
    BounceRate: percent(bounced, total),
    SpamComplaints: complaints,
    SpamComplaintsRate: percent(complaints, total),
    Opens: opens.length,
    UniqueOpens: new Set(opens).size,
    Tracked: count(sent.filter(isTracked), recipients),
    WithLinkTracking: count(linkTracking, recipients),
    WithOpenTracking: openTracking,
    TotalTrackedLinksSent: count(linkTracking, (message) => trackedLinks(message).length * recipients(message)),
    UniqueLinksClicked: new Set(clicks).size,
    TotalClicks: clicks.length,
    WithClientRecorded: opens.length,
    WithPlatformRecorded: opens.length,
    WithReadTimeRecorded: opens.length
  }
  return ok({ ...body })
}

/**
 * Opens are counted by an image in the HTML body, so a text message has none
 * (https://postmarkapp.com/developer/api/email-api#send-a-single-email).
 */
export const tracksOpens = (message: Message): boolean => message.trackOpens && message.htmlBody !== undefined

// Stats count recipients, messages do not (https://postmarkapp.com/developer/api/messages-api); a suppressed recipient
// was never sent to.
export const recipients = (message: Message): number => message.recipients.length - message.inactive.length

const count = (messages: ReadonlyArray<Message>, weight: (message: Message) => number): number =>
  messages.reduce((sum, message) => sum + weight(message), 0)

/** What makes an open or a click unique: the message, the recipient, and the link if there is one. */
export const trackingKey = (message: Message, { link, recipient }: MessageEvent): string =>
  `${message.id} ${recipient.toLowerCase()} ${link?.url ?? ""}`

export const isTracked = (message: Message): boolean => tracksOpens(message) || message.trackLinks !== "None"

/** A percentage with three decimals, cut off and not rounded (https://postmarkapp.com/developer/api/stats-api). */
const percent = (part: number, whole: number): number => whole === 0 ? 0 : Math.floor((part * 100_000) / whole) / 1000

const readPeriod = (query: URLSearchParams, now: number): { readonly from: number; readonly to: number } | Refusal => {
  const fromText = parameter(query, "fromdate")
  const toText = parameter(query, "todate")
  const from = fromText === undefined ? undefined : easternRange(fromText)
  const to = toText === undefined ? undefined : easternRange(toText)
  if (fromText !== undefined && from === undefined) {
    return refusal(900, `The 'fromdate' parameter '${fromText}' is not a date.`)
  }
  if (toText !== undefined && to === undefined) return refusal(900, `The 'todate' parameter '${toText}' is not a date.`)
  if (from !== undefined && from.from < now - oneYear) return refusal(1500, "The 'fromdate' is older than one year.")
  if (from !== undefined && to !== undefined && from.from > to.to) {
    return refusal(1502, "The 'fromdate' must be before the 'todate'.")
  }
  return { from: from?.from ?? Number.NEGATIVE_INFINITY, to: to?.to ?? Number.POSITIVE_INFINITY }
}

// A day more than a year, so that "a year ago today" is always taken.
const oneYear = 366 * 86_400_000
