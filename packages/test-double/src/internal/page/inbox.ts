/** What the page reads: rows for its list, and everything about one message. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Control } from "../../Control.ts"
import type { SentMessage } from "../../SentMessage.ts"
import type { WebhookAttempt } from "../../WebhookAttempt.ts"
import { allLinks, type FoundLink } from "../rules/links.ts"
import { bounceTypeNames } from "../state/bounceTypes.ts"
import { matches, words } from "./inboxSearch.ts"

/** What became of a message for a recipient, the worst first. */
const states = ["Bounced", "Suppressed", "Waiting", "Delivered", "Opened", "Clicked"] as const
export type State = typeof states[number]

/** For how many recipients it is so. */
export interface StateCount {
  readonly state: State
  readonly count: number
}

export interface Summary {
  readonly messageId: string
  readonly server: string
  readonly stream: string
  readonly from: string
  readonly recipients: ReadonlyArray<string>
  readonly subject: string
  readonly tag: string | undefined
  readonly attachments: number
  /** Those that are true of any recipient, the worst first. */
  readonly states: ReadonlyArray<StateCount>
  readonly submittedAt: string
}

/** `total` messages were found among `captured`; `messages` are some of them, newest first. */
export interface Inbox {
  readonly captured: number
  readonly total: number
  readonly offset: number
  readonly messages: ReadonlyArray<Summary>
}

export interface Details {
  readonly message: SentMessage
  readonly server: string
  readonly source: string
  readonly links: ReadonlyArray<FoundLink>
  readonly attempts: ReadonlyArray<WebhookAttempt>
  readonly bounceTypes: ReadonlyArray<string>
}

export const defaultCount = 50
export const mostCount = 200

export const list = (
  control: Control,
  query: { readonly search: string; readonly offset: number; readonly count: number }
): Effect.Effect<Inbox> =>
  Effect.gen(function*() {
    const sent = yield* control.sent
    const wanted = words(query.search)
    const found: Array<SentMessage> = []
    for (let i = sent.length - 1; i >= 0; i--) {
      const message = sent[i]
      if (message !== undefined && matches(message, wanted)) found.push(message)
      // A search of bodies can take long, and other requests must not wait for it.
      if (wanted.length > 0 && i % slice === 0) yield* Effect.yieldNow()
    }
    const names = yield* serverNames(control)
    return {
      captured: sent.length,
      total: found.length,
      offset: query.offset,
      messages: found.slice(query.offset, query.offset + query.count).map((message) => summary(message, names))
    }
  })

const slice = 100

export const details = (control: Control, messageId: string): Effect.Effect<Option.Option<Details>> =>
  Effect.gen(function*() {
    const message = yield* find(control, messageId)
    if (Option.isNone(message)) return Option.none()
    const source = yield* Effect.option(control.source(messageId))
    const attempts = yield* control.webhookAttempts
    const names = yield* serverNames(control)
    return Option.map(source, (source): Details => ({
      message: message.value,
      server: names.get(message.value.serverId) ?? "",
      source,
      links: allLinks(message.value),
      attempts: attempts.filter((attempt) => attempt.messageId === message.value.messageId),
      bounceTypes: bounceTypeNames
    }))
  })

export const find = (control: Control, messageId: string): Effect.Effect<Option.Option<SentMessage>> =>
  Effect.map(
    control.sent,
    (sent) => Option.fromNullable(sent.find((message) => message.messageId === messageId.toLowerCase()))
  )

const serverNames = (control: Control): Effect.Effect<ReadonlyMap<number, string>> =>
  Effect.map(control.servers, (servers) => new Map(servers.map(({ id, name }) => [id, name])))

const summary = (message: SentMessage, names: ReadonlyMap<number, string>): Summary => ({
  messageId: message.messageId,
  server: names.get(message.serverId) ?? "",
  stream: message.stream,
  from: message.from,
  recipients: message.recipients,
  subject: message.subject,
  tag: message.tag,
  attachments: message.attachments.length,
  states: statesOf(message),
  submittedAt: message.submittedAt
})

const statesOf = (message: SentMessage): ReadonlyArray<StateCount> => {
  const found = message.recipients.map((recipient) => stateOf(message, recipient.toLowerCase()))
  return states.map((state) => ({ state, count: found.filter((other) => other === state).length }))
    .filter(({ count }) => count > 0)
}

const stateOf = ({ events, inactive }: SentMessage, recipient: string): State => {
  const own = events.filter((event) => event.recipient.toLowerCase() === recipient)
  const happened = (type: string) => own.some((event) => event.type === type)
  if (happened("Bounced")) return "Bounced"
  if (happened("SubscriptionChanged") || inactive.includes(recipient)) return "Suppressed"
  if (happened("LinkClicked")) return "Clicked"
  if (happened("Opened")) return "Opened"
  return happened("Delivered") ? "Delivered" : "Waiting"
}
