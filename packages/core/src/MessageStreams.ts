/**
 * Message streams: a server's separate streams of email.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { decoded, valid, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * The id of an existing stream. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageStreamId = Schema.String.pipe(
  Schema.pattern(/^[\w-]+$/, { message: () => "letters, digits, '-' and '_'" })
).annotations({ identifier: "MessageStreamId" })

/**
 * The id of a new stream: at most 30 lower-case letters, digits, `-` and `_`. It must start with a letter, and not
 * with `pm-`. See https://postmarkapp.com/developer/api/overview#error-codes, codes 1227 and 1233.
 *
 * @since 0.1.0
 * @category models
 */
export const NewMessageStreamId = Schema.String.pipe(
  Schema.pattern(/^(?!pm-)[a-z][a-z0-9_-]{0,29}$/, {
    message: () => "at most 30 lower-case letters, digits, '-' and '_', a letter first, and not 'pm-'"
  })
).annotations({ identifier: "NewMessageStreamId" })

const subscriptionManagementConfiguration = Schema.optional(
  Schema.Struct({ unsubscribeHandlingType: Schema.Literal("None", "Postmark", "Custom") })
)
const name = Schema.String.pipe(Schema.minLength(1), Schema.maxLength(100))
const description = Schema.optional(Schema.String.pipe(Schema.maxLength(1_000)))

/**
 * A message stream; `messageStreamType` is `Transactional`, `Broadcasts` or `Inbound`.
 * See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageStream = Schema.Struct({
  id: text,
  serverId: optionalNumber,
  name: optionalText,
  description: optionalText,
  messageStreamType: text,
  createdAt: optionalText,
  updatedAt: optionalText,
  archivedAt: optionalText,
  expectedPurgeDate: optionalText,
  subscriptionManagementConfiguration: Schema.optional(
    Schema.NullOr(Schema.Struct({ unsubscribeHandlingType: optionalText }))
  )
}).annotations({ identifier: "MessageStream" })

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageStream extends Schema.Schema.Type<typeof MessageStream> {}

/**
 * All streams of a server, in one list. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageStreamsList = Schema.Struct({
  messageStreams: Schema.Array(MessageStream),
  totalCount: Schema.Int
}).annotations({ identifier: "MessageStreamsList" })

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageStreamsList extends Schema.Schema.Type<typeof MessageStreamsList> {}

/**
 * The streams to list: by default, all types without archived streams. See
 * https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageStreamsQuery = Schema.Struct({
  messageStreamType: Schema.optional(Schema.Literal("All", "Inbound", "Transactional", "Broadcasts")),
  includeArchivedStreams: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "MessageStreamsQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageStreamsQuery extends Schema.Schema.Type<typeof MessageStreamsQuery> {}

/**
 * A stream to create. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewMessageStream = Schema.Struct({
  id: NewMessageStreamId,
  name,
  messageStreamType: Schema.Literal("Transactional", "Broadcasts", "Inbound"),
  description,
  subscriptionManagementConfiguration
}).annotations({ identifier: "NewMessageStream" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewMessageStream extends Schema.Schema.Type<typeof NewMessageStream> {}

/**
 * Changes to a stream; omitted fields stay unchanged. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageStreamChange = Schema.Struct({
  name: Schema.optional(name),
  description,
  subscriptionManagementConfiguration
}).annotations({ identifier: "MessageStreamChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageStreamChange extends Schema.Schema.Type<typeof MessageStreamChange> {}

/**
 * An archived stream, and the time when Postmark will delete it permanently. See
 * https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ArchivedMessageStream = Schema.Struct({
  id: text,
  serverId: optionalNumber,
  expectedPurgeDate: optionalText
}).annotations({ identifier: "ArchivedMessageStream" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ArchivedMessageStream extends Schema.Schema.Type<typeof ArchivedMessageStream> {}

const StreamPath = Schema.Struct({ id: MessageStreamId })

/**
 * `GET /message-streams`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listMessageStreams = HttpApiEndpoint.get("listMessageStreams", "/message-streams")
  .setUrlParams(
    parameters(MessageStreamsQuery, {
      messageStreamType: "MessageStreamType",
      includeArchivedStreams: "IncludeArchivedStreams"
    })
  )
  .addSuccess(wire(MessageStreamsList))

/**
 * `GET /message-streams/{id}`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getMessageStream = HttpApiEndpoint.get("getMessageStream", "/message-streams/:id").setPath(StreamPath)
  .addSuccess(wire(MessageStream))

/**
 * `POST /message-streams`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createMessageStream = HttpApiEndpoint.post("createMessageStream", "/message-streams")
  .setPayload(wire(NewMessageStream)).addSuccess(wire(MessageStream))

/**
 * `PATCH /message-streams/{id}`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editMessageStream = HttpApiEndpoint.patch("editMessageStream", "/message-streams/:id").setPath(StreamPath)
  .setPayload(wire(MessageStreamChange)).addSuccess(wire(MessageStream))

/**
 * `POST /message-streams/{id}/archive`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const archiveMessageStream = HttpApiEndpoint.post("archiveMessageStream", "/message-streams/:id/archive")
  .setPath(StreamPath).addSuccess(wire(ArchivedMessageStream))

/**
 * `POST /message-streams/{id}/unarchive`. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const unarchiveMessageStream = HttpApiEndpoint.post("unarchiveMessageStream", "/message-streams/:id/unarchive")
  .setPath(StreamPath).addSuccess(wire(MessageStream))

/**
 * The API endpoints for message streams. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("messageStreams").add(listMessageStreams).add(getMessageStream)
  .add(createMessageStream).add(editMessageStream).add(archiveMessageStream).add(unarchiveMessageStream)

/**
 * The operations on message streams. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (query?: MessageStreamsQuery) => Effect.Effect<MessageStreamsList, ReadError>
  readonly get: (id: string) => Effect.Effect<WithRaw<MessageStream>, ReadError>
  readonly create: (stream: NewMessageStream) => Effect.Effect<WithRaw<MessageStream>, ChangeError>
  readonly edit: (id: string, change: MessageStreamChange) => Effect.Effect<WithRaw<MessageStream>, ChangeError>
  readonly archive: (id: string) => Effect.Effect<WithRaw<ArchivedMessageStream>, ChangeError>
  readonly unarchive: (id: string) => Effect.Effect<WithRaw<MessageStream>, ChangeError>
}

/**
 * The streams of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listMessageStreams)
  const get = transport.read(getMessageStream)
  const create = transport.change(createMessageStream)
  const edit = transport.change(editMessageStream)
  const archive = transport.change(archiveMessageStream)
  const unarchive = transport.change(unarchiveMessageStream)
  return {
    list: (query = {}) =>
      decoded(MessageStreamsQuery, "listMessageStreams", query).pipe(
        Effect.flatMap((urlParams) => list({ urlParams })),
        valueOf
      ),
    get: (id) => withRaw(get({ path: { id } })),
    create: (stream) =>
      valid(NewMessageStream, "createMessageStream", stream).pipe(
        Effect.flatMap((payload) => create({ payload })),
        withRaw
      ),
    edit: (id, change) =>
      valid(MessageStreamChange, "editMessageStream", change).pipe(
        Effect.flatMap((payload) => edit({ path: { id }, payload })),
        withRaw
      ),
    archive: (id) => withRaw(archive({ path: { id } })),
    unarchive: (id) => withRaw(unarchive({ path: { id } }))
  }
}
