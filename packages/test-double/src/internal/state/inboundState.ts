/**
 * An inbound message as a server keeps it (https://postmarkapp.com/developer/api/messages-api and
 * https://postmarkapp.com/developer/webhooks/inbound-webhook).
 */
import type { InboundMail } from "../../InboundMail.ts"
import type { Instant } from "./time.ts"

export interface InboundMailbox {
  readonly Email: string
  readonly Name: string
  readonly MailboxHash: string
}

export interface InboundMessage {
  readonly id: string
  readonly at: Instant
  readonly mail: InboundMail
  readonly stream: string
  readonly from: InboundMailbox
  readonly to: ReadonlyArray<InboundMailbox>
  readonly cc: ReadonlyArray<InboundMailbox>
  readonly bcc: ReadonlyArray<InboundMailbox>
  readonly originalRecipient: string
  readonly mailboxHash: string
  readonly blockedReason: string | undefined
  status: "Blocked" | "Queued" | "Scheduled" | "Processed" | "Failed"
}
