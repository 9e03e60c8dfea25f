/** Work that is due later, as data, so that it is kept and gone back to with everything else. */
import type * as Script from "../../Script.ts"
import type { Bulk } from "../rules/bulkRules.ts"
import type { InboundMessage } from "../state/inboundState.ts"
import type { BulkRequest, Message, Server, Triggers } from "../state/state.ts"

/** A webhook event on its way to one webhook. */
export interface WebhookEvent {
  readonly server: Server
  readonly webhookId: number
  readonly recordType: keyof Triggers
  readonly messageId: string | undefined
  readonly body: string
  readonly eventId: string
  readonly traceId: string
}

export interface BulkWork {
  readonly server: Server
  readonly request: BulkRequest
  readonly bulk: Bulk
}

export type Job =
  /** Delivers or bounces what nobody has directed otherwise. */
  | { readonly kind: "deliver"; readonly messages: ReadonlyArray<Message> }
  | {
    readonly kind: "script"
    readonly message: Message
    readonly recipient: string
    readonly steps: ReadonlyArray<Script.Step>
  }
  | { readonly kind: "bulk"; readonly work: BulkWork }
  | { readonly kind: "webhook"; readonly event: WebhookEvent; readonly attempt: number }
  | {
    readonly kind: "inbound"
    readonly server: Server
    readonly message: InboundMessage
    readonly traceId: string
    readonly attempt: number
  }
