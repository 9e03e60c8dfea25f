/** What can become of a message: each outcome changes the state, and tells which webhook events it causes. */
import type { Reader } from "../../Reader.ts"
import { domainOf } from "../rules/addresses.ts"
import { type BounceKind, bounceKind, type BounceTypeName, requestedBounce } from "../state/bounceTypes.ts"
import {
  type Bounce,
  type Link,
  type Message,
  type Server,
  stamp,
  type Suppression,
  type Triggers,
  type World
} from "../state/state.ts"
import { suppress } from "../state/suppressions.ts"
import type { Instant } from "../state/time.ts"
import * as payloads from "../webhooks/payloads.ts"
import { nextUuid } from "./random.ts"

/** An event that concerns the webhooks of a stream. */
export interface Fired {
  readonly server: Server
  readonly stream: string
  readonly trigger: keyof Triggers
  /** An open after the first one, which `PostFirstOpenOnly` holds back. */
  readonly repeated: boolean
  /** `content` is the message's source, for webhooks that include it. */
  readonly payload: (includeContent: boolean) => object
}

export const deliver = (world: World, message: Message, recipient: string, now: number): ReadonlyArray<Fired> => {
  const at = stamp(world, now)
  const domain = domainOf(recipient)
  const queued = nextUuid(message.server.random).slice(0, 8).toUpperCase()
  const details = {
    DeliveryMessage: `smtp;250 2.0.0 Ok: queued as ${queued}`,
    DestinationServer: `mx.${domain} (203.0.113.5)`,
    DestinationIP: "203.0.113.5"
  }
  message.events.push({ type: "Delivered", recipient, at, details })
  const payload = () => payloads.delivery(message, recipient, at, details.DeliveryMessage)
  return [{ ...source(message), trigger: "Delivery", repeated: false, payload }]
}

export const bounce = (
  world: World,
  message: Message,
  recipient: string,
  type: BounceTypeName,
  now: number,
  details?: string
): ReadonlyArray<Fired> => {
  const kind = bounceKind(type)
  const bounce = record(world, message, recipient, kind, now, details ?? `smtp;550 5.1.1 <${recipient}>: ${kind.name}`)
  message.events.push({
    type: "Bounced",
    recipient,
    at: bounce.at,
    details: { Summary: bounce.details, BounceID: bounce.id.toString() }
  })
  return [
    { ...source(message), trigger: "Bounce", repeated: false, payload: (content) => payloads.bounce(bounce, content) },
    ...(kind.inactive ? deactivate(world, message, recipient, reasons[type] ?? "HardBounce", now) : [])
  ]
}

/** What becomes of suppressed recipients of a message that came by SMTP: the client was told that all is well. */
export const smtpApiErrors = (world: World, message: Message, now: number): ReadonlyArray<Fired> =>
  message.inactive.flatMap((recipient): ReadonlyArray<Fired> => {
    const text = "You tried to send to a recipient that has been marked as inactive."
    const fired = bounce(world, message, recipient, "SMTPApiError", now, text)
    // Source: https://postmarkapp.com/developer/webhooks/smtp-api-error
    return message.server.fields.EnableSmtpApiErrorHooks ? fired : []
  })

export const spamComplaint = (world: World, message: Message, recipient: string, now: number): ReadonlyArray<Fired> => {
  const bounce = record(world, message, recipient, bounceKind("SpamComplaint"), now, "feedback loop report")
  return [
    {
      ...source(message),
      trigger: "SpamComplaint",
      repeated: false,
      payload: (content) => payloads.spamComplaint(bounce, content)
    },
    ...deactivate(world, message, recipient, "SpamComplaint", now)
  ]
}

export const open = (
  world: World,
  message: Message,
  recipient: string,
  reader: Reader,
  now: number
): ReadonlyArray<Fired> => {
  const at = stamp(world, now)
  const first = !message.events.some((event) => event.type === "Opened" && event.recipient === recipient)
  message.events.push({
    type: "Opened",
    recipient,
    at,
    details: { Summary: `Email opened with ${reader.client.Name} on ${reader.os.Name}` },
    reader
  })
  const payload = payloads.open(message, recipient, at, reader, first)
  return [{ ...source(message), trigger: "Open", repeated: !first, payload: () => payload }]
}

