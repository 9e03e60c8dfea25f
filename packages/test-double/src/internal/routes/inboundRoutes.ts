/** Inbound messages (https://postmarkapp.com/developer/api/messages-api). */
import { isRefusal, ok, parameter, refusal } from "../http/response.ts"
import { cut, includes, readDates, readName, readPage, same } from "../rules/fields.ts"
import type { InboundMessage } from "../state/inboundState.ts"
import { isRecent } from "../state/retention.ts"
import { addressFields, bodyFields, headers, size } from "../webhooks/inboundPayload.ts"
import type { Call, Handler } from "./call.ts"

export const list: Handler = (call) => {
  const { query, server } = call
  const page = readPage(query, { code: 700, most: 10_000 })
  if (isRefusal(page)) return page
  const status = readName(query, "status", ["blocked", "processed", "queued", "failed", "scheduled", "sent"], 700)
  if (isRefusal(status)) return status
  const within = readDates(query, 700)
  if (isRefusal(within)) return within
  const wanted = readFilter(query)
  // The official client also knows `sent`; here it is the same set as `processed`, as it is of outbound messages
  // (https://postmarkapp.com/developer/api/messages-api).
  const statusName = status.name === undefined || status.name === "sent" ? "processed" : status.name
  const found = [...server.inbound.values()].filter((message) =>
    same(message.status, statusName) && isRecent(message.at, call) && within(message.at) && wanted(message)
  ).reverse()
  return ok({ TotalCount: found.length, InboundMessages: cut(found, page).map(summary) })
}

export const details: Handler = (call) => {
  const message = find(call)
  if (message === undefined) return refusal(701, "This message was not found.")
  return ok({
    ...summary(message),
    ...bodyFields(message),
    Headers: headers(message),
    // Not established (docs/postmark.md#inbound): null or an empty text where nothing blocked it.
    BlockedReason: message.blockedReason ?? null
  })
}

export const bypass: Handler = (call) => {
  const message = find(call)
  if (message?.status !== "Blocked") return refusal(701, "This message was not found or cannot be bypassed.")
  return post(call, message, `Successfully bypassed message: ${message.id}.`)
}

export const retry: Handler = (call) => {
  const message = find(call)
  if (message?.status !== "Failed") return refusal(701, "This message was not found or cannot be retried.")
  return post(call, message, `Successfully rescheduled message: ${message.id}.`)
}

const find = (call: Call): InboundMessage | undefined => {
  const message = call.server.inbound.get(call.path["id"]?.toLowerCase() ?? "")
  return message !== undefined && isRecent(message.at, call) ? message : undefined
}

// Not established (docs/postmark.md#inbound): the texts of these acknowledgements.
const post = ({ dispatch, server }: Call, message: InboundMessage, text: string) => {
  if (server.fields.InboundHookUrl === "") message.status = "Processed"
  else dispatch.fireInbound(server, message)
  return ok({ ErrorCode: 0, Message: text })
}

const summary = (message: InboundMessage) => ({
  ...addressFields(message),
  Tag: message.mail.tag ?? "",
  Status: message.status,
  Attachments: (message.mail.attachments ?? []).map((file) => ({
    Name: file.name,
    ContentID: file.contentId ?? "",
    ContentType: file.contentType,
    ContentLength: size(file.content)
  }))
})

const readFilter = (query: URLSearchParams): (message: InboundMessage) => boolean => {
  const filters: Array<(message: InboundMessage) => boolean> = []
  const add = (name: string, matches: (message: InboundMessage, wanted: string) => boolean) => {
    const wanted = parameter(query, name)
    if (wanted !== undefined) filters.push((message) => matches(message, wanted))
  }
  add(
    "recipient",
    ({ bcc, cc, originalRecipient, to }, wanted) =>
      same(originalRecipient, wanted) || [...to, ...cc, ...bcc].some(({ Email }) => same(Email, wanted))
  )
  add("fromemail", ({ from }, wanted) => same(from.Email, wanted))
  add("tag", ({ mail }, wanted) => mail.tag === wanted)
  add("subject", ({ mail }, wanted) => includes(mail.subject ?? "", wanted))
  add("mailboxhash", ({ mailboxHash }, wanted) => mailboxHash === wanted)
  return (message) => filters.every((filter) => filter(message))
}
