/**
 * Sender signatures of the account (https://postmarkapp.com/developer/api/signatures-api). The texts of the codes are
 * not established (docs/postmark.md#unknowns).
 */
import { isObject, type JsonObject } from "../http/json.ts"
import { isRefusal, ok, type Refusal, refusal } from "../http/response.ts"
import { domainOf, isAddress } from "../rules/addresses.ts"
import { cut, numericId, readPage, same, text, wrongTypes } from "../rules/fields.ts"
import type { Account, DomainRecord, Signature } from "../state/accountState.ts"
import { newRecord, presentRecord, publicDomains, returnPathProblem, withNewKey } from "../state/domainRecord.ts"
import type { AccountCall, AccountHandler } from "./call.ts"

export const list: AccountHandler = ({ query, world: { account } }) => {
  const page = readPage(query, { code: 500 })
  if (isRefusal(page)) return page
  const signatures = [...account.signatures.values()]
  return ok({ TotalCount: signatures.length, SenderSignatures: cut(signatures, page).map(brief) })
}

export const get: AccountHandler = (call) => {
  const signature = find(call)
  return signature === undefined ? notFound : present(call.world.account, signature)
}

export const create: AccountHandler = ({ body, world: { account } }) => {
  if (!isObject(body)) return refusal(502, "The sender signature is missing from the request body.")
  const email = text(body, "FromEmail")
  if (email === undefined) return refusal(520, "The 'FromEmail' is required.")
  if (!isAddress(email)) return refusal(522, `'${email}' is not a valid email address.`)
  if (publicDomains.has(domainOf(email))) return refusal(503, `'${domainOf(email)}' is a public email domain.`)
  if ([...account.signatures.values()].some((known) => same(known.email, email))) {
    return refusal(504, `A sender signature for '${email}' exists already.`)
  }
  const fields = readFields(body, email)
  if (isRefusal(fields)) return fields
  const { returnPath, ...rest } = fields
  const signature: Signature = {
    ...rest,
    id: account.nextSignature++,
    email,
    confirmed: false,
    domain: newRecord(account, domainOf(email), returnPath ?? "")
  }
  account.signatures.set(signature.id, signature)
  return present(account, signature)
}

export const edit: AccountHandler = (call) => {
  const { body, world: { account } } = call
  const signature = find(call)
  if (signature === undefined) return notFound
  if (!isObject(body)) return refusal(502, "The sender signature is missing from the request body.")
  const fields = readFields(body, signature.email, signature)
  if (isRefusal(fields)) return fields
  const { returnPath, ...rest } = fields
  const changed: Signature = { ...signature, ...rest }
  account.signatures.set(signature.id, changed)
  if (returnPath !== undefined && returnPath !== recordOf(account, signature).returnPath) {
    setRecord(account, changed, { ...recordOf(account, signature), returnPath, returnPathVerified: false })
  }
  return present(account, account.signatures.get(signature.id) ?? changed)
}

export const remove: AccountHandler = (call) => {
  const signature = find(call)
  if (signature === undefined) return notFound
  call.world.account.signatures.delete(signature.id)
  return ok({ ErrorCode: 0, Message: `Signature ${signature.email} removed.` })
}

export const resend: AccountHandler = (call) => {
  const signature = find(call)
  if (signature === undefined) return notFound
  return signature.confirmed
    ? refusal(506, "This sender signature is already confirmed.")
    : ok({ ErrorCode: 0, Message: `Confirmation email for Sender Signature ${signature.email} was re-sent.` })
}

export const verifySpf: AccountHandler = (call) => {
  const { account } = call.world
  const signature = find(call)
  if (signature === undefined) return notFound
  setRecord(account, signature, { ...recordOf(account, signature), spfVerified: true })
  return present(account, account.signatures.get(signature.id) ?? signature)
}

export const requestNewDkim: AccountHandler = (call) => {
  const { account } = call.world
  const signature = find(call)
  if (signature === undefined) return notFound
  const record = withNewKey(account, recordOf(account, signature))
  if (isRefusal(record)) return record
  setRecord(account, signature, record)
  return present(account, account.signatures.get(signature.id) ?? signature)
}

// Not established (docs/postmark.md#error-codes): 422 or 404.
const notFound = refusal(501, "The sender signature was not found.")

const find = ({ path, world }: AccountCall): Signature | undefined => world.account.signatures.get(numericId(path))

/** A signature on a domain of the account has that domain's records; else it has its own. */
const recordOf = (account: Account, { domain }: Signature): DomainRecord =>
  [...account.domains.values()].find((record) => same(record.name, domain.name)) ?? domain

const setRecord = (account: Account, signature: Signature, record: DomainRecord): void => {
  const shared = [...account.domains].find(([, known]) => same(known.name, record.name))
  if (shared === undefined) account.signatures.set(signature.id, { ...signature, domain: record })
  else account.domains.set(shared[0], record)
}

interface Fields {
  readonly name: string
  readonly replyTo: string
  readonly note: string
  readonly returnPath: string | undefined
}

const readFields = (body: JsonObject, email: string, current?: Signature): Fields | Refusal => {
  const wrong = wrongTypes(body, {
    Name: "string",
    ReplyToEmail: "string",
    ReturnPathDomain: "string",
    ConfirmationPersonalNote: "string"
  })
  if (wrong !== undefined) return wrong
  const pick = (name: string) => typeof body[name] === "string" ? body[name] : undefined
  const name = pick("Name") ?? current?.name ?? ""
  const replyTo = pick("ReplyToEmail") ?? current?.replyTo ?? ""
  const note = pick("ConfirmationPersonalNote") ?? current?.note ?? ""
  const returnPath = pick("ReturnPathDomain")
  if (name.trim() === "") return refusal(511, "The 'Name' is required.")
  if (replyTo !== "" && !isAddress(replyTo)) return refusal(522, `'${replyTo}' is not a valid email address.`)
  if (note.length > 400) return refusal(521, "The 'ConfirmationPersonalNote' is limited to 400 characters.")
  return returnPathProblem(returnPath ?? "", domainOf(email)) ?? { name, replyTo, note, returnPath }
}

const brief = ({ confirmed, domain, email, id, name, replyTo }: Signature) => ({
  ID: id,
  Domain: domain.name,
  EmailAddress: email,
  ReplyToEmailAddress: replyTo,
  Name: name,
  Confirmed: confirmed
})

const present = (account: Account, signature: Signature) =>
  ok({
    ...brief(signature),
    ...presentRecord(recordOf(account, signature)),
    ConfirmationPersonalNote: signature.note
  })
