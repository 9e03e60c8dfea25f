/** Opens and clicks (https://postmarkapp.com/developer/api/messages-api). */
import type { Reader } from "../../Reader.ts"
import { isRefusal, ok, parameter } from "../http/response.ts"
import { cut, type Page, readPage, same } from "../rules/fields.ts"
import { isKept } from "../state/retention.ts"
import type { Link, Message, MessageEvent } from "../state/state.ts"
import { eastern, type Instant, isBefore } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"
import { findMessage, messageNotFound, unknownStream } from "./history.ts"

export const listOpens: Handler = (call) => list(call, "Opens", opensOf)

export const listClicks: Handler = (call) => list(call, "Clicks", clicksOf)

export const messageOpens: Handler = (call) => ofMessage(call, "Opens", opensOf)

export const messageClicks: Handler = (call) => ofMessage(call, "Clicks", clicksOf)

interface Tracked {
  readonly message: Message
  readonly recipient: string
  readonly at: Instant
  readonly reader: Reader
  readonly link: Link | undefined
}

type Collect = (message: Message) => ReadonlyArray<Tracked>

/** The first open of a message; Postmark keeps no other. */
const opensOf: Collect = (message) => tracked(message, "Opened").slice(0, 1)

/** One click for each recipient and link. */
const clicksOf: Collect = (message) => {
  const seen = new Set<string>()
  return tracked(message, "LinkClicked").filter(({ link, recipient }) => {
    const key = `${recipient.toLowerCase()} ${link?.url}`
    const fresh = !seen.has(key)
    seen.add(key)
    return fresh
  })
}

const tracked = (message: Message, type: MessageEvent["type"]): ReadonlyArray<Tracked> =>
  message.events.flatMap((event) =>
    event.type !== type || event.reader === undefined
      ? []
      : [{ message, recipient: event.recipient, at: event.at, reader: event.reader, link: event.link }]
  )

const list = (call: Call, key: "Opens" | "Clicks", collect: Collect) => {
  const { query, server } = call
  const page = readPage(query, { code: 700, most: 10_000 })
  if (isRefusal(page)) return page
  const stream = parameter(query, "messagestream") ?? "outbound"
  if (!server.streams.has(stream)) return unknownStream
  const filter = readFilter(query)
  const found = server.messages.filter((message) => message.stream === stream && isKept(message, call)).flatMap(collect)
    .filter(filter)
    .sort((a, b) => isBefore(a.at, b.at) ? 1 : -1)
  return answer(key, found, page, true)
}

const ofMessage = (call: Call, key: "Opens" | "Clicks", collect: Collect) => {
  const page = readPage(call.query, { code: 700, most: 10_000 })
  if (isRefusal(page)) return page
  const message = findMessage(call)
  return message === undefined ? messageNotFound : answer(key, collect(message), page, false)
}

/** `RecordType` is missing where one message is asked for. */
const answer = (key: "Opens" | "Clicks", found: ReadonlyArray<Tracked>, page: Page, typed: boolean) =>
  ok({
    TotalCount: found.length,
    [key]: cut(found, page).map((entry) => ({
      ...(typed ? { RecordType: key === "Opens" ? "Open" : "Click" } : {}),
      ...present(entry)
    }))
  })

const present = ({ at, link, message, reader, recipient }: Tracked) => ({
  ...(link === undefined ? {} : { ClickLocation: link.location }),
  Client: reader.client,
  OS: reader.os,
  Platform: reader.platform,
  UserAgent: reader.userAgent,
  ...(link === undefined ? { ReadSeconds: reader.readSeconds } : { OriginalLink: link.url }),
  Geo: reader.geo,
  MessageID: message.id,
  MessageStream: message.stream,
  ReceivedAt: eastern(at),
  ...(message.tag === undefined ? {} : { Tag: message.tag }),
  Recipient: recipient
})

// Not established (docs/postmark.md#opens-and-clicks): texts match whole, in any case; country and region by name or
// code.
const properties: { readonly [parameter: string]: (entry: Tracked) => ReadonlyArray<string | undefined> } = {
  recipient: ({ recipient }) => [recipient],
  tag: ({ message }) => [message.tag],
  client_name: ({ reader }) => [reader.client.Name],
  client_company: ({ reader }) => [reader.client.Company],
  client_family: ({ reader }) => [reader.client.Family],
  os_name: ({ reader }) => [reader.os.Name],
  os_company: ({ reader }) => [reader.os.Company],
  os_family: ({ reader }) => [reader.os.Family],
  platform: ({ reader }) => [reader.platform],
  country: ({ reader }) => [reader.geo["Country"], reader.geo["CountryISOCode"]],
  region: ({ reader }) => [reader.geo["Region"], reader.geo["RegionISOCode"]],
  city: ({ reader }) => [reader.geo["City"]]
}

const readFilter = (query: URLSearchParams): (entry: Tracked) => boolean => {
  const wishes = Object.entries(properties).flatMap(([name, property]) => {
    const wanted = parameter(query, name)
    return wanted === undefined ? [] : [{ wanted, property }]
  })
  return (entry) =>
    wishes.every(({ property, wanted }) => property(entry).some((text) => text !== undefined && same(text, wanted)))
}
