/** The history of sent mail (https://postmarkapp.com/developer/api/messages-api). */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import type { Mailbox } from "../rules/addresses.ts"
import { includes, readDates, readPage, same } from "../rules/fields.ts"
import { isKept } from "../state/retention.ts"
import type { Message, MessageEvent } from "../state/state.ts"
import { eastern } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"

type ListResponse = typeof PostmarkApi.OutboundMessagesResponse.Encoded
type DetailsResponse = typeof PostmarkApi.OutboundMessageDetailsResponse.Encoded

export const listOutbound: Handler = (call) => {
  const { behaviour: { indexLag }, now, query, server } = call
  const page = readPage(query, { code: 700, most: 10_000 })
  if (isRefusal(page)) return page
  const stream = parameter(query, "messagestream") ?? "outbound"
  // Not established (docs/postmark.md#outbound-messages): an unknown stream is refused here as it is in stats.
  if (!server.streams.has(stream)) return unknownStream
  const filter = readFilter(query)
  if (isRefusal(filter)) return filter
  const found = server.messages.filter((message) =>
    message.stream === stream && now.millis - message.at.millis >= indexLag && isKept(message, call) && filter(message)
  ).reverse()
  const body: ListResponse = {
    TotalCount: found.length,
    Messages: found.slice(page.offset, page.offset + page.count).map(summary)
  }
  return ok({ ...body })
}

export const outboundDetails: Handler = (call) => {
  const message = findMessage(call)
  if (message === undefined) return messageNotFound
  const body: DetailsResponse = {
    ...summary(message),
    ...(message.textBody === undefined ? {} : { TextBody: message.textBody }),
    ...(message.htmlBody === undefined ? {} : { HtmlBody: message.htmlBody }),
    Body: source(message),
    MessageEvents: message.events.map((event) => ({
      Recipient: event.recipient,
      Type: event.type,
      ReceivedAt: eastern(event.at),
      Details: details(event)
    }))
  }
  return ok({ ...body })
}

export const outboundDump: Handler = (call) => {
  const message = findMessage(call)
  return message === undefined ? messageNotFound : ok({ Body: source(message) })
}

export const unknownStream: Refusal = refusal(1226, "The message stream for the provided 'ID' was not found.")

/** The message's source, as far as a reader of the history cares. */
export const source = (message: Message): string =>
  [
    `From: ${headerForm(message.from)}`,
    ...([["To", message.to], ["Cc", message.cc]] as const)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => `${name}: ${list.map(headerForm).join(", ")}`),
    ...(message.replyTo === undefined ? [] : [`Reply-To: ${message.replyTo}`]),
    `Subject: ${message.subject}`,
    ...message.headers.map(({ Name, Value }) => `${Name}: ${Value}`),
    `X-PM-Message-Id: ${message.id}`,
    ...(message.tag === undefined ? [] : [`X-PM-Tag: ${message.tag}`]),
    "",
    message.textBody ?? message.htmlBody ?? ""
  ].join("\r\n")

export const messageNotFound: Refusal = refusal(701, "This message was not found.")

export const findMessage = (call: Call): Message | undefined => {
  const message = call.world.messages.get(call.path["id"]?.toLowerCase() ?? "")
  return message?.server === call.server && isKept(message, call) ? message : undefined
}

const statusOf = ({ events, server }: Message): "Queued" | "Sent" =>
  server.settings.delayedAccept === true && events.length === 0 ? "Queued" : "Sent"

const summary = (message: Message): ListResponse["Messages"][number] => ({
  MessageID: message.id,
  MessageStream: message.stream,
  ...(message.tag === undefined ? {} : { Tag: message.tag }),
  To: message.to.map(participant),
  Cc: message.cc.map(participant),
  Bcc: message.bcc.map(participant),
  Recipients: message.recipients,
  ReceivedAt: eastern(message.at),
  From: headerForm(message.from),
  Subject: message.subject,
  Attachments: message.attachments,
  Status: statusOf(message),
  TrackOpens: message.trackOpens,
  TrackLinks: message.trackLinks,
  Metadata: message.metadata,
  Sandboxed: message.server.fields.DeliveryType === "Sandbox"
})

const details = ({ details }: MessageEvent): DetailsEvent => details

type DetailsEvent = NonNullable<NonNullable<DetailsResponse["MessageEvents"]>[number]["Details"]>

const participant = ({ email, name }: Mailbox) => ({ Email: email, Name: name })

const headerForm = ({ email, name }: Mailbox): string =>
  name === "" ? email : `"${name.replaceAll("\"", "\\\"")}" <${email}>`

type Filter = (message: Message) => boolean

const readFilter = (query: URLSearchParams): Filter | Refusal => {
  const filters: Array<Filter> = []
  const add = (name: string, filter: (wanted: string) => Filter) => {
    const wanted = parameter(query, name)
    if (wanted !== undefined) filters.push(filter(wanted))
  }
  // Not established (docs/postmark.md#outbound-messages): addresses match whole, subjects in part, both in any case.
  add("recipient", (wanted) => ({ recipients }) => recipients.some((email) => same(email, wanted)))
  add("fromemail", (wanted) => ({ from }) => same(from.email, wanted))
  add("tag", (wanted) => ({ tag }) => tag === wanted)
  add("subject", (wanted) => ({ subject }) => includes(subject, wanted))
  const status = parameter(query, "status")?.toLowerCase()
  if (status !== undefined && !["queued", "sent", "processed"].includes(status)) {
    return refusal(700, `The 'status' parameter '${status}' is not valid.`)
  }
  if (status !== undefined) filters.push((message) => (statusOf(message) === "Queued") === (status === "queued"))
  const within = readDates(query, 700)
  if (isRefusal(within)) return within
  filters.push(({ at }) => within(at))
  const metadata = [...query].filter(([key]) => key.toLowerCase().startsWith("metadata_"))
  if (metadata.length > 1) return refusal(700, "Only one metadata field can be searched at a time.")
  for (const [key, value] of metadata) {
    const field = key.slice("metadata_".length)
    filters.push((message) =>
      Object.entries(message.metadata).some(([name, text]) => same(name, field) && text === value)
    )
  }
  return (message) => filters.every((filter) => filter(message))
}
