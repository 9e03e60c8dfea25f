/**
 * The bodies of a webhook's verification. Not documented; these are what programs recorded of the dashboard's test, with a
 * `MessageID` of zeros (https://github.com/invoiceninja/invoiceninja, app/Http/Controllers/PostMarkController.php).
 */
import type { Triggers } from "../state/state.ts"
import { type Instant, utcSeconds } from "../state/time.ts"

export const probe = (trigger: keyof Triggers, stream: string, at: Instant): object => {
  const about = {
    RecordType: trigger,
    MessageStream: stream,
    MessageID: "00000000-0000-0000-0000-000000000000",
    Metadata: { example: "value", example_2: "value" }
  }
  const time = utcSeconds(at)
  switch (trigger) {
    case "Delivery":
      return {
        ...about,
        ServerID: 23,
        Recipient: recipient,
        Tag: "welcome-email",
        DeliveredAt: time,
        Details: "Test delivery webhook details"
      }
    case "Bounce":
      return {
        ...about,
        ...report("HardBounce", 1, "Hard bounce", time),
        Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        Details: "Test bounce details",
        CanActivate: true
      }
    case "SpamComplaint":
      return {
        ...about,
        ...report("SpamComplaint", 100001, "Spam complaint", time),
        Description: "The subscriber explicitly marked this message as spam.",
        Details: "Test spam complaint details",
        CanActivate: false
      }
    case "Open":
      return { ...about, ...reader(time), FirstOpen: true, Platform: "WebMail", ReadSeconds: 5 }
    case "Click":
      return {
        ...about,
        ...reader(time),
        Platform: "Desktop",
        ClickLocation: "HTML",
        OriginalLink: "https://example.com"
      }
    case "SubscriptionChange":
      return {
        ...about,
        ServerID: 23,
        Recipient: recipient,
        ChangedAt: time,
        Origin: "Recipient",
        SuppressSending: true,
        SuppressionReason: "HardBounce",
        Tag: "welcome-email"
      }
  }
}

const recipient = "john@example.com"

const report = (Type: string, TypeCode: number, Name: string, BouncedAt: string) => ({
  ID: 42,
  Type,
  TypeCode,
  Name,
  Tag: "Test",
  ServerID: 1234,
  Email: recipient,
  From: "sender@example.com",
  BouncedAt,
  DumpAvailable: true,
  Inactive: true,
  Subject: "Test subject",
  Content: "Test content"
})

const reader = (ReceivedAt: string) => ({
  Recipient: recipient,
  ReceivedAt,
  Tag: "welcome-email",
  UserAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
  OS: { Name: "macOS", Company: "Apple Inc.", Family: "macOS" },
  Client: { Name: "Safari", Company: "Apple Inc.", Family: "Safari" },
  Geo: { CountryISOCode: "NL", Country: "Netherlands", City: "Amsterdam", IP: "203.0.113.44" }
})
