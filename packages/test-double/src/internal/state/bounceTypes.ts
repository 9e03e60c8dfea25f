/** Bounce types as Postmark numbers and names them (https://postmarkapp.com/developer/api/bounce-api#bounce-types). */

export interface BounceKind {
  readonly type: string
  readonly code: number
  readonly name: string
  readonly description: string
  /** Whether the address is suppressed afterwards. */
  readonly inactive: boolean
}

export const bounceTypeNames = [
  "HardBounce",
  "Transient",
  "Unsubscribe",
  "Subscribe",
  "AutoResponder",
  "AddressChange",
  "DnsError",
  "SpamNotification",
  "OpenRelayTest",
  "Unknown",
  "SoftBounce",
  "VirusNotification",
  "ChallengeVerification",
  "BadEmailAddress",
  "SpamComplaint",
  "ManuallyDeactivated",
  "Unconfirmed",
  "Blocked",
  "SMTPApiError",
  "InboundError",
  "DMARCPolicy",
  "TemplateRenderingFailed"
] as const

export type BounceTypeName = typeof bounceTypeNames[number]

export const bounceKind = (type: BounceTypeName): BounceKind => {
  const [code, name, description] = table[type]
  return { type, code, name, description, inactive: inactive.has(type) }
}

/**
 * The bounce that a magic address or `X-PM-Bounce-Type` asks for
 * (https://postmarkapp.com/developer/user-guide/sandbox-mode/generate-fake-bounces).
 */
export const requestedBounce = (text: string): BounceTypeName => {
  const wanted = text.replaceAll("_", "").toLowerCase()
  const found = bounceTypeNames.find((type) => type.toLowerCase() === wanted)
  return found === undefined || found === "SpamComplaint" ? "HardBounce" : found
}

// Not established (docs/postmark.md#bounce-types): which types deactivate an address; these four are the sheet's
// reading.
const inactive: ReadonlySet<string> = new Set(["HardBounce", "SpamComplaint", "ManuallyDeactivated", "BadEmailAddress"])

// Descriptions that no source quotes are the sheet's meaning of the type, in a sentence.
const table: { readonly [Type in BounceTypeName]: readonly [code: number, name: string, description: string] } = {
  HardBounce: [
    1,
    "Hard bounce",
    "The server was unable to deliver your message (ex: unknown user, mailbox not found)."
  ],
  Transient: [2, "Message delayed/Undeliverable", "The message could not be delivered for now."],
  Unsubscribe: [16, "Unsubscribe request", "Unsubscribe or Remove request."],
  Subscribe: [32, "Subscribe request", "Subscribe request from someone wanting mail."],
  AutoResponder: [64, "Auto responder", "Automatic reply."],
  AddressChange: [128, "Address change", "The recipient has asked for an address update."],
  DnsError: [256, "DNS error", "A temporary DNS failure."],
  SpamNotification: [512, "Spam notification", "The message was flagged as spam by the receiver."],
  OpenRelayTest: [1024, "Open relay test", "The report looks like a relay test."],
  Unknown: [2048, "Unknown", "Unable to classify the NDR."],
  SoftBounce: [
    4096,
    "Soft bounce",
    "Unable to temporarily deliver message (i.e. mailbox full, account disabled, exceeds quota, out of disk space)."
  ],
  VirusNotification: [8192, "Virus notification", "The report looks like an infected message notice."],
  ChallengeVerification: [16384, "Spam challenge verification", "The receiver demands a sender challenge."],
  BadEmailAddress: [100000, "Invalid email address", "The address is not a valid email address."],
  SpamComplaint: [100001, "Spam complaint", "The subscriber explicitly marked this message as spam."],
  ManuallyDeactivated: [100002, "Manually deactivated", "The address was deactivated by hand."],
  Unconfirmed: [100003, "Registration not confirmed", "The subscriber did not confirm."],
  Blocked: [100006, "ISP block", "Blocked from this ISP due to content or blacklisting."],
  SMTPApiError: [100007, "SMTP API error", "An error occurred while accepting the message via the SMTP API."],
  InboundError: [100008, "Processing failed", "Unable to deliver inbound message to destination inbound hook."],
  DMARCPolicy: [100009, "DMARC Policy", "Email rejected due DMARC Policy."],
  TemplateRenderingFailed: [100010, "Template rendering failed", "The template could not be rendered."]
}
