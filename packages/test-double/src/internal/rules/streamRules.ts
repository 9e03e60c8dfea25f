/**
 * What Postmark asks of a message stream (https://postmarkapp.com/developer/api/overview#error-codes: 1220 to 1241).
 * The texts are not established (docs/postmark.md#unknowns).
 */
import { isObject, type JsonObject } from "../http/json.ts"
import { type Refusal, refusal } from "../http/response.ts"
import type { MessageStream, Server } from "../state/state.ts"

export const streamIdProblem = (id: unknown, server: Server): Refusal | undefined => {
  if (typeof id !== "string" || id === "") return refusal(1222, "A valid 'ID' is needed.")
  if (id.startsWith("pm-")) return refusal(1233, "The 'ID' must not start with 'pm-'.")
  if (!/^[a-z][a-z0-9_-]{0,29}$/.test(id)) {
    return refusal(
      1227,
      "The 'ID' starts with a letter, has at most 30 characters, and consists of lowercase letters, digits, '-' and '_'."
    )
  }
  // Not established (docs/postmark.md#error-codes): which ids are reserved; `all` is a word of the list filter.
  if (id === "all") return refusal(1237, `The 'ID' '${id}' is reserved.`)
  return server.streams.has(id) ? refusal(1230, `A message stream with the 'ID' '${id}' exists already.`) : undefined
}

export interface StreamFields {
  readonly name: string | undefined
  /** Null empties it. */
  readonly description: string | null | undefined
  readonly unsubscribe: string | undefined
}

export const readStreamFields = (body: JsonObject, type: MessageStream["type"]): StreamFields | Refusal => {
  const { Description: description, SubscriptionManagementConfiguration: management } = body
  const name = body["Name"] ?? undefined
  if (name !== undefined && (typeof name !== "string" || name.trim() === "")) {
    return refusal(1223, "A valid 'Name' is needed.")
  }
  if (name !== undefined && name.length > 100) return refusal(1224, "The 'Name' is limited to 100 characters.")
  if (description !== undefined && description !== null && typeof description !== "string") {
    return refusal(403, "Invalid request field(s): 'Description'.")
  }
  if (typeof description === "string" && description.length > 1000) {
    return refusal(1231, "The 'Description' is limited to 1000 characters.")
  }
  if (typeof description === "string" && /<[a-z!/][^>]*>/i.test(description)) {
    return refusal(1234, "The 'Description' must not contain HTML.")
  }
  const wanted = isObject(management) ? management["UnsubscribeHandlingType"] : management
  if (wanted === undefined || wanted === null || wanted === "") return { name, description, unsubscribe: undefined }
  const handling = handlings.find((known) => known.toLowerCase() === String(wanted).toLowerCase())
  if (handling === undefined) return refusal(1240, "The 'UnsubscribeHandlingType' is not valid.")
  // Not established (docs/postmark.md#message-streams): which types a stream of each type takes, and who may use
  // Custom.
  if (type === "Broadcasts" ? handling === "None" : type === "Inbound" && handling !== "None") {
    return refusal(1239, "The 'UnsubscribeHandlingType' is not supported for this type of message stream.")
  }
  if (handling === "Custom") return refusal(1238, "Custom unsubscribe handling is not permitted.")
  return { name, description, unsubscribe: handling }
}

const handlings = ["None", "Postmark", "Custom"] as const
