/** What belongs to the account, and to none of its servers (docs/postmark.md#domains-and-senders). */
import { makeRandom, type Random } from "../engine/random.ts"
import type { Instant } from "./time.ts"

/** The DNS side of a domain or a sender signature. */
export interface DomainRecord {
  readonly name: string
  readonly spfVerified: boolean
  readonly dkimVerified: boolean
  readonly dkim: DkimKey | undefined
  readonly pending: DkimKey | undefined
  readonly revoked: DkimKey | undefined
  readonly returnPath: string
  readonly returnPathVerified: boolean
}

export interface DkimKey {
  readonly host: string
  readonly value: string
}

export interface Signature {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly replyTo: string
  readonly note: string
  readonly confirmed: boolean
  readonly domain: DomainRecord
}

export interface Account {
  readonly token: string
  /** Whether the From of a message must be a confirmed signature, or on a verified domain. */
  readonly senderVerification: boolean
  readonly random: Random
  readonly domains: Map<number, DomainRecord>
  readonly signatures: Map<number, Signature>
  readonly removals: Map<number, Instant>
  nextDomain: number
  nextSignature: number
  nextRemoval: number
}

export const makeAccount = (seed: string, token: string, senderVerification: boolean): Account => ({
  token,
  senderVerification,
  random: makeRandom(`${seed}/account`),
  domains: new Map(),
  signatures: new Map(),
  removals: new Map(),
  nextDomain: 36_001,
  nextSignature: 1_001,
  nextRemoval: 501
})
