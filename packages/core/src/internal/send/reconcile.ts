/** Searches the history for messages whose outcome is unknown. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { OutboundMessage, OutboundMessages, OutboundMessagesQuery } from "../../OutboundMessage.ts"
import { maximumPageSize } from "../../Paging.ts"
import type { ReadError } from "../../PostmarkError.ts"
import type { Receipt } from "../../Receipt.ts"
import type { ReconciliationResult } from "../../Reconciliation.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import type { Decoded } from "../http/transport.ts"
import * as EasternTime from "../wire/easternTime.ts"
import type { Outgoing } from "./stampedMessage.ts"

/** What a search found, and what it came to for a message that it did not find. */
export interface Searched {
  readonly found: ReadonlyMap<Outgoing, Receipt>
  readonly resultOf: (message: Outgoing) => ReconciliationResult
}

/** Searches after each of the pauses, until everything is found. */
export type Search = (
  pauses: ReadonlyArray<Duration.DurationInput>,
  startedAt: number
) => (messages: ReadonlyArray<Outgoing>) => Effect.Effect<Searched>

export type Page = (
  input: { readonly urlParams: OutboundMessagesQuery }
) => Effect.Effect<Decoded<OutboundMessages>, ReadError>

const furthest = 10_000

/** How far this machine's clock may be from Postmark's. It also covers the hour that comes twice in autumn. */
const clockMargin = 2 * 60 * 60 * 1_000

/** A search by one page of the history at a time. */
export const makeSearch = (page: Page): Search => (pauses, startedAt) => (messages) =>
  Effect.gen(function*() {
    const found = new Map<Outgoing, Receipt>()
    const failed = new Set<Query>()
    const answered = new Set<Query>()
    const queries = queriesOf(messages)
    for (const pause of pauses) {
      const open = queries.filter((query) => query.messages.some((message) => !found.has(message)))
      if (open.length === 0 || (yield* isOverBy(Duration.toMillis(pause)))) break
      yield* Effect.sleep(pause)
      for (const query of open) {
        const result = yield* Effect.either(searchOnce(page, query, startedAt))
        if (Either.isLeft(result)) {
          failed.add(query)
          continue
        }
        answered.add(query)
        for (const [message, receipt] of result.right) found.set(message, receipt)
      }
    }
    return {
      found,
      resultOf: (message) => {
        if (message.correlation === "none") return "noCorrelation"
        const query = queries.find((query) => query.messages.includes(message))
        if (query !== undefined && answered.has(query)) return "notFound"
        return query !== undefined && failed.has(query) ? "searchFailed" : "off"
      }
    }
  })

/** Whether the caller's time limit is over after a pause. */
export const isOverBy = (pause: number): Effect.Effect<boolean> =>
  Effect.zipWith(Clock.currentTimeMillis, RetryPolicy.Deadline, (now, { at }) => at !== undefined && now + pause >= at)

/** Searches once, and fails as the search fails. */
export const searchNow = (page: Page, startedAt: number) => (messages: ReadonlyArray<Outgoing>) =>
  Effect.map(
    Effect.forEach(queriesOf(messages), (query) => searchOnce(page, query, startedAt)),
    (results): ReadonlyMap<Outgoing, Receipt> => new Map(results.flatMap((found) => [...found]))
  )

/** Finds nothing: the test token has no history. */
export const noSearch: Search = () => () =>
  Effect.succeed({
    found: new Map(),
    resultOf: ({ correlation }) => correlation === "none" ? "noCorrelation" : "noActivity"
  })

/** Messages that one search can find: they share a value and a stream. */
interface Query {
  readonly name: string
  readonly indexName: string
  readonly value: string
  readonly messageStream: string
  readonly messages: Array<Outgoing>
}

const queriesOf = (messages: ReadonlyArray<Outgoing>): ReadonlyArray<Query> => {
  const queries = new Map<string, Query>()
  for (const message of messages) {
    const { correlation, indexName, messageStream } = message
    if (correlation === "none") continue
    const key = `${correlation.value} ${messageStream}`
    const { name, value } = correlation
    const query = queries.get(key) ?? { name, indexName, value, messageStream, messages: [] }
    query.messages.push(message)
    queries.set(key, query)
  }
  return [...queries.values()]
}

const searchOnce = (page: Page, query: Query, startedAt: number) =>
  Effect.gen(function*() {
    const wanted = new Map(query.messages.map((message) => [messageKey(message), message]))
    const found = new Map<Outgoing, Receipt>()
    const fromDate = EasternTime.print(EasternTime.localOf(startedAt - clockMargin))
    const toDate = EasternTime.print(EasternTime.localOf((yield* Clock.currentTimeMillis) + clockMargin))
    for (let offset = 0; offset + maximumPageSize <= furthest; offset += maximumPageSize) {
      const { raw, value } = yield* page({
        urlParams: {
          count: maximumPageSize,
          offset,
          fromDate,
          toDate,
          messageStream: query.messageStream,
          metadata: { [query.name]: query.value }
        }
      })
      value.messages.forEach((message, place) => {
        const sent = wanted.get(foundKey(message, query))
        if (sent !== undefined) found.set(sent, receiptOf(message, sent, rawMessage(raw, place)))
      })
      if (found.size === wanted.size || value.messages.length === 0) break
      if (offset + value.messages.length >= value.totalCount) break
    }
    return found
  })

const messageKey = ({ index }: Outgoing): string => String(index)

/** The index that a message of the history carries, if it is one of the call; the search itself is not trusted. */
const foundKey = (message: OutboundMessage, query: Query): string => {
  const fields = new Map(Object.entries(message.metadata).map(([name, value]) => [name.toLowerCase(), value]))
  return fields.get(query.name.toLowerCase()) === query.value ? fields.get(query.indexName.toLowerCase()) ?? "" : ""
}

const receiptOf = (message: OutboundMessage, sent: Outgoing, raw: unknown): Receipt => ({
  messageId: message.messageId,
  submittedAt: message.receivedAt,
  message: "",
  source: "search",
  correlation: sent.correlation,
  inactiveRecipients: [],
  raw
})

const rawMessage = (raw: unknown, place: number): unknown =>
  typeof raw === "object" && raw !== null && "Messages" in raw && Array.isArray(raw.Messages)
    ? raw.Messages[place]
    : undefined
