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
import { Authorization } from "./Authorization.ts"
import * as Problem from "./Problem.ts"

/**
 * A connection's place in a path.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionPath = Schema.Struct({ id: Schema.String })

const ServerToken = Schema.Redacted(
  Schema.String.annotations({ description: "a Postmark server token; never given back" })
)

/**
 * What a connection is made of.
 *
 * @since 0.1.0
 * @category models
 */
export const Connect = Schema.Struct({ name: Schema.String, serverToken: ServerToken }).annotations({
  identifier: "Connect"
})

/**
 * The token that takes the place of the connection's own.
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
      .setPayload(Connect)
      .addSuccess(Connection, { status: 201 })
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.BadRequest, Problem.Forbidden, Problem.Conflict, Problem.TooLarge))
      .annotate(OpenApi.Summary, "Connect a Postmark server")
      .annotate(OpenApi.Description, "The token is checked against Postmark and stored encrypted. Admin keys only.")
  )
  .add(
    HttpApiEndpoint.get("list", "/v1/connections")
      .addSuccess(ConnectionList)
      .annotate(OpenApi.Summary, "List the connections that the API key may touch")
  )
  .add(
    HttpApiEndpoint.get("get", "/v1/connections/:id")
      .setPath(ConnectionPath)
      .addSuccess(Connection)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Get a connection")
  )
  .add(
    HttpApiEndpoint.post("check", "/v1/connections/:id/check")
      .setPath(ConnectionPath)
      .addSuccess(Checked)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Ask Postmark whether the connection's token still works")
  )
  .add(
    HttpApiEndpoint.post("rotate", "/v1/connections/:id/rotate")
      .setPath(ConnectionPath)
      .setPayload(Rotate)
      .addSuccess(Connection)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.Conflict, Problem.Gone, Problem.TooLarge))
      .annotate(OpenApi.Summary, "Replace the connection's token")
      .annotate(OpenApi.Description, "A token of another Postmark server is refused, and nothing changes.")
  )
  .add(
    HttpApiEndpoint.post("revoke", "/v1/connections/:id/revoke")
      .setPath(ConnectionPath)
      .addSuccess(Connection)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone))
      .annotate(OpenApi.Summary, "End the connection and forget its token")
  )
  .annotate(OpenApi.Title, "Connections")
  .middleware(Authorization)
{}
