/**
 * Domains of the account (https://postmarkapp.com/developer/api/domains-api). The texts of the codes are not
 * established (docs/postmark.md#unknowns).
 */
import { isObject } from "../http/json.ts"
import { isRefusal, ok, type Refusal, refusal } from "../http/response.ts"
import { cut, numericId, readPage, same, text, wrongTypes } from "../rules/fields.ts"
import type { DomainRecord } from "../state/accountState.ts"
import {
  isDomain,
  newRecord,
  presentRecord,
  publicDomains,
  returnPathProblem,
  withDkim,
  withNewKey,
  withReturnPath
} from "../state/domainRecord.ts"
import type { AccountCall, AccountHandler, Result } from "./call.ts"

export const list: AccountHandler = ({ query, world }) => {
  const page = readPage(query, { code: 500 })
  if (isRefusal(page)) return page
  const { domains } = world.account
  return ok({
    TotalCount: domains.size,
    Domains: cut([...domains], page).map(([ID, record]) => {
      const { DKIMVerified, ReturnPathDomainVerified, SPFVerified, WeakDKIM } = presentRecord(record)
      return { ID, Name: record.name, SPFVerified, DKIMVerified, WeakDKIM, ReturnPathDomainVerified }
    })
  })
}

export const get: AccountHandler = (call) => change(call, (record) => record)

export const create: AccountHandler = ({ body, world: { account } }) => {
  if (!isObject(body)) return refusal(502, "The domain is missing from the request body.")
  const wrong = wrongTypes(body, { Name: "string", ReturnPathDomain: "string" })
  if (wrong !== undefined) return wrong
  const name = text(body, "Name")
  if (name === undefined) return refusal(514, "The 'Name' of the domain is required.")
  if (name.length > 255) return refusal(515, "The 'Name' of the domain is limited to 255 characters.")
  if (!isDomain(name)) return refusal(516, `'${name}' is not a valid domain.`)
  if (publicDomains.has(name.toLowerCase())) return refusal(503, `'${name}' is a public email domain.`)
  if ([...account.domains.values()].some((record) => same(record.name, name))) {
    return refusal(512, `The domain '${name}' exists already.`)
  }
  const returnPath = text(body, "ReturnPathDomain") ?? ""
  const problem = returnPathProblem(returnPath, name)
  if (problem !== undefined) return problem
  const id = account.nextDomain++
  const record = newRecord(account, name, returnPath)
  account.domains.set(id, record)
  return present(id, record)
}

export const edit: AccountHandler = (call) =>
  change(call, (record) => {
    if (!isObject(call.body)) return refusal(502, "The domain is missing from the request body.")
    const returnPath = call.body["ReturnPathDomain"] ?? record.returnPath
    if (typeof returnPath !== "string") return refusal(403, "Invalid request field(s): 'ReturnPathDomain'.")
    return returnPathProblem(returnPath, record.name) ?? {
      ...record,
      returnPath,
      returnPathVerified: record.returnPathVerified && returnPath === record.returnPath
    }
  })

export const remove: AccountHandler = ({ path, world: { account } }) => {
  const record = account.domains.get(numericId(path))
  if (record === undefined) return notFound
  account.domains.delete(numericId(path))
  return ok({ ErrorCode: 0, Message: `Domain ${record.name} removed.` })
}

export const verifyDkim: AccountHandler = (call) => change(call, withDkim)

export const verifyReturnPath: AccountHandler = (call) => change(call, withReturnPath)

/** Answers with the SPF part of the domain only. */
export const verifySpf: AccountHandler = (call) =>
  change(call, (record) => ({ ...record, spfVerified: true }), (_id, record) => {
    const { SPFHost, SPFTextValue, SPFVerified } = presentRecord(record)
    return ok({ SPFHost, SPFVerified, SPFTextValue })
  })

export const rotateDkim: AccountHandler = (call) => change(call, (record) => withNewKey(call.world.account, record))

const notFound = refusal(510, "The domain was not found.")

const change = (
  { path, world: { account } }: AccountCall,
  run: (record: DomainRecord) => DomainRecord | Refusal,
  answer: (id: number, record: DomainRecord) => Result = present
): Result => {
  const id = numericId(path)
  const record = account.domains.get(id)
  if (record === undefined) return notFound
  const changed = run(record)
  if (isRefusal(changed)) return changed
  account.domains.set(id, changed)
  return answer(id, changed)
}

function present(id: number, record: DomainRecord) {
  return ok({ ID: id, Name: record.name, ...presentRecord(record) })
}
