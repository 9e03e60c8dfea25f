/**
 * The servers of a Postmark account. These calls need an account token.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Acknowledgement } from "./ApiResponse.ts"
import { acknowledged, decoded, valid, valueOf } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { IdPath, list } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { pagingFields } from "./Paging.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"
import { ServerChange, ServerSettings } from "./Server.ts"

/**
 * A server as its account sees it, with the tokens that open it. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const AccountServer = Schema.Struct({
  ...ServerSettings.fields,
  apiTokens: list(Schema.Redacted(Schema.String))
}).annotations({ identifier: "AccountServer" })

/**
 * @since 0.1.0
 * @category models
 */
export interface AccountServer extends Schema.Schema.Type<typeof AccountServer> {}

/**
 * One page of servers. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ServersPage = Schema.Struct({ totalCount: Schema.Int, servers: Schema.Array(AccountServer) })
  .annotations({ identifier: "ServersPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServersPage extends Schema.Schema.Type<typeof ServersPage> {}

/**
 * Which servers to list; `name` matches a part of the name. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ServersQuery = Schema.Struct({ ...pagingFields, name: Schema.optional(Schema.String) })
  .annotations({ identifier: "ServersQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServersQuery extends Schema.Schema.Type<typeof ServersQuery> {}

/**
 * A server to create; whether it is live or a sandbox can never change.
 * See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewServer = Schema.Struct({
  ...ServerChange.fields,
  name: Schema.String.pipe(Schema.minLength(1)),
  deliveryType: Schema.optional(Schema.Literal("Live", "Sandbox"))
}).annotations({ identifier: "NewServer" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewServer extends Schema.Schema.Type<typeof NewServer> {}

/**
 * One server of `/servers`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const AccountServerResponse = wire(AccountServer)

/**
 * `GET /servers`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listServers = HttpApiEndpoint.get("listServers", "/servers").setUrlParams(parameters(ServersQuery))
  .addSuccess(wire(ServersPage))

/**
 * `GET /servers/{id}`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getAccountServer = HttpApiEndpoint.get("getAccountServer", "/servers/:id").setPath(IdPath)
  .addSuccess(AccountServerResponse)

/**
 * `POST /servers`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createServer = HttpApiEndpoint.post("createServer", "/servers").setPayload(wire(NewServer))
  .addSuccess(AccountServerResponse)

/**
 * `PUT /servers/{id}`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editAccountServer = HttpApiEndpoint.put("editAccountServer", "/servers/:id").setPath(IdPath)
  .setPayload(wire(ServerChange)).addSuccess(AccountServerResponse)

/**
 * `DELETE /servers/{id}`. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteServer = HttpApiEndpoint.del("deleteServer", "/servers/:id").setPath(IdPath)
  .addSuccess(Acknowledgement)

/**
 * The API endpoints for servers. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("servers").add(listServers).add(getAccountServer).add(createServer)
  .add(editAccountServer).add(deleteServer)

/**
 * The operations on the servers of an account. See https://postmarkapp.com/developer/api/servers-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (query?: typeof ServersQuery.Encoded) => Effect.Effect<ServersPage, ReadError>
  readonly get: (id: number) => Effect.Effect<AccountServer, ReadError>
  readonly create: (server: NewServer) => Effect.Effect<AccountServer, ChangeError>
  readonly edit: (id: number, change: ServerChange) => Effect.Effect<AccountServer, ChangeError>
  /** Postmark refuses this (code 604) to accounts that may not delete servers through the API. */
  readonly delete: (id: number) => Effect.Effect<void, ChangeError>
}

/**
 * The servers of a client's account, without `raw`, because Postmark's answer holds their
 * tokens.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const page = transport.read(listServers)
  const get = transport.read(getAccountServer)
  const create = transport.change(createServer)
  const edit = transport.change(editAccountServer)
  const remove = transport.change(deleteServer)
  return {
    list: (query = {}) =>
      decoded(ServersQuery, "listServers", query).pipe(Effect.flatMap((urlParams) => page({ urlParams })), valueOf),
    get: (id) => valueOf(get({ path: { id } })),
    create: (server) =>
      valid(NewServer, "createServer", server).pipe(Effect.flatMap((payload) => create({ payload })), valueOf),
    edit: (id, change) =>
      valid(ServerChange, "editAccountServer", change).pipe(
        Effect.flatMap((payload) => edit({ path: { id }, payload })),
        valueOf
      ),
    delete: (id) => acknowledged("deleteServer", remove({ path: { id } }))
  }
}
