/** All that the double remembers. Plain data that changes in single synchronous steps, so no step is ever seen half done. */
import type { Settings } from "../../PostmarkServer.ts"
import type { Reader } from "../../Reader.ts"
import { makeRandom, nextInteger, type Random } from "../engine/random.ts"
import type { Mailbox } from "../rules/addresses.ts"
import { type Account, makeAccount } from "./accountState.ts"
import type { BounceKind } from "./bounceTypes.ts"
import type { InboundMessage } from "./inboundState.ts"
import { makeServer } from "./newServer.ts"
import type { Instant } from "./time.ts"

export interface MessageEvent {
  readonly type: "Delivered" | "Bounced" | "Opened" | "LinkClicked" | "SubscriptionChanged"
  readonly recipient: string
  readonly at: Instant
  readonly details: { readonly [key: string]: string }
  /** Who opened or clicked. */
  readonly reader?: Reader
  /** What was clicked. */
  readonly link?: Link
}

/** A link of a message, in the body where it stands. */
export interface Link {
  readonly url: string
  readonly location: "HTML" | "Text"
}

/** What a request asked to be sent, judged and ready. */
export interface Content {
  readonly stream: string
  readonly from: Mailbox
  readonly toText: string | undefined
  readonly to: ReadonlyArray<Mailbox>
  readonly cc: ReadonlyArray<Mailbox>
  readonly bcc: ReadonlyArray<Mailbox>
  readonly inactive: ReadonlyArray<string>
  readonly replyTo: string | undefined
  readonly subject: string
  readonly tag: string | undefined
  /** The template that made the texts. */
  readonly template: { readonly id: number; readonly alias: string | undefined } | undefined
  readonly htmlBody: string | undefined
  readonly textBody: string | undefined
  readonly headers: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly metadata: { readonly [key: string]: string }
  readonly attachments: ReadonlyArray<string>
  readonly trackOpens: boolean
  readonly trackLinks: string
}

export interface Message extends Content {
  readonly id: string
  readonly server: Server
  readonly at: Instant
  readonly recipients: ReadonlyArray<string>
  readonly events: Array<MessageEvent>
  /** Recipients whose fate a script tells. */
  readonly scripted: Array<string>
}

export interface Bounce {
  readonly id: bigint
  readonly kind: BounceKind
  readonly message: Message
  readonly email: string
  readonly at: Instant
  readonly details: string
}

export interface Suppression {
  readonly email: string
  readonly reason: "HardBounce" | "SpamComplaint" | "ManualSuppression"
  readonly origin: "Recipient" | "Customer" | "Admin"
  readonly at: Instant
}

export interface Triggers {
  readonly Open: { readonly Enabled: boolean; readonly PostFirstOpenOnly: boolean }
  readonly Click: { readonly Enabled: boolean }
  readonly Delivery: { readonly Enabled: boolean }
  readonly Bounce: { readonly Enabled: boolean; readonly IncludeContent: boolean }
  readonly SpamComplaint: { readonly Enabled: boolean; readonly IncludeContent: boolean }
  readonly SubscriptionChange: { readonly Enabled: boolean }
}

export interface Webhook {
  readonly id: number
  readonly url: string
  readonly stream: string
  /** The triggers that get events if they are enabled. */
  readonly verified: ReadonlySet<keyof Triggers>
  readonly auth: { readonly Username: string; readonly Password: string } | undefined
  readonly headers: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly triggers: Triggers
}

/** One try to post an event to a webhook, for its statistics. */
export interface WebhookCall {
  readonly webhookId: number
  readonly trigger: string
  readonly at: number
  readonly millis: number
  readonly succeeded: boolean
  readonly retry: boolean
}

export interface StoredTemplate {
  readonly id: number
  readonly type: "Standard" | "Layout"
  readonly active: boolean
  readonly name: string
  readonly alias: string | undefined
  /** The alias of its layout. */
  readonly layout: string | undefined
  readonly subject: string
  readonly htmlBody: string | undefined
  readonly textBody: string | undefined
}

export interface MessageStream {
  readonly id: string
  readonly type: "Transactional" | "Inbound" | "Broadcasts"
  readonly name: string
  readonly description: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant | undefined
  readonly archivedAt: Instant | undefined
  readonly unsubscribe: string
}

/** What `PUT /server` changes, in Postmark's spelling. */
export interface ServerFields {
  readonly Name: string
  readonly Color: string
  readonly SmtpApiActivated: boolean
  readonly RawEmailEnabled: boolean
  readonly DeliveryType: string
  readonly InboundHookUrl: string
  readonly BounceHookUrl: string
  readonly OpenHookUrl: string
  readonly DeliveryHookUrl: string
  readonly ClickHookUrl: string
  readonly PostFirstOpenOnly: boolean
  readonly InboundDomain: string
  readonly InboundSpamThreshold: number
  readonly TrackOpens: boolean
  readonly TrackLinks: string
  readonly IncludeBounceContentInHook: boolean
  readonly EnableSmtpApiErrorHooks: boolean
}

