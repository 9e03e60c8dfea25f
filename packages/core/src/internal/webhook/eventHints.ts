/** What can be told from Postmark's words about bounces. */
import type { BounceCategory } from "../../WebhookEvent.ts"

/** Types, codes and what they mean: https://postmarkapp.com/developer/api/bounce-api#bounce-types */
const types: ReadonlyArray<readonly [type: string, code: number, category: BounceCategory]> = [
  ["HardBounce", 1, "permanent"],
  ["Transient", 2, "temporary"],
  ["Unsubscribe", 16, "unsubscribed"],
  ["Subscribe", 32, "automatic"],
  ["AutoResponder", 64, "automatic"],
  ["AddressChange", 128, "automatic"],
  ["DnsError", 256, "temporary"],
  ["SpamNotification", 512, "blocked"],
  ["OpenRelayTest", 1024, "automatic"],
  ["Unknown", 2048, "other"],
  ["SoftBounce", 4096, "temporary"],
  ["VirusNotification", 8192, "blocked"],
  ["ChallengeVerification", 16384, "automatic"],
  ["BadEmailAddress", 100000, "permanent"],
  ["SpamComplaint", 100001, "complaint"],
  ["ManuallyDeactivated", 100002, "unsubscribed"],
  ["Unconfirmed", 100003, "other"],
  ["Blocked", 100006, "blocked"],
  ["SMTPApiError", 100007, "other"],
  ["InboundError", 100008, "other"],
  ["DMARCPolicy", 100009, "blocked"],
  ["TemplateRenderingFailed", 100010, "other"]
]

const categories = new Map(types.map(([type, , category]) => [type.toLowerCase(), category]))
const byCode = new Map(types.map(([type, code]) => [code, type]))

export const bounceCategory = (type: string): BounceCategory => categories.get(type.trim().toLowerCase()) ?? "other"

/** The type that a code stands for, where the type itself is not there. */
export const bounceType = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : byCode.get(code)
