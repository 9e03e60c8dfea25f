/**
 * Requests to remove a recipient's data (https://postmarkapp.com/developer/api/data-removals-api). The texts of the
 * codes are not established (docs/postmark.md#unknowns).
 */
import { isObject } from "../http/json.ts"
import { ok, refusal } from "../http/response.ts"
import { isAddress } from "../rules/addresses.ts"
import { numericId, text, wrongTypes } from "../rules/fields.ts"
import type { AccountHandler } from "./call.ts"

export const requestRemoval: AccountHandler = ({ body, now, world: { account } }) => {
  if (!isObject(body)) return refusal(1300, "The data removal is missing from the request body.")
  const wrong = wrongTypes(body, { RequestedBy: "string", RequestedFor: "string", NotifyWhenCompleted: "boolean" })
  if (wrong !== undefined) return wrong
  const by = text(body, "RequestedBy")
  const of = text(body, "RequestedFor")
  if (by === undefined || of === undefined || !isAddress(by) || !isAddress(of)) {
    return refusal(1300, "'RequestedBy' and 'RequestedFor' are email addresses, and both are required.")
  }
  const id = account.nextRemoval++
  account.removals.set(id, now)
  return ok({ ID: id, Status: "Pending" })
}

export const getRemoval: AccountHandler = ({ now, path, world: { account } }) => {
  const at = account.removals.get(numericId(path))
  if (at === undefined) return refusal(1301, "The data removal was not found.")
  // Not established (docs/postmark.md#data-removals): how long it takes; here it is an hour. What the double keeps of a
  // recipient stays.
  return ok({ ID: numericId(path), Status: now.millis - at.millis < 3_600_000 ? "Pending" : "Done" })
}
