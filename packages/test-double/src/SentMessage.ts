/**
 * What the double knows of a message it accepted.
 *
 * @since 0.1.0
 */

/**
 * One step of a message's life, as in the history: `Delivered`, `Bounced`, `Opened`, `LinkClicked`,
 * `SubscriptionChanged`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SentMessageEvent {
  readonly type: string
  readonly recipient: string
  readonly at: string
  readonly details: { readonly [key: string]: string }
}

/**
 * An accepted message. `inactive` are recipients that were suppressed when it was sent; nothing happens to them.
 * `template` is the one that made its texts.
 *
 * @since 0.1.0
 * @category models
 */
export interface SentMessage {
  readonly messageId: string
  readonly serverId: number
  readonly stream: string
  readonly from: string
  readonly to: ReadonlyArray<string>
  readonly cc: ReadonlyArray<string>
  readonly bcc: ReadonlyArray<string>
  readonly recipients: ReadonlyArray<string>
  readonly inactive: ReadonlyArray<string>
  readonly replyTo: string | undefined
  readonly subject: string
  readonly tag: string | undefined
  readonly template: { readonly id: number; readonly alias: string | undefined } | undefined
  readonly htmlBody: string | undefined
  readonly textBody: string | undefined
  readonly headers: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly metadata: { readonly [key: string]: string }
  readonly attachments: ReadonlyArray<string>
  readonly trackOpens: boolean
  readonly trackLinks: string
  readonly submittedAt: string
  readonly events: ReadonlyArray<SentMessageEvent>
}
