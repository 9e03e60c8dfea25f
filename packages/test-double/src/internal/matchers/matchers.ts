/** The matchers themselves; `Vitest.ts` gives them to vitest. */
import * as Effect from "effect/Effect"
import type { Control } from "../../Control.ts"
import type { SentMessage } from "../../SentMessage.ts"
import type { WebhookAttempt } from "../../WebhookAttempt.ts"
import * as expectations from "./expectations.ts"
import type { ExpectedEntries, ExpectedText, ExpectedTexts, Field } from "./expectations.ts"
import { describeEvent, describeMessage, describeWebhook, explain, type Noun, type Print } from "./matcherMessages.ts"

export type { ExpectedText, ExpectedTexts }

export interface ExpectedMessage {
  readonly messageId?: ExpectedText
  readonly serverId?: number
  readonly stream?: ExpectedText
  readonly from?: ExpectedText
  readonly to?: ExpectedTexts | undefined
  readonly cc?: ExpectedTexts | undefined
  readonly bcc?: ExpectedTexts | undefined
  readonly recipients?: ExpectedTexts
  readonly inactive?: ExpectedTexts | undefined
  readonly replyTo?: ExpectedText | undefined
  readonly subject?: ExpectedText
  readonly tag?: ExpectedText | undefined
  readonly template?: number | ExpectedText | undefined
  readonly htmlBody?: ExpectedText | undefined
  readonly textBody?: ExpectedText | undefined
  readonly headers?: ExpectedEntries
  readonly metadata?: ExpectedEntries
  readonly attachments?: ExpectedTexts | undefined
  readonly trackOpens?: boolean
  readonly trackLinks?: ExpectedText
}

export interface ExpectedEvent extends ExpectedMessage {
  readonly recipient?: ExpectedText
  readonly details?: ExpectedEntries
}

export interface ExpectedWebhook {
  readonly webhookId?: number
  readonly url?: ExpectedText
  readonly recordType?: ExpectedText
  readonly messageId?: ExpectedText | undefined
  readonly attempt?: number
  readonly retriesRemaining?: number
  readonly traceId?: ExpectedText
  readonly outcome?: WebhookAttempt["outcome"]
  readonly status?: number | undefined
  readonly error?: ExpectedText | undefined
}

/** What the matchers use of the state that vitest calls them with. */
interface State {
  readonly isNot: boolean
  readonly utils: {
    readonly stringify: (value: unknown, depth?: number, options?: { readonly min?: boolean }) => string
  }
}

interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

const messageFields: { readonly [Name in keyof ExpectedMessage]-?: Field } = {
  messageId: expectations.address,
  serverId: expectations.exact,
  stream: expectations.text,
  from: expectations.address,
  to: expectations.addresses,
  cc: expectations.addresses,
  bcc: expectations.addresses,
  recipients: expectations.addresses,
  inactive: expectations.addresses,
  replyTo: expectations.address,
  subject: expectations.text,
  tag: expectations.text,
  template: expectations.template,
  htmlBody: expectations.text,
  textBody: expectations.text,
  headers: expectations.entries((name) => name.toLowerCase()),
  metadata: expectations.entries(),
  attachments: expectations.texts,
  trackOpens: expectations.exact,
  trackLinks: expectations.text
}

const eventFields: { readonly [Name in keyof ExpectedEvent]-?: Field } = {
  ...messageFields,
  recipient: expectations.address,
  details: expectations.entries()
}

const webhookFields: { readonly [Name in keyof ExpectedWebhook]-?: Field } = {
  webhookId: expectations.exact,
  url: expectations.text,
  recordType: expectations.text,
  messageId: expectations.address,
  attempt: expectations.exact,
  retriesRemaining: expectations.exact,
  traceId: expectations.text,
  outcome: expectations.text,
  status: expectations.exact,
  error: expectations.text
}

const messages = {
  noun: { one: "sent message", many: "sent messages" },
  fields: messageFields,
  describe: describeMessage,
  read: (received: unknown) => readSent(received).map((message) => ({ ...message }))
}

const webhooks = {
  noun: { one: "webhook attempt", many: "webhook attempts" },
  fields: webhookFields,
  describe: describeWebhook,
  read: (received: unknown) => readAttempts(received).map((attempt) => ({ ...attempt }))
}

/** Each event, in one record with its message. */
const events = (type: string, noun: Noun) => ({
  noun,
  fields: eventFields,
  describe: describeEvent,
  read: (received: unknown) =>
    readSent(received).flatMap(({ events, ...message }) =>
      events.filter((event) => event.type === type).map(({ details, recipient }) => ({
        ...message,
        recipient,
        details
      }))
    )
})

