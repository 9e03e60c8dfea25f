/**
 * Mail that somebody sends to a server of the double.
 *
 * @since 0.1.0
 */

/**
 * A file in an inbound mail; the content is base64.
 *
 * @since 0.1.0
 * @category models
 */
export interface InboundAttachment {
  readonly name: string
  readonly content: string
  readonly contentType: string
  readonly contentId?: string
}

/**
 * An inbound mail. Only the sender is needed. Addresses are header texts, several of them parted by commas. Source:
 * Postmark API, Inbound webhook, E.12.
 *
 * - `to`: the server's inbound address if left out
 * - `mailboxHash`: stands in that address after a `+`; read from `to` if `to` is given
 * - `originalRecipient`: the envelope recipient; the first address of `to` if left out
 * - `strippedTextReply`: the double strips nothing itself
 * - `spamScore`: at or above the server's `InboundSpamThreshold` the mail is blocked
 *
 * @since 0.1.0
 * @category models
 */
export interface InboundMail {
  readonly from: string
  readonly to?: string
  readonly cc?: string
  readonly bcc?: string
  readonly originalRecipient?: string
  readonly mailboxHash?: string
  readonly replyTo?: string
  readonly subject?: string
  readonly date?: string
  readonly tag?: string
  readonly textBody?: string
  readonly htmlBody?: string
  readonly strippedTextReply?: string
  readonly spamScore?: number
  readonly headers?: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly attachments?: ReadonlyArray<InboundAttachment>
}
