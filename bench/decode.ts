/**
 * One webhook: comparing the secret, reading the event, and the canonical body that its identity is the hash of, each
 * against `JSON.parse` of the same text. The variants take turns; ratios are what counts.
 */
import { Json, PostmarkTriggers, WebhookReceiver } from "@effect-postmark/core"
import { Either } from "effect"
import { createHash } from "node:crypto"

const rounds = 7
const calls = Number(process.argv[2] ?? 20_000)

const bodies = [
  {
    RecordType: "Delivery",
    ServerID: 812345,
    MessageStream: "outbound",
    MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
    Recipient: "ann@example.com",
    Tag: "receipt",
    DeliveredAt: "2026-09-30T16:04:10.1234567Z",
    Details: "smtp;250 2.0.0 Ok: queued as 4F1A2B3C",
    Metadata: { order_id: "991" }
  },
  {
    RecordType: "Bounce",
    ID: 1600123456,
    Type: "HardBounce",
    TypeCode: 1,
    Name: "Hard bounce",
    Tag: "receipt",
    MessageID: "0d7a4a1e-61c3-4a0f-8d4e-6f3f3c8b2a77",
    ServerID: 812345,
    MessageStream: "outbound",
    Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    Details: "smtp;550 5.1.1 <gone@example.com>: Recipient address rejected",
    Email: "gone@example.com",
    From: "shop@example.org",
    BouncedAt: "2026-09-30T16:05:00.0000000Z",
    DumpAvailable: true,
    Inactive: true,
    CanActivate: true,
    Subject: "Your receipt 991",
    Metadata: { order_id: "991" }
  }
]
const texts = bodies.map((body) => JSON.stringify(body))
const readers = [
  (body: unknown) => Either.isRight(PostmarkTriggers.EmailDelivered.fromWebhook(body)),
  (body: unknown) => Either.isRight(PostmarkTriggers.EmailBounced.fromWebhook(body))
]

const variants: Readonly<Record<string, (index: number) => unknown>> = {
  "JSON.parse": (index) => JSON.parse(texts[index] ?? ""),
  "parse and decode": (index) => readers[index]?.(Json.parse(texts[index] ?? "")),
  "read for the log": (index) => WebhookReceiver.read(texts[index] ?? ""),
  "canonical body": (index) => Json.canonical(texts[index] ?? ""),
  "canonical and hash": (index) => createHash("sha256").update(Json.canonical(texts[index] ?? "") ?? "").digest("hex")
}

const measured = new Map(Object.keys(variants).map((name) => [name, [] as Array<number>]))
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of Object.entries(variants)) {
    const started = performance.now()
    for (let call = 0; call < calls; call++) run(call % texts.length)
    const micros = ((performance.now() - started) * 1_000) / calls
    // The first round warms up.
    if (round > 0) measured.get(name)?.push(micros)
  }
}

const median = (numbers: ReadonlyArray<number>) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

const base = median(measured.get("JSON.parse") ?? [])
console.log(`a delivery and a bounce in turn; the median of ${rounds} rounds, in µs per webhook`)
for (const [name, numbers] of measured) {
  console.log(`${name.padEnd(20)} ${median(numbers).toFixed(1).padStart(6)} (${(median(numbers) / base).toFixed(1)}x)`)
}
