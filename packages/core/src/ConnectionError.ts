/**
 * Errors of connections. Nothing was sent.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"

const notSent = "notSent" as const

/**
 * There is no connection with this id.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionNotFound
  extends Schema.TaggedError<ConnectionNotFound>("@effect-postmark/core/ConnectionError/ConnectionNotFound")(
    "ConnectionNotFound",
    {}
  )
{
  override get message(): string {
    return "there is no connection with this id; list the connections to see those that there are"
  }
  readonly retryable = false
  readonly disposition = notSent
}

/**
 * The connection was revoked and its token deleted. Connect the server again to get a new connection.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionRevoked
  extends Schema.TaggedError<ConnectionRevoked>("@effect-postmark/core/ConnectionError/ConnectionRevoked")(
    "ConnectionRevoked",
    { connectionId: ConnectionId }
  )
{
  override get message(): string {
    return "the connection was revoked; connect the server again"
  }
  readonly retryable = false
  readonly disposition = notSent
}

/**
 * The new token opens a different Postmark server, probably another client's.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerMismatch
  extends Schema.TaggedError<ServerMismatch>("@effect-postmark/core/ConnectionError/ServerMismatch")(
    "ServerMismatch",
    { connectionId: ConnectionId, expectedServerId: Schema.Int, actualServerId: Schema.Int }
  )
{
  override get message(): string {
    return `the token opens server ${this.actualServerId}, but the connection belongs to server ${this.expectedServerId}; ` +
      "nothing was changed"
  }
  readonly retryable = false
  readonly disposition = notSent
}

/**
 * The token's server is already connected.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionExists
  extends Schema.TaggedError<ConnectionExists>("@effect-postmark/core/ConnectionError/ConnectionExists")(
    "ConnectionExists",
    {
      connectionId: Schema.NullOr(ConnectionId),
      serverId: Schema.Int
    }
  )
{
  override get message(): string {
    return `server ${this.serverId} is connected already; rotate that connection's token instead`
  }
  readonly retryable = false
  readonly disposition = notSent
}
