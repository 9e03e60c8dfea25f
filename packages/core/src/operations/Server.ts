/**
 * The operations on a connection's Postmark server. See https://postmarkapp.com/developer/api/server-api.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { maskedUrl } from "../internal/http/maskedUrl.ts"
import * as Operation from "../Operation.ts"
import { ServerChange, type ServerSettings } from "../Server.ts"
import { withoutMaskedUrls } from "./masked.ts"

const text = Schema.optional(Schema.String)
const flag = Schema.optional(Schema.Boolean)

/**
 * The settings of a Postmark server, without API tokens and without the credentials in its URLs. `redacted` is in the
 * place of credentials.
 *
 * @since 0.1.0
 * @category models
 */
export const PublicServerSettings = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  color: text,
  deliveryType: text,
  serverLink: text,
  smtpApiActivated: flag,
  rawEmailEnabled: flag,
  trackOpens: flag,
  trackLinks: text,
  postFirstOpenOnly: flag,
  inboundAddress: text,
  inboundHash: text,
  inboundDomain: text,
  inboundHookUrl: text,
  inboundSpamThreshold: Schema.optional(Schema.Number),
  bounceHookUrl: text,
  openHookUrl: text,
  deliveryHookUrl: text,
  clickHookUrl: text,
  includeBounceContentInHook: flag,
  enableSmtpApiErrorHooks: flag
}).annotations({ identifier: "PublicServerSettings" })

const hooks = ["inboundHookUrl", "bounceHookUrl", "openHookUrl", "deliveryHookUrl", "clickHookUrl"] as const

const shown = (settings: ServerSettings): typeof PublicServerSettings.Type => {
  const { bounceHookUrl, clickHookUrl, deliveryHookUrl, inboundHookUrl, openHookUrl, ...others } = settings
  const urls = { bounceHookUrl, clickHookUrl, deliveryHookUrl, inboundHookUrl, openHookUrl }
  return {
    ...others,
    ...Object.fromEntries(hooks.flatMap((hook) => {
      const url = urls[hook]
      return url === undefined ? [] : [[hook, maskedUrl(Redacted.value(url))]]
    }))
  }
}

const settings = {
  id: 812345,
  name: "Shop",
  color: "purple",
  deliveryType: "Live",
  trackOpens: true,
  trackLinks: "HtmlAndText",
  inboundAddress: "0123@inbound.postmarkapp.com",
  inboundHookUrl: "https://redacted@hooks.example.com/v1/webhooks/con_1"
}

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-server", Operation.reads, {
  ...Operation.empty,
  group: "server",
  member: "get",
  title: "Get the server",
  description:
    "The settings of the connection's Postmark server, without tokens and without the credentials in its URLs",
  method: "GET",
  path: "/server",
  success: PublicServerSettings,
  example: { success: settings },
  run: (_, client) => Effect.map(client.server.get, shown)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const edit = Operation.make("postmark/edit-server", Operation.changes, {
  ...Operation.empty,
  group: "server",
  member: "edit",
  title: "Edit the server",
  description:
    "Changes the settings of the connection's Postmark server; fields that are left out stay as they are, and an empty URL removes a hook",
  method: "PATCH",
  path: "/server",
  body: withoutMaskedUrls(ServerChange, hooks),
  success: PublicServerSettings,
  example: { body: { trackOpens: true }, success: settings },
  run: ({ body }, client) => Effect.map(client.server.edit(body), shown)
})
