/** What becomes of a mail that reaches a server's inbound stream (docs/postmark.md#inbound). */
import type { InboundMail } from "../../InboundMail.ts"
import { isRefusal, type Refusal } from "../http/response.ts"
import { domainOf, type Mailbox, parseFrom, parseList } from "../rules/addresses.ts"
import type { InboundMailbox, InboundMessage } from "../state/inboundState.ts"
import { inboundHash, type Server, stamp, type World } from "../state/state.ts"
import { nextUuid } from "./random.ts"

/** Keeps the mail, blocked or not; a refusal says which address cannot be read. */
export const receive = (world: World, server: Server, mail: InboundMail, now: number): InboundMessage | Refusal => {
  const from = parseFrom(mail.from)
  if (isRefusal(from)) return from
  const own = ownAddress(server, mail.mailboxHash)
  const to = parseList("To", mail.to ?? own)
  if (isRefusal(to)) return to
  const cc = parseList("Cc", mail.cc ?? "")
  if (isRefusal(cc)) return cc
  const bcc = parseList("Bcc", mail.bcc ?? "")
  if (isRefusal(bcc)) return bcc
  const originalRecipient = mail.originalRecipient ?? to[0]?.email ?? own
  const blockedReason = blocked(server, from.email, mail.spamScore)
  const message: InboundMessage = {
    id: nextUuid(server.random),
    at: stamp(world, now),
    mail,
    stream: [...server.streams.values()].find(({ type }) => type === "Inbound")?.id ?? "inbound",
    from: mailbox(from),
    to: to.map(mailbox),
    cc: cc.map(mailbox),
    bcc: bcc.map(mailbox),
    originalRecipient,
    mailboxHash: mail.mailboxHash ?? hashOf(originalRecipient),
    blockedReason,
    status: blockedReason === undefined ? "Processed" : "Blocked"
  }
  server.inbound.set(message.id, message)
  return message
}

const ownAddress = (server: Server, mailboxHash: string | undefined): string => {
  const suffix = mailboxHash === undefined ? "" : `+${mailboxHash}`
  const { InboundDomain } = server.fields
  return `${inboundHash(server)}${suffix}@${InboundDomain === "" ? "inbound.postmarkapp.com" : InboundDomain}`
}

const mailbox = ({ email, name }: Mailbox): InboundMailbox => ({ Email: email, Name: name, MailboxHash: hashOf(email) })

/** What stands after the `+` of a local part. */
const hashOf = (email: string): string => /^[^@+]*\+([^@]*)@/.exec(email)?.[1] ?? ""

// Not established (docs/postmark.md#inbound): the texts, and whether a score that equals the threshold is blocked.
const blocked = (server: Server, email: string, spamScore: number | undefined): string | undefined => {
  const rule = [...server.inboundRules.values()].find((rule) => {
    const wanted = rule.toLowerCase()
    return wanted === email.toLowerCase() || wanted === domainOf(email)
  })
  if (rule !== undefined) return `Inbound rule: ${rule}`
  const { InboundSpamThreshold } = server.fields
  return InboundSpamThreshold > 0 && spamScore !== undefined && spamScore >= InboundSpamThreshold
    ? `Spam score: ${spamScore}`
    : undefined
}