export interface BulkRequest {
  readonly id: string
  readonly at: Instant
  readonly subject: string | undefined
  readonly total: number
  status: "Accepted" | "Completed"
  released: number
  failed: number
}

export interface Server {
  readonly id: number
  readonly account: Account
  /** How the double treats the server, from the start. */
  readonly settings: Settings
  fields: ServerFields
  readonly random: Random
  readonly streams: Map<string, MessageStream>
  readonly messages: Array<Message>
  readonly bounces: Array<Bounce>
  /** By stream, then by lower-case address. */
  readonly suppressions: Map<string, Map<string, Suppression>>
  readonly webhooks: Map<number, Webhook>
  readonly webhookCalls: Array<WebhookCall>
  /** By webhook and trigger: the latest events that it could not get rid of. */
  readonly lostInARow: Map<string, number>
  readonly templates: Array<StoredTemplate>
  readonly inbound: Map<string, InboundMessage>
  readonly inboundRules: Map<number, string>
  readonly bulk: Array<BulkRequest>
  /** Ids of streams that were purged, and of their messages: the statistics count these, and nothing finds them. */
  readonly purged: Set<string>
  nextWebhook: number
  nextTemplate: number
  nextInboundRule: number
}

export interface World {
  readonly seed: string
  readonly account: Account
  readonly servers: Array<Server>
  readonly messages: Map<string, Message>
  /** Answers the test token: it judges, and keeps nothing. */
  readonly sandbox: Server
  lastInstant: Instant
  nextBounceId: bigint
}

export interface WorldOptions {
  readonly seed: string
  readonly firstBounceId: bigint | undefined
  readonly servers: ReadonlyArray<Settings>
  readonly accountToken: string
  readonly senderVerification: boolean
}

export const makeWorld = (
  { accountToken, firstBounceId, seed, senderVerification, servers }: WorldOptions,
  now: number
): World => {
  const random = makeRandom(seed)
  const account = makeAccount(seed, accountToken, senderVerification)
  const world: World = {
    seed,
    account,
    servers: [],
    messages: new Map(),
    sandbox: makeServer(account, seed, 0, { token: testToken }, now),
    lastInstant: { millis: Number.NEGATIVE_INFINITY, ticks: 0 },
    nextBounceId: firstBounceId ?? 1_600_000_000n + BigInt(nextInteger(random, 1_000_000))
  }
  for (const settings of servers) addServer(world, settings, now)
  return world
}

export const testToken = "POSTMARK_API_TEST"

export const addServer = (world: World, settings: Settings, now: number): Server => {
  const ids = world.servers.map(({ id }) => id)
  const next = Math.max(812_345 + ids.length, ...ids.map((id) => id + 1))
  const server = makeServer(world.account, world.seed, settings.id ?? next, settings, now)
  world.servers.push(server)
  return server
}

/** With the server goes all that it holds. */
export const removeServer = (world: World, server: Server): void => {
  world.servers.splice(world.servers.indexOf(server), 1)
  for (const { id } of server.messages) world.messages.delete(id)
  server.webhooks.clear()
  // Its old hooks too, which a call that is repeated later would find.
  server.fields = {
    ...server.fields,
    BounceHookUrl: "",
    ClickHookUrl: "",
    DeliveryHookUrl: "",
    InboundHookUrl: "",
    OpenHookUrl: ""
  }
  server.messages.length = 0
  server.inbound.clear()
}

export const findServer = (world: World, token: string): Server | undefined => {
  const wanted = token.trim().toLowerCase()
  return wanted === testToken.toLowerCase()
    ? world.sandbox
    : world.servers.find(({ settings }) => settings.token.toLowerCase() === wanted)
}

/** The present instant, later than every instant given out before. */
export const stamp = (world: World, now: number): Instant => {
  const { millis, ticks } = world.lastInstant
  const next = now > millis
    ? { millis: now, ticks: 0 }
    : ticks < 9_999
    ? { millis, ticks: ticks + 1 }
    : { millis: millis + 1, ticks: 0 }
  world.lastInstant = next
  return next
}

export const inboundHash = ({ id }: Server): string => String(id).padStart(32, "0")

/** A stream that exists and is not archived. */
export const activeStream = (server: Server, id: string): MessageStream | undefined => {
  const stream = server.streams.get(id)
  return stream?.archivedAt === undefined ? stream : undefined
}
