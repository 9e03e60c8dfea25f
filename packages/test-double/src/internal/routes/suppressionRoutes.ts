/** Suppressions of a stream (https://postmarkapp.com/developer/api/suppressions-api). */
import { reactivate, suppressManually } from "../engine/outcomes.ts"
import { isObject } from "../http/json.ts"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import { isAddress } from "../rules/addresses.ts"
import { readDates, readName, same } from "../rules/fields.ts"
import type { MessageStream, Suppression } from "../state/state.ts"
import { easternSeconds } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"
import { unknownStream } from "./history.ts"

export const dumpSuppressions: Handler = (call) => {
  const { query, server } = call
  const stream = findStream(call)
  if (isRefusal(stream)) return stream
  const reason = readName(query, "suppressionreason", reasons, 1404)
  if (isRefusal(reason)) return reason
  const origin = readName(query, "origin", origins, 1405)
  if (isRefusal(origin)) return origin
  // Not established (docs/postmark.md#error-codes): the code of a bad date here.
  const within = readDates(query, 1407)
  if (isRefusal(within)) return within
  const email = parameter(query, "emailaddress")
  const found = [...server.suppressions.get(stream.id)?.values() ?? []].filter((entry) =>
    within(entry.at) &&
    (reason.name === undefined || entry.reason === reason.name) &&
    (origin.name === undefined || entry.origin === origin.name) &&
    (email === undefined || same(entry.email, email))
  )
  return ok({
    Suppressions: found.map((entry) => ({
      EmailAddress: entry.email,
      SuppressionReason: entry.reason,
      Origin: entry.origin,
      CreatedAt: easternSeconds(entry.at)
    }))
  })
}

export const createSuppressions: Handler = (call) =>
  each(call, (stream, email) => {
    // An address that is suppressed already stays so for the reason it had.
    if (call.server.suppressions.get(stream.id)?.has(email.toLowerCase()) !== true) {
      const { fired, now, server, world } = call
      fired.push(...suppressManually(world, server, stream.id, email, "ManualSuppression", now.millis))
    }
    return { Status: "Suppressed", Message: null }
  })

export const deleteSuppressions: Handler = (call) =>
  each(call, (stream, email) => {
    const { fired, now, server, world } = call
    const entry = server.suppressions.get(stream.id)?.get(email.toLowerCase())
    if (entry !== undefined && !isDeletable(entry)) {
      return { Status: "Failed", Message: "You do not have the required authority to change this suppression." }
    }
    fired.push(...reactivate(world, server, stream.id, email, now.millis))
    return { Status: "Deleted", Message: null }
  })

const reasons = ["HardBounce", "SpamComplaint", "ManualSuppression"] as const
const origins = ["Recipient", "Customer", "Admin"] as const

const isDeletable = ({ origin, reason }: Suppression): boolean =>
  (reason === "ManualSuppression" && origin === "Customer") || (reason === "HardBounce" && origin === "Recipient")

interface Outcome {
  readonly Status: string
  readonly Message: string | null
}

const each = (call: Call, run: (stream: MessageStream, email: string) => Outcome) => {
  const stream = findStream(call)
  if (isRefusal(stream)) return stream
  const emails = readEmails(call.body)
  if (isRefusal(emails)) return emails
  return ok({
    Suppressions: emails.map((email) => ({
      EmailAddress: email,
      ...(isAddress(email)
        ? run(stream, email)
        : { Status: "Failed", Message: "An invalid email address was provided." })
    }))
  })
}

/**
 * Not established (docs/postmark.md#error-codes): the code when there is no such stream; nothing is ever sent from an
 * inbound stream.
 */
const findStream = ({ path, server }: Call): MessageStream | Refusal => {
  const stream = server.streams.get(path["id"] ?? "")
  return stream === undefined || stream.type === "Inbound" ? unknownStream : stream
}

const readEmails = (body: unknown): ReadonlyArray<string> | Refusal => {
  if (!isObject(body) || !Array.isArray(body["Suppressions"])) {
    return refusal(1409, "The 'Suppressions' are missing from the request body.")
  }
  const entries: ReadonlyArray<unknown> = body["Suppressions"]
  if (entries.length > 50) return refusal(1410, "At most 50 suppressions can be changed in one request.")
  const emails: Array<string> = []
  for (const entry of entries) {
    const email = isObject(entry) ? entry["EmailAddress"] : undefined
    if (typeof email !== "string" || email === "") return refusal(1411, "The 'EmailAddress' is missing.")
    emails.push(email)
  }
  return emails
}
