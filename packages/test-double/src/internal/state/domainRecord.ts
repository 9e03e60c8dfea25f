/** The DNS side of domains and sender signatures (https://postmarkapp.com/developer/api/domains-api). */
import { nextUuid } from "../engine/random.ts"
import { type Refusal, refusal } from "../http/response.ts"
import { isAddress } from "../rules/addresses.ts"
import type { Account, DkimKey, DomainRecord } from "./accountState.ts"

export const newRecord = (account: Account, name: string, returnPath: string): DomainRecord => ({
  name,
  spfVerified: false,
  dkimVerified: false,
  dkim: undefined,
  pending: newKey(account, name),
  revoked: undefined,
  returnPath,
  returnPathVerified: false
})

// The double has no DNS: what is asked to be verified is taken to be in place.

export const withDkim = (record: DomainRecord): DomainRecord =>
  record.pending === undefined
    ? record
    : { ...record, dkimVerified: true, dkim: record.pending, pending: undefined, revoked: record.dkim }

export const withReturnPath = (record: DomainRecord): DomainRecord => ({
  ...record,
  returnPathVerified: record.returnPath !== ""
})

/** A key that is being renewed is not renewed again. */
export const withNewKey = (account: Account, record: DomainRecord): DomainRecord | Refusal =>
  record.pending === undefined
    ? { ...record, pending: newKey(account, record.name) }
    : refusal(505, "This DKIM is already being renewed.")

/** A return path is a subdomain of the domain. */
export const returnPathProblem = (returnPath: string, domain: string): Refusal | undefined =>
  returnPath === "" || (isDomain(returnPath) && returnPath.toLowerCase().endsWith(`.${domain.toLowerCase()}`))
    ? undefined
    : refusal(522, `The 'ReturnPathDomain' '${returnPath}' is not a subdomain of '${domain}'.`)

export const isDomain = (text: string): boolean => isAddress(`x@${text}`)

export const publicDomains: ReadonlySet<string> = new Set([
  "gmail.com",
  "yahoo.com",
  "hotmail.com",
  "outlook.com",
  "aol.com",
  "icloud.com"
])

/** Unset texts are "" (https://postmarkapp.com/developer/api/domains-api). */
export const presentRecord = (record: DomainRecord) => ({
  SPFVerified: record.spfVerified,
  SPFHost: record.name,
  SPFTextValue: "v=spf1 a mx include:spf.mtasv.net ~all",
  DKIMVerified: record.dkimVerified,
  WeakDKIM: false,
  DKIMHost: record.dkim?.host ?? "",
  DKIMTextValue: record.dkim?.value ?? "",
  DKIMPendingHost: record.pending?.host ?? "",
  DKIMPendingTextValue: record.pending?.value ?? "",
  DKIMRevokedHost: record.revoked?.host ?? "",
  DKIMRevokedTextValue: record.revoked?.value ?? "",
  SafeToRemoveRevokedKeyFromDNS: record.revoked !== undefined,
  DKIMUpdateStatus: record.pending === undefined ? "Verified" : "Pending",
  ReturnPathDomain: record.returnPath,
  ReturnPathDomainVerified: record.returnPathVerified,
  ReturnPathDomainCNAMEValue: "pm.mtasv.net"
})

// Not established (docs/postmark.md#domains-and-senders): the form of host and key; this one belongs to no real key.
const newKey = ({ random }: Account, name: string): DkimKey => {
  const selector = nextUuid(random).replaceAll("-", "")
  return { host: `${selector.slice(0, 14)}pm._domainkey.${name}`, value: `k=rsa;p=${selector}` }
}
