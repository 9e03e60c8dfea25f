/** Message streams (https://postmarkapp.com/developer/api/message-streams-api). */
import { isObject } from "../http/json.ts"
import { isRefusal, ok, refusal } from "../http/response.ts"
import { readName, readSwitch, text } from "../rules/fields.ts"
import { readStreamFields, streamIdProblem } from "../rules/streamRules.ts"
import { purgeAt } from "../state/retention.ts"
import type { MessageStream, Server } from "../state/state.ts"
import { easternSeconds } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"
import { unknownStream } from "./history.ts"

export const list: Handler = ({ query, server }) => {
  const type = readName(query, "messagestreamtype", ["All", "Inbound", "Transactional", "Broadcasts"], 1221)
  if (isRefusal(type)) return type
  const archived = readSwitch(query, "includearchivedstreams")
  const found = [...server.streams.values()].filter((stream) =>
    (archived === true || stream.archivedAt === undefined) &&
    (type.name === undefined || type.name === "All" || stream.type === type.name)
  )
  return ok({ MessageStreams: found.map((stream) => present(server, stream)), TotalCount: found.length })
}

export const get: Handler = (call) => {
  const stream = find(call)
  return stream === undefined ? unknownStream : ok(present(call.server, stream))
}

export const create: Handler = ({ body, now, server }) => {
  // Not established (docs/postmark.md#error-codes): the code when there is no body.
  if (!isObject(body)) return refusal(1222, "A valid 'ID' is needed.")
  const problem = streamIdProblem(body["ID"], server)
  if (problem !== undefined) return problem
  const type = types.find((known) => known.toLowerCase() === text(body, "MessageStreamType")?.toLowerCase())
  if (type === undefined) return refusal(1221, "The 'MessageStreamType' is not valid.")
  // Before other things are read: whether there may be one more at all.
  if (type === "Inbound" && hasInbound(server)) return refusal(1228, "A server can have only one inbound stream.")
  if (live(server).length >= 10) return refusal(1225, "A server can have at most 10 message streams.")
  const fields = readStreamFields(body, type)
  if (isRefusal(fields)) return fields
  if (fields.name === undefined) return refusal(1223, "A valid 'Name' is needed.")
  const stream: MessageStream = {
    id: text(body, "ID") ?? "",
    type,
    name: fields.name,
    description: fields.description ?? null,
    createdAt: now,
    updatedAt: undefined,
    archivedAt: undefined,
    unsubscribe: fields.unsubscribe ?? (type === "Broadcasts" ? "Postmark" : "None")
  }
  server.streams.set(stream.id, stream)
  return ok(present(server, stream))
}

export const edit: Handler = (call) => {
  const stream = find(call)
  if (stream === undefined) return unknownStream
  if (!isObject(call.body)) return refusal(1223, "A valid 'Name' is needed.")
  const fields = readStreamFields(call.body, stream.type)
  if (isRefusal(fields)) return fields
  const changed: MessageStream = {
    ...stream,
    name: fields.name ?? stream.name,
    description: fields.description === undefined ? stream.description : fields.description,
    unsubscribe: fields.unsubscribe ?? stream.unsubscribe,
    updatedAt: call.now
  }
  call.server.streams.set(stream.id, changed)
  return ok(present(call.server, changed))
}

export const archive: Handler = (call) => {
  const stream = find(call)
  if (stream === undefined) return unknownStream
  if (stream.id === "outbound" || stream.type === "Inbound") {
    return refusal(1229, "The default transactional and inbound streams cannot be archived.")
  }
  // Not established (docs/postmark.md#error-codes): archiving twice.
  if (stream.archivedAt !== undefined || call.now.millis - stream.createdAt.millis < call.behaviour.archiveDelay) {
    return refusal(1241, "This message stream is unable to be archived at this time.")
  }
  const archived: MessageStream = { ...stream, archivedAt: call.now }
  call.server.streams.set(stream.id, archived)
  return ok({ ID: stream.id, ServerID: call.server.id, ExpectedPurgeDate: purgeDate(archived) })
}

export const unarchive: Handler = (call) => {
  const { now, server } = call
  const stream = find(call)
  if (stream === undefined) return server.purged.has(call.path["id"] ?? "") ? tooLate : unknownStream
  if (stream.archivedAt === undefined) return ok(present(server, stream))
  if (live(server).length >= 10) return tooLate
  const changed: MessageStream = { ...stream, archivedAt: undefined, updatedAt: now }
  server.streams.set(stream.id, changed)
  return ok(present(server, changed))
}

// Not established (docs/postmark.md#error-codes): that a purged stream is told from one that never was, here only; its
// ID is free again.
const tooLate = refusal(1232, "The message stream cannot be unarchived any more.")

const types = ["Transactional", "Inbound", "Broadcasts"] as const

const find = ({ path, server }: Call): MessageStream | undefined => server.streams.get(path["id"] ?? "")

const live = (server: Server): ReadonlyArray<MessageStream> =>
  [...server.streams.values()].filter(({ archivedAt }) => archivedAt === undefined)

const hasInbound = (server: Server): boolean => live(server).some(({ type }) => type === "Inbound")

const purgeDate = ({ archivedAt }: MessageStream): string | null =>
  archivedAt === undefined ? null : easternSeconds({ millis: purgeAt(archivedAt), ticks: 0 })

const present = (server: Server, stream: MessageStream) => ({
  ID: stream.id,
  ServerID: server.id,
  Name: stream.name,
  Description: stream.description,
  MessageStreamType: stream.type,
  CreatedAt: easternSeconds(stream.createdAt),
  UpdatedAt: stream.updatedAt === undefined ? null : easternSeconds(stream.updatedAt),
  ArchivedAt: stream.archivedAt === undefined ? null : easternSeconds(stream.archivedAt),
  ExpectedPurgeDate: purgeDate(stream),
  SubscriptionManagementConfiguration: { UnsubscribeHandlingType: stream.unsubscribe }
})