interface Subject<A> {
  readonly noun: Noun
  readonly fields: { readonly [name: string]: Field }
  readonly describe: (item: A) => string
  readonly read: (received: unknown) => ReadonlyArray<A>
}

const judge = <A extends { readonly [name: string]: unknown }>(
  { isNot, utils }: State,
  subject: Subject<A>,
  received: unknown,
  expected: object,
  times: number | undefined
): Verdict => {
  if (times !== undefined && !(Number.isInteger(times) && times >= 0)) {
    throw new TypeError("the number of times must be a whole number, 0 or more")
  }
  const wishes: { readonly [name: string]: unknown } = { ...expected }
  const unknown = Object.keys(wishes).filter((name) => !Object.hasOwn(subject.fields, name))
  if (unknown.length > 0) {
    throw new TypeError(
      `a ${subject.noun.one} has no field ${unknown.join(", ")}; its fields are ${
        Object.keys(subject.fields).join(", ")
      }`
    )
  }
  const items = subject.read(received).map((item) => ({
    text: subject.describe(item),
    differences: expectations.differences(subject.fields, item, wishes)
  }))
  const matching = items.filter(({ differences }) => differences.length === 0).length
  const print: Print = (value) => utils.stringify(value, 10, { min: true })
  return {
    pass: times === undefined ? matching > 0 : matching === times,
    message: () => explain({ noun: subject.noun, items, wishes, times, isNot, print })
  }
}

const toEvent = (expected: ExpectedText | ExpectedEvent): ExpectedEvent =>
  typeof expected === "string" || expected instanceof RegExp || expectations.isAsymmetric(expected)
    ? { recipient: expected }
    : expected

const happened = (type: string, noun: Noun) => {
  const subject = events(type, noun)
  return function(this: State, received: unknown, expected: ExpectedText | ExpectedEvent = {}): Verdict {
    return judge(this, subject, received, toEvent(expected), undefined)
  }
}

export const matchers = {
  toHaveSent(this: State, received: unknown, expected: ExpectedMessage = {}): Verdict {
    return judge(this, messages, received, expected, undefined)
  },
  toHaveSentTimes(this: State, received: unknown, times: number, expected: ExpectedMessage = {}): Verdict {
    return judge(this, messages, received, expected, times)
  },
  toHaveDelivered: happened("Delivered", { one: "delivery", many: "deliveries" }),
  toHaveBounced: happened("Bounced", { one: "bounce", many: "bounces" }),
  toHaveOpened: happened("Opened", { one: "open", many: "opens" }),
  toHaveClicked: happened("LinkClicked", { one: "click", many: "clicks" }),
  toHavePostedWebhook(this: State, received: unknown, expected: ExpectedWebhook = {}): Verdict {
    return judge(this, webhooks, received, expected, undefined)
  },
  toHavePostedWebhookTimes(this: State, received: unknown, times: number, expected: ExpectedWebhook = {}): Verdict {
    return judge(this, webhooks, received, expected, times)
  }
}

const readSent = (received: unknown): ReadonlyArray<SentMessage> =>
  listOf(isHandle(received) ? Effect.runSync(received.sent) : received, isSentMessage, "sent messages")

const readAttempts = (received: unknown): ReadonlyArray<WebhookAttempt> =>
  listOf(
    isHandle(received) ? Effect.runSync(received.webhookAttempts) : received,
    isWebhookAttempt,
    "webhook attempts"
  )

/** What was received is not shown: a handle of something else may hold secrets. */
const listOf = <A>(list: unknown, isItem: (value: unknown) => value is A, what: string): ReadonlyArray<A> => {
  if (Array.isArray(list) && list.every(isItem)) return list
  throw new TypeError(`expect() must be given the control handle of a double, or a list of ${what}`)
}

const isHandle = (value: unknown): value is Pick<Control, "sent" | "webhookAttempts"> =>
  expectations.isRecord(value) && Effect.isEffect(value["sent"]) && Effect.isEffect(value["webhookAttempts"])

const isSentMessage = (value: unknown): value is SentMessage =>
  expectations.isRecord(value) && typeof value["messageId"] === "string" && Array.isArray(value["events"])

const isWebhookAttempt = (value: unknown): value is WebhookAttempt =>
  expectations.isRecord(value) && typeof value["traceId"] === "string" && typeof value["attempt"] === "number"
