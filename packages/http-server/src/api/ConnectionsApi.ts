/**
 * Connections: one per Postmark server.
 *
 * @since 0.1.0
 */
import { Connection } from "@effect-postmark/core/Connections"
import { Server } from "@effect-postmark/core/Server"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import * as Problem from "./Problem.ts"
import { Repeat } from "./Repeat.ts"

/**
 * The path parameter of a connection.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionPath = Schema.Struct({ id: Schema.String })

const ServerToken = Schema.Redacted(
  Schema.String.annotations({ description: "a Postmark server token; no response contains it" })
)

/**
 * The payload that creates a connection.
 *
 * @since 0.1.0
 * @category models
 */
export const Connect = Schema.Struct({ name: Schema.String, serverToken: ServerToken }).annotations({
  identifier: "Connect"
})

/**
 * The payload that replaces a connection's token.
 *
 * @since 0.1.0
 * @category models
 */
export const Rotate = Schema.Struct({ serverToken: ServerToken }).annotations({ identifier: "Rotate" })

/**
 * The connections, oldest first.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionList = Schema.Struct({ connections: Schema.Array(Connection) }).annotations({
  identifier: "ConnectionList"
})

/**
 * A connection whose token Postmark has just accepted, with the server's settings.
 *
 * @since 0.1.0
 * @category models
 */
export const Checked = Schema.Struct({ connection: Connection, server: Server }).annotations({ identifier: "Checked" })

/**
 * The routes of connections.
 *
 * @since 0.1.0
 * @category groups
 */
export class ConnectionsApi extends HttpApiGroup.make("connections")
  .add(
    HttpApiEndpoint.post("connect", "/v1/connections")
      .annotate(Access, "admin")
      .setPayload(Connect)
      .addSuccess(Connection, { status: 201 })
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.BadRequest, Problem.Forbidden, Problem.Conflict, Problem.TooLarge))
      .annotate(OpenApi.Summary, "Connect a Postmark server")
      .annotate(
        OpenApi.Description,
        "The server checks the token with Postmark and stores it encrypted. Requires an admin key."
      )
  )
  .add(
    HttpApiEndpoint.get("list", "/v1/connections")
      .annotate(Access, "read")
      .addSuccess(ConnectionList)
      .annotate(OpenApi.Summary, "List the connections that the API key can access")
  )
  .add(
    HttpApiEndpoint.get("get", "/v1/connections/:id")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .addSuccess(Connection)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Get a connection")
  )
  .add(
    HttpApiEndpoint.post("check", "/v1/connections/:id/check")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .addSuccess(Checked)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Check the connection's token with Postmark")
  )
  .add(
    HttpApiEndpoint.post("rotate", "/v1/connections/:id/rotate")
      .annotate(Access, "manage")
      .annotate(Repeat, "again")
      .setPath(ConnectionPath)
      .setPayload(Rotate)
      .addSuccess(Connection)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.Conflict, Problem.Gone, Problem.TooLarge))
      .annotate(OpenApi.Summary, "Replace the connection's token")
      .annotate(OpenApi.Description, "The server rejects a token of another Postmark server, and nothing changes.")
  )
  .add(
    HttpApiEndpoint.post("revoke", "/v1/connections/:id/revoke")
      .annotate(Access, "manage")
      .annotate(Repeat, "again")
      .setPath(ConnectionPath)
      .addSuccess(Connection)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone))
      .annotate(OpenApi.Summary, "Revoke the connection and delete its token")
  )
  .annotate(OpenApi.Title, "Connections").annotate(
    OpenApi.Description,
    "The connected Postmark servers, one for each server token."
  )
  .middleware(Authorization)
{}
