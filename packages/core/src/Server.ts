/**
 * A Postmark server: the thing that one server token opens.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TrackLinks } from "./Email.ts"
import { valid, valueOf } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { wire } from "./internal/wire/wire.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

const text = Schema.optional(Schema.String)
const flag = Schema.optional(Schema.Boolean)

/**
 * The main settings of a Postmark server, without its API tokens. See
 * https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Server = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  color: text,
  deliveryType: Schema.optional(Schema.String.annotations({ description: "Live or Sandbox" })),
  smtpApiActivated: flag,
  trackOpens: flag,
  trackLinks: text,
  postFirstOpenOnly: flag,
  inboundAddress: text,
  inboundDomain: text,
  includeBounceContentInHook: flag,
  enableSmtpApiErrorHooks: flag
}).annotations({ identifier: "Server" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Server extends Schema.Schema.Type<typeof Server> {}

const setting = Schema.optionalWith(Schema.String, { nullable: true })
const toggle = Schema.optionalWith(Schema.Boolean, { nullable: true })
const hookUrl = Schema.optionalWith(Schema.Redacted(Schema.String), { nullable: true })

/**
 * All settings of a Postmark server but its API tokens. The URLs of its hooks are redacted, because they may hold a
 * user name and a password. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ServerSettings = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  color: setting,
  deliveryType: setting,
  serverLink: setting,
  smtpApiActivated: toggle,
  rawEmailEnabled: toggle,
  trackOpens: toggle,
  trackLinks: setting,
  postFirstOpenOnly: toggle,
  inboundAddress: setting,
  inboundHash: setting,
  inboundDomain: setting,
  inboundHookUrl: hookUrl,
  inboundSpamThreshold: Schema.optionalWith(Schema.Number, { nullable: true }),
  bounceHookUrl: hookUrl,
  openHookUrl: hookUrl,
  deliveryHookUrl: hookUrl,
  clickHookUrl: hookUrl,
  includeBounceContentInHook: toggle,
  enableSmtpApiErrorHooks: toggle
}).annotations({ identifier: "ServerSettings" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServerSettings extends Schema.Schema.Type<typeof ServerSettings> {}

const colors = new Set(["purple", "blue", "turquoise", "green", "red", "yellow", "grey", "orange"])
const change = Schema.optional(Schema.String)
const choice = Schema.optional(Schema.Boolean)

/**
 * Changes to a server; omitted fields stay unchanged, and an empty URL takes a hook away.
 * See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ServerChange = Schema.Struct({
  name: Schema.optional(Schema.String.pipe(Schema.minLength(1))),
  color: Schema.optional(
    Schema.String.pipe(
      Schema.filter((color) => colors.has(color.toLowerCase()) || `one of ${[...colors].join(", ")}`)
    )
  ),
  smtpApiActivated: choice,
  rawEmailEnabled: choice,
  trackOpens: choice,
  trackLinks: Schema.optional(TrackLinks),
  postFirstOpenOnly: choice,
  inboundDomain: change,
  inboundHookUrl: change,
  inboundSpamThreshold: Schema.optional(Schema.Int.pipe(Schema.between(0, 30))),
  bounceHookUrl: change,
  openHookUrl: change,
  deliveryHookUrl: change,
  clickHookUrl: change,
  includeBounceContentInHook: choice,
  enableSmtpApiErrorHooks: choice
}).annotations({ identifier: "ServerChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServerChange extends Schema.Schema.Type<typeof ServerChange> {}

/**
 * The answer of `/server`. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ServerResponse = wire(ServerSettings)

/**
 * `GET /server`. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getServer = HttpApiEndpoint.get("getServer", "/server").addSuccess(ServerResponse)

/**
 * `PUT /server`. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editServer = HttpApiEndpoint.put("editServer", "/server").setPayload(wire(ServerChange))
  .addSuccess(ServerResponse)

/**
 * The API endpoints for the token's own server. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("server").add(getServer).add(editServer)

/**
 * The operations on the token's own server. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly get: Effect.Effect<ServerSettings, ReadError>
  readonly edit: (change: ServerChange) => Effect.Effect<ServerSettings, ChangeError>
}

/**
 * A client's server, without `raw`, because Postmark's answer holds its tokens.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const get = transport.read(getServer)
  const edit = transport.change(editServer)
  return {
    get: valueOf(get({})),
    edit: (change) =>
      valid(ServerChange, "editServer", change).pipe(Effect.flatMap((payload) => edit({ payload })), valueOf)
  }
}
