/**
 * A Postmark server inside the double: everything that one server token opens.
 *
 * @since 0.1.0
 */

/**
 * A template to start with. `layout` is the alias of the layout around it; a `Layout` has no subject, so its `subject`
 * is not used.
 *
 * @since 0.1.0
 * @category models
 */
export interface Template {
  readonly id?: number
  readonly alias?: string
  readonly name?: string
  readonly subject: string
  readonly htmlBody?: string
  readonly textBody?: string
  readonly templateType?: "Standard" | "Layout"
  readonly layout?: string
}

/**
 * A message stream. Every server has `outbound`, `inbound` and `broadcast` from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stream {
  readonly id: string
  readonly type: "Transactional" | "Broadcasts" | "Inbound"
}

/**
 * The settings of a server in the double. Only the token is needed.
 *
 * - `allowedSenders`: addresses and domains that may stand in From; without it every sender is confirmed
 * - `pendingApproval`: recipients must share the domain of From, else 412
 * - `delayedAccept`: sends are answered "accepted, but delivery may be delayed", without an ErrorCode
 * - `bulkApproved`: whether the account may use the Bulk API, else 14; true
 * - `inboundHookUrl`: where inbound mail is posted
 * - `partialInactive`: what happens when some recipients are inactive; Postmark's documentation says `accept`
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly token: string
  readonly name?: string
  readonly id?: number
  readonly color?: string
  readonly deliveryType?: "Live" | "Sandbox"
  readonly trackOpens?: boolean
  readonly trackLinks?: "None" | "HtmlAndText" | "HtmlOnly" | "TextOnly"
  readonly includeBounceContentInHook?: boolean
  readonly allowedSenders?: ReadonlyArray<string>
  readonly pendingApproval?: boolean
  readonly delayedAccept?: boolean
  readonly partialInactive?: "accept" | "refuse"
  readonly bulkApproved?: boolean
  readonly inboundHookUrl?: string
  readonly streams?: ReadonlyArray<Stream>
  readonly templates?: ReadonlyArray<Template>
}
