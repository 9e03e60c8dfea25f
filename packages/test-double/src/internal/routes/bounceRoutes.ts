/** Bounces (https://postmarkapp.com/developer/api/bounce-api). */
import { reactivate } from "../engine/outcomes.ts"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import { cut, includes, readDates, readName, readPage, readSwitch } from "../rules/fields.ts"
import { bounceTypeNames } from "../state/bounceTypes.ts"
import { hasDump, isRecent } from "../state/retention.ts"
import type { Bounce } from "../state/state.ts"
import { isSuppressed } from "../state/suppressions.ts"
import { type Instant, utcSeconds } from "../state/time.ts"
import { aboutBounce } from "../webhooks/payloads.ts"
import type { Call, Handler } from "./call.ts"
import { source, unknownStream } from "./history.ts"

export const deliveryStats: Handler = ({ server }) => {
  const counts = new Map<string, { readonly Type: string; readonly Name: string; Count: number }>()
  for (const { kind } of server.bounces) {
    const entry = counts.get(kind.type) ?? { Type: kind.type, Name: kind.name, Count: 0 }
    entry.Count++
    counts.set(kind.type, entry)
  }
  return ok({
    // Not established (docs/postmark.md#bounces): what exactly is counted here; it is every suppressed address of every
    // stream.
    InactiveMails: [...server.suppressions.values()].reduce((sum, { size }) => sum + size, 0),
    Bounces: [{ Name: "All", Count: server.bounces.length }, ...counts.values()]
  })
}

export const listBounces: Handler = (call) => {
  const { now, query, server } = call
  const page = readPage(query, { code: 1000, most: 10_000 })
  if (isRefusal(page)) return page
  const stream = parameter(query, "messagestream") ?? "outbound"
  if (!server.streams.has(stream)) return unknownStream
  const type = readName(query, "type", bounceTypeNames, 1000)
  if (isRefusal(type)) return type
  const inactive = readSwitch(query, "inactive")
  if (inactive === undefined && parameter(query, "inactive") !== undefined) {
    return refusal(1000, "The 'inactive' parameter is true or false.")
  }
  const within = readDates(query, 1000)
  if (isRefusal(within)) return within
  const email = parameter(query, "emailfilter")
  const tag = parameter(query, "tag")
  const messageId = parameter(query, "messageid")?.toLowerCase()
  const found = server.bounces.filter((bounce) =>
    bounce.message.stream === stream && isFound(bounce, call) && within(bounce.at) &&
    (type.name === undefined || bounce.kind.type === type.name) &&
    (inactive === undefined || isInactive(bounce) === inactive) &&
    (email === undefined || includes(bounce.email, email)) &&
    (tag === undefined || bounce.message.tag === tag) &&
    (messageId === undefined || bounce.message.id === messageId)
  ).reverse()
  return ok({
    TotalCount: found.length,
    Bounces: cut(found, page).map((bounce) => ({ RecordType: "Bounce", ...present(bounce, now) }))
  })
}

/** Every tag once. Not established (docs/postmark.md#bounces): the order; here it is that of the alphabet. */
export const bounceTags: Handler = (call) => {
  const tags = call.server.bounces.filter((bounce) => isFound(bounce, call)).flatMap(({ message: { tag } }) =>
    tag ?? []
  )
  return ok([...new Set(tags)].sort())
}

export const getBounce: Handler = (call) => {
  const bounce = findBounce(call)
  return isRefusal(bounce) ? bounce : ok({ ...present(bounce, call.now), Content: source(bounce.message) })
}

export const bounceDump: Handler = (call) => {
  const bounce = findBounce(call)
  if (isRefusal(bounce)) return bounce
  // Not established (docs/postmark.md#bounces): an old dump is refused, as the table of codes says; a recorded reply of
  // 2016 was `{}`.
  return hasDump(bounce, call.now) ? ok({ Body: source(bounce.message) }) : notFound
}

export const activateBounce: Handler = (call) => {
  const bounce = findBounce(call)
  if (isRefusal(bounce)) return bounce
  if (!canActivate(bounce)) return refusal(1003, "A bounce of this type cannot be reactivated.")
  const { message: { stream }, email } = bounce
  call.fired.push(...reactivate(call.world, call.server, stream, email, call.now.millis))
  return ok({ Bounce: present(bounce, call.now), Message: "OK" })
}

const notFound = refusal(1001, "The bounce was not found.")

/** Ids may lie above 2^53, so they are never numbers here. */
const findBounce = (call: Call): Bounce | Refusal => {
  const text = call.path["id"] ?? ""
  // Not established (docs/postmark.md#error-codes): what provokes 1002; here it is an id that is not a number.
  if (!/^\d{1,20}$/.test(text)) return refusal(1002, "The 'bounceID' is required.", 400)
  const id = BigInt(text)
  return call.server.bounces.find((bounce) => bounce.id === id && isFound(bounce, call)) ?? notFound
}

/** Whether the bounce has deactivated the address, and nobody has activated it since. */
const isInactive = ({ email, kind, message }: Bounce): boolean =>
  kind.inactive && isSuppressed(message.server, message.stream, email)

const canActivate = ({ email, kind, message: { server, stream } }: Bounce): boolean =>
  kind.type !== "SpamComplaint" && server.suppressions.get(stream)?.get(email.toLowerCase())?.reason !== "SpamComplaint"

/** Bounces are kept as long as messages are, each from its own moment on. */
const isFound = (bounce: Bounce, call: Call): boolean =>
  isRecent(bounce.at, call) && !call.server.purged.has(bounce.message.id)

const present = (bounce: Bounce, now: Instant) => ({
  ...aboutBounce(bounce),
  BouncedAt: utcSeconds(bounce.at),
  DumpAvailable: hasDump(bounce, now),
  Inactive: isInactive(bounce),
  CanActivate: canActivate(bounce),
  Subject: bounce.message.subject
})