export const click = (
  world: World,
  message: Message,
  recipient: string,
  link: Link,
  reader: Reader,
  now: number
): ReadonlyArray<Fired> => {
  const at = stamp(world, now)
  message.events.push({
    type: "LinkClicked",
    recipient,
    at,
    details: {
      Summary: `Link clicked with ${reader.client.Name} on ${reader.os.Name}`,
      Link: link.url,
      ClickLocation: link.location
    },
    reader,
    link
  })
  const payload = payloads.click(message, recipient, at, reader, link)
  return [{ ...source(message), trigger: "Click", repeated: false, payload: () => payload }]
}

/** The recipient follows the link that Postmark puts into broadcasts. */
export const unsubscribe = (world: World, message: Message, recipient: string, now: number): ReadonlyArray<Fired> =>
  deactivate(world, message, recipient, "ManualSuppression", now)

/** Puts an address on a stream's suppression list, without a message that was the cause. */
export const suppressManually = (
  world: World,
  server: Server,
  stream: string,
  email: string,
  reason: Suppression["reason"],
  now: number,
  origin: Suppression["origin"] = "Customer"
): ReadonlyArray<Fired> => {
  const at = stamp(world, now)
  suppress(server, stream, { email, reason, origin, at })
  const payload = payloads.subscriptionChange({ server, stream, message: undefined, email, at, origin, reason })
  return [{ server, stream, trigger: "SubscriptionChange", repeated: false, payload: () => payload }]
}

/** Takes an address off a stream's suppression list. */
export const reactivate = (
  world: World,
  server: Server,
  stream: string,
  email: string,
  now: number
): ReadonlyArray<Fired> => {
  if (server.suppressions.get(stream)?.delete(email.toLowerCase()) !== true) return []
  const payload = payloads.subscriptionChange({
    server,
    stream,
    message: undefined,
    email,
    at: stamp(world, now),
    origin: "Customer",
    reason: null
  })
  return [{ server, stream, trigger: "SubscriptionChange", repeated: false, payload: () => payload }]
}

/**
 * What the recipient's address, or a header, asks to happen to a message that nobody directs otherwise
 * (https://postmarkapp.com/developer/user-guide/sandbox-mode/generate-fake-bounces).
 */
export const fate = (message: Message, recipient: string): { readonly bounce: BounceTypeName | undefined } => {
  if (domainOf(recipient) !== "bounce-testing.postmarkapp.com") return { bounce: undefined }
  const header = message.headers.find(({ Name }) => Name.toLowerCase() === "x-pm-bounce-type")
  return { bounce: requestedBounce(header?.Value ?? recipient.slice(0, recipient.lastIndexOf("@"))) }
}

const source = (message: Message) => ({ server: message.server, stream: message.stream })

const record = (
  world: World,
  message: Message,
  email: string,
  kind: BounceKind,
  now: number,
  details: string
): Bounce => {
  const bounce = { id: world.nextBounceId++, kind, message, email, at: stamp(world, now), details }
  message.server.bounces.push(bounce)
  return bounce
}

const reasons: { readonly [type: string]: Suppression["reason"] } = { ManuallyDeactivated: "ManualSuppression" }

/**
 * A hard bounce produces both a Bounce and a SubscriptionChange
 * (https://postmarkapp.com/developer/webhooks/subscription-change-webhook).
 */
const deactivate = (
  world: World,
  message: Message,
  email: string,
  reason: Suppression["reason"],
  now: number
): ReadonlyArray<Fired> => {
  const at: Instant = stamp(world, now)
  const { server, stream } = message
  suppress(server, stream, { email, reason, origin: "Recipient", at })
  message.events.push({
    type: "SubscriptionChanged",
    recipient: email,
    at,
    details: { Origin: "Recipient", SuppressSending: "True" }
  })
  const payload = payloads.subscriptionChange({ server, stream, message, email, at, origin: "Recipient", reason })
  return [{ server, stream, trigger: "SubscriptionChange", repeated: false, payload: () => payload }]
}
