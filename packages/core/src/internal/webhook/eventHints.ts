/** What can be told from Postmark's words about bounces and opens. */
import type { BounceCategory } from "../../WebhookEvent.ts"

/** Source: Postmark API, Bounces, E.13. */
const categories: Readonly<Record<string, BounceCategory>> = {
  HardBounce: "permanent",
  BadEmailAddress: "permanent",
  Transient: "temporary",
  SoftBounce: "temporary",
  DnsError: "temporary",
  Blocked: "blocked",
  SpamNotification: "blocked",
  VirusNotification: "blocked",
  DMARCPolicy: "blocked",
  SpamComplaint: "complaint",
  Unsubscribe: "unsubscribed",
  ManuallyDeactivated: "unsubscribed",
  AutoResponder: "automatic",
  AddressChange: "automatic",
  Subscribe: "automatic",
  ChallengeVerification: "automatic",
  OpenRelayTest: "automatic"
}

export const bounceCategory = (type: string): BounceCategory =>
  Object.hasOwn(categories, type) ? categories[type] ?? "other" : "other"

/**
 * User agents that load images on their own: Apple's privacy proxy shows nothing but `Mozilla/5.0`, Google's and Yahoo's
 * proxies and the scanners of mail gateways name themselves.
 */
const machines =
  /^Mozilla\/5\.0$|GoogleImageProxy|YahooMailProxy|\b(bot|crawler|spider|scanner|barracuda|mimecast|proofpoint)/i

export const machineOpen = (userAgent: string | null | undefined): "likely" | "unknown" =>
  typeof userAgent === "string" && machines.test(userAgent.trim()) ? "likely" : "unknown"
