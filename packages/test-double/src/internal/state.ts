/** All that the double remembers. Plain data that changes in single synchronous steps, so no step is ever seen half done. */
import type { Settings, Stream, Template } from "../PostmarkServer.ts"
import type { Mailbox } from "./addresses.ts"
import type { BounceKind } from "./bounceTypes.ts"
import { makeRandom, type Random } from "./random.ts"
import type { Instant } from "./time.ts"

export interface MessageEvent {
  readonly type: "Delivered" | "Bounced" | "Opened" | "SubscriptionChanged"
  readonly recipient: string
  readonly at: Instant
  readonly details: { readonly [key: string]: string }
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
  readonly verified: boolean
  readonly auth: { readonly Username: string; readonly Password: string } | undefined
  readonly headers: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly triggers: Triggers
}

export interface StoredTemplate extends Template {
  readonly id: number
}

export interface Server {
  readonly id: number
  readonly name: string
  readonly settings: Settings
  readonly random: Random
  readonly streams: ReadonlyMap<string, Stream["type"]>
  readonly messages: Array<Message>
  readonly bounces: Array<Bounce>
  /** By stream, then by lower-case address. */
  readonly suppressions: Map<string, Map<string, Suppression>>
  readonly webhooks: Map<number, Webhook>
  readonly templates: Array<StoredTemplate>
  nextWebhook: number
  nextTemplate: number
}

export interface World {
  readonly seed: string
  readonly servers: Array<Server>
  readonly messages: Map<string, Message>
  /** Answers the test token: it judges, and keeps nothing. */
  readonly sandbox: Server
  lastInstant: Instant
  nextBounceId: bigint
}

export const makeWorld = (seed: string, firstBounceId: bigint | undefined, servers: ReadonlyArray<Settings>): World => {
  const random = makeRandom(seed)
  const world: World = {
    seed,
    servers: [],
    messages: new Map(),
    sandbox: makeServer(seed, 0, { token: testToken }),
    lastInstant: { millis: Number.NEGATIVE_INFINITY, ticks: 0 },
    nextBounceId: firstBounceId ?? 1_600_000_000n + BigInt(random.integer(1_000_000))
  }
  for (const settings of servers) addServer(world, settings)
  return world
}

export const testToken = "POSTMARK_API_TEST"

export const addServer = (world: World, settings: Settings): Server => {
  const server = makeServer(world.seed, settings.id ?? 812_345 + world.servers.length, settings)
  world.servers.push(server)
  return server
}

export const addTemplate = (server: Server, template: Template): StoredTemplate => {
  const stored = { ...template, id: template.id ?? server.nextTemplate++ }
  server.templates.push(stored)
  return stored
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

export const isSuppressed = (server: Server, stream: string, email: string): boolean =>
  server.suppressions.get(stream)?.has(email.toLowerCase()) ?? false

export const suppress = (server: Server, stream: string, suppression: Suppression): void => {
  const list = server.suppressions.get(stream) ?? new Map<string, Suppression>()
  list.set(suppression.email.toLowerCase(), suppression)
  server.suppressions.set(stream, list)
}

const makeServer = (seed: string, id: number, settings: Settings): Server => {
  const server: Server = {
    id,
    name: settings.name ?? `Server ${id}`,
    settings,
    // A source of its own for each server, so that one server's traffic never changes another's ids.
    random: makeRandom(`${seed}/${settings.token.toLowerCase()}`),
    streams: new Map([
      ["outbound", "Transactional" as const],
      ["inbound", "Inbound" as const],
      ["broadcast", "Broadcasts" as const],
      ...(settings.streams ?? []).map((stream) => [stream.id, stream.type] as const)
    ]),
    messages: [],
    bounces: [],
    suppressions: new Map(),
    webhooks: new Map(),
    templates: [],
    nextWebhook: 1_000_001,
    nextTemplate: 1_003_801
  }
  for (const template of settings.templates ?? []) addTemplate(server, template)
  return server
}
