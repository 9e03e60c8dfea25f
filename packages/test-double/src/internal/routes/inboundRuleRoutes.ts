/**
 * Inbound rules: senders whose mail is blocked (https://postmarkapp.com/developer/api/inbound-rules-triggers-api). The
 * texts of the codes are not established (docs/postmark.md#unknowns).
 */
import { isObject } from "../http/json.ts"
import { isRefusal, ok, refusal } from "../http/response.ts"
import { isAddress } from "../rules/addresses.ts"
import { cut, numericId, readPage, same } from "../rules/fields.ts"
import type { Handler } from "./call.ts"

export const listInboundRules: Handler = ({ query, server }) => {
  const page = readPage(query, { code: 800 })
  if (isRefusal(page)) return page
  const rules = [...server.inboundRules].map(([ID, Rule]) => ({ ID, Rule }))
  return ok({ TotalCount: rules.length, InboundRules: cut(rules, page) })
}

export const createInboundRule: Handler = ({ body, server }) => {
  const rule = isObject(body) ? body["Rule"] : undefined
  if (typeof rule !== "string" || rule === "") return refusal(809, "The rule is missing from the request body.")
  if (!isAddress(rule) && !isAddress(`x@${rule}`)) {
    return refusal(813, `'${rule}' is neither an email address nor a domain.`)
  }
  if ([...server.inboundRules.values()].some((known) => same(known, rule))) {
    return refusal(810, `The rule '${rule}' exists already.`)
  }
  const id = server.nextInboundRule++
  server.inboundRules.set(id, rule)
  return ok({ Rule: rule, ID: id })
}

export const deleteInboundRule: Handler = ({ path, server }) => {
  const id = numericId(path)
  const rule = server.inboundRules.get(id)
  if (rule === undefined) return refusal(812, "The rule was not found.")
  server.inboundRules.delete(id)
  return ok({ ErrorCode: 0, Message: `Rule ${rule} removed.` })
}
