/**
 * Statistics by day (https://postmarkapp.com/developer/api/stats-api): days and keys without a count are left out, and
 * so are totals of nothing.
 */
import { isRefusal, ok } from "../http/response.ts"
import type { Bounce, Message, MessageEvent } from "../state/state.ts"
import { easternDay, isBefore } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"
import { isTracked, readScope, recipients, type Scope, trackingKey } from "./stats.ts"

export const sends = ofMessages("Sent", recipients)

export const tracked = ofMessages("Tracked", (message) => isTracked(message) ? recipients(message) : 0)

// Not established (docs/postmark.md#statistics): where the other types are counted. Here the keys add up to `Bounced`
// and `SMTPApiErrors` (https://postmarkapp.com/developer/api/stats-api).
export const bounces = ofBounces(({ kind }) => {
  if (kind.type === "SpamComplaint") return undefined
  if (kind.type === "SMTPApiError" || kind.type === "Transient") return kind.type
  return kind.inactive ? "HardBounce" : "SoftBounce"
})

export const spam = ofBounces(({ kind }) => kind.type === "SpamComplaint" ? "SpamComplaint" : undefined)

export const opens = ofEvents("Opened", (_event, first) => first ? ["Opens", "Unique"] : ["Opens"])

export const openPlatforms = ofEvents("Opened", ({ reader }) => [platform(reader?.platform, openPlatformNames)])

export const openClients = ofEvents("Opened", ({ reader }) => [family(reader?.client.Family)])

export const readTimes = ofEvents("Opened", ({ reader }) => [bucket(reader?.readSeconds)])

export const clicks = ofEvents("LinkClicked", (_event, first) => first ? ["Clicks", "Unique"] : ["Clicks"])

export const clickBrowsers = ofEvents("LinkClicked", ({ reader }) => [family(reader?.client.Family)])

export const clickPlatforms = ofEvents("LinkClicked", ({ reader }) => [platform(reader?.platform, clickPlatformNames)])

export const clickLocations = ofEvents("LinkClicked", ({ link }) => [link?.location ?? "HTML"])

/** So many of a key at an instant. */
interface Counted {
  readonly millis: number
  readonly key: string
  readonly count: number
}

type Count = (call: Call, scope: Scope) => ReadonlyArray<Counted>

// Functions, so that the endpoints above can be made with them.
function series(count: Count): Handler {
  return (call) => {
    const scope = readScope(call)
    if (isRefusal(scope)) return scope
    const totals: Record<string, number> = {}
    const days = new Map<string, Record<string, number>>()
    for (const { count: size, key, millis } of count(call, scope)) {
      if (size === 0) continue
      const date = easternDay(millis)
      const day = days.get(date) ?? {}
      day[key] = (day[key] ?? 0) + size
      totals[key] = (totals[key] ?? 0) + size
      days.set(date, day)
    }
    const sorted = [...days].sort(([a], [b]) => a < b ? -1 : 1)
    return ok({ Days: sorted.map(([Date, day]) => ({ Date, ...day })), ...totals })
  }
}

function ofMessages(key: string, weight: (message: Message) => number): Handler {
  return series(({ server }, { wanted, within }) =>
    server.messages.filter((message) => wanted(message) && within(message.at.millis))
      .map((message) => ({ millis: message.at.millis, key, count: weight(message) }))
  )
}

function ofBounces(keyOf: (bounce: Bounce) => string | undefined): Handler {
  return series(({ server }, { wanted, within }) =>
    server.bounces.filter(({ at, message }) => wanted(message) && within(at.millis)).flatMap((bounce) => {
      const key = keyOf(bounce)
      return key === undefined ? [] : [{ millis: bounce.at.millis, key, count: 1 }]
    })
  )
}

function ofEvents(
  type: MessageEvent["type"],
  keysOf: (event: MessageEvent, first: boolean) => ReadonlyArray<string>
): Handler {
  return series(({ server }, { wanted, within }) => {
    const seen = new Set<string>()
    return server.messages.filter(wanted)
      .flatMap((message) => message.events.map((event) => ({ message, event })))
      .filter(({ event }) => event.type === type && within(event.at.millis))
      .sort((a, b) => isBefore(a.event.at, b.event.at) ? -1 : 1)
      .flatMap(({ event, message }) => {
        const key = trackingKey(message, event)
        const first = !seen.has(key)
        seen.add(key)
        return keysOf(event, first).map((name) => ({ millis: event.at.millis, key: name, count: 1 }))
      })
  })
}

const openPlatformNames = ["Desktop", "Mobile", "WebMail"]
const clickPlatformNames = ["Desktop", "Mobile"]

const platform = (name: string | undefined, known: ReadonlyArray<string>): string =>
  name !== undefined && known.includes(name) ? name : "Unknown"

/** A name that is a key beside `Days` and `Date` must not be one of them. */
const family = (name: string | undefined): string =>
  name === undefined || name === "" || name === "Days" || name === "Date" ? "unknown" : name

/** `0s`, `4s`, and so on up to `20s+`. */
const bucket = (seconds: number | undefined): string => {
  if (seconds === undefined || !(seconds >= 0)) return "unknown"
  return seconds >= 20 ? "20s+" : `${Math.floor(seconds / 4) * 4}s`
}
