/**
 * The operations on message streams. See https://postmarkapp.com/developer/api/message-streams-api.
 *
 * @since 0.1.0
 */
import {
  ArchivedMessageStream,
  MessageStream,
  MessageStreamChange,
  MessageStreamsList,
  MessageStreamsQuery,
  NewMessageStream
} from "../MessageStreams.ts"
import * as Operation from "../Operation.ts"
import { StreamParams } from "./parameters.ts"

const stream = {
  id: "news",
  serverId: 812345,
  name: "News",
  description: "The monthly newsletter",
  messageStreamType: "Broadcasts",
  createdAt: "2026-09-30T12:00:00Z",
  updatedAt: null,
  archivedAt: null,
  expectedPurgeDate: null,
  subscriptionManagementConfiguration: { unsubscribeHandlingType: "Postmark" }
}

const params = { streamId: "news" }

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-message-streams", Operation.reads, {
  ...Operation.empty,
  group: "messageStreams",
  member: "list",
  title: "List message streams",
  description: "The message streams of the server; by default without the archived ones",
  method: "GET",
  path: "/message-streams",
  query: MessageStreamsQuery,
  success: Operation.response(MessageStreamsList, "MessageStreamsList"),
  example: { query: { messageStreamType: "Broadcasts" }, success: { totalCount: 1, messageStreams: [stream] } },
  run: ({ query }, client) => client.messageStreams.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-message-stream", Operation.reads, {
  ...Operation.empty,
  group: "messageStreams",
  member: "get",
  title: "Get a message stream",
  description: "One message stream",
  method: "GET",
  path: "/message-streams/:streamId",
  params: StreamParams,
  success: Operation.response(MessageStream, "MessageStream"),
  example: { params, success: stream },
  run: ({ params }, client) => client.messageStreams.get(params.streamId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const create = Operation.make("postmark/create-message-stream", Operation.creates, {
  ...Operation.empty,
  group: "messageStreams",
  member: "create",
  title: "Create a message stream",
  description: "Creates a stream with an id of your choice; a server can have ten",
  method: "POST",
  path: "/message-streams",
  status: 201,
  body: NewMessageStream,
  success: Operation.response(MessageStream, "MessageStream"),
  example: {
    body: { id: "news", name: "News", messageStreamType: "Broadcasts", description: "The monthly newsletter" },
    success: stream
  },
  run: ({ body }, client) => client.messageStreams.create(body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const edit = Operation.make("postmark/edit-message-stream", Operation.changes, {
  ...Operation.empty,
  group: "messageStreams",
  member: "edit",
  title: "Edit a message stream",
  description: "Changes a stream; fields that are left out stay as they are",
  method: "PATCH",
  path: "/message-streams/:streamId",
  params: StreamParams,
  body: MessageStreamChange,
  success: Operation.response(MessageStream, "MessageStream"),
  example: { params, body: { name: "Monthly news" }, success: { ...stream, name: "Monthly news" } },
  run: ({ body, params }, client) => client.messageStreams.edit(params.streamId, body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const archive = Operation.make("postmark/archive-message-stream", Operation.removes, {
  ...Operation.empty,
  group: "messageStreams",
  member: "archive",
  title: "Archive a message stream",
  description: "Stops a stream; Postmark deletes it at expectedPurgeDate",
  method: "POST",
  path: "/message-streams/:streamId/archive",
  params: StreamParams,
  success: Operation.response(ArchivedMessageStream, "ArchivedMessageStream"),
  example: { params, success: { id: "news", serverId: 812345, expectedPurgeDate: "2026-11-14T12:00:00Z" } },
  run: ({ params }, client) => client.messageStreams.archive(params.streamId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const unarchive = Operation.make("postmark/unarchive-message-stream", Operation.changes, {
  ...Operation.empty,
  group: "messageStreams",
  member: "unarchive",
  title: "Unarchive a message stream",
  description: "Opens an archived stream again",
  method: "POST",
  path: "/message-streams/:streamId/unarchive",
  params: StreamParams,
  success: Operation.response(MessageStream, "MessageStream"),
  example: { params, success: stream },
  run: ({ params }, client) => client.messageStreams.unarchive(params.streamId)
})
