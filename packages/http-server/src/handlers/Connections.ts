/**
 * Handles connections.
 *
 * @since 0.1.0
 */
import * as Core from "@effect-postmark/core/Connections"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Api } from "../Api.ts"
import { Caller } from "../api/Authorization.ts"
import { Checked, Connect, ConnectionList, Rotate } from "../api/ConnectionsApi.ts"
import { mayAdminister, mayTouch } from "../internal/access.ts"
import * as AuditNote from "../internal/guard/auditNote.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(
  Api,
  "connections",
  (handlers) =>
    Effect.map(Core.Connections, (connections) =>
      handlers
        .handleRaw("connect", ({ request }) =>
          mayAdminister.pipe(
            Effect.zipRight(connect(request)),
            Effect.flatMap((input) => connections.connect(input)),
            Effect.tap(({ id }) => AuditNote.note({ connectionId: id })),
            Effect.flatMap(created),
            Responses.orProblem
          ))
        .handleRaw("list", () =>
          Effect.all([Caller, connections.list]).pipe(
            Effect.flatMap(([caller, all]) =>
              list({ connections: all.filter(({ id }) => caller.connections?.includes(id) ?? true) })
            ),
            Responses.orProblem
          ))
        .handleRaw("get", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(connections.get(path.id)),
            Effect.flatMap(connection),
            Responses.orProblem
          ))
        .handleRaw("check", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(connections.check(path.id)),
            Effect.flatMap(checked),
            Responses.orProblem
          ))
        .handleRaw("rotate", ({ path, request }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(rotate(request)),
            Effect.flatMap(({ serverToken }) => connections.rotate(path.id, serverToken)),
            Effect.flatMap(connection),
            Responses.orProblem
          ))
        .handleRaw("revoke", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(connections.revoke(path.id)),
            Effect.flatMap(connection),
            Responses.orProblem
          )))
)

const connect = Responses.payload("connect", Connect)
const rotate = Responses.payload("rotate", Rotate)
const connection = Responses.json(Core.Connection)
const created = Responses.json(Core.Connection, 201)
const list = Responses.json(ConnectionList)
const checked = Responses.json(Checked)
