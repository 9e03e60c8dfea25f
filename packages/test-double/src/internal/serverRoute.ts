/** `GET /server` (Postmark API, F.4). */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import type { Handler } from "./call.ts"
import { ok } from "./http.ts"

type ServerResponse = typeof PostmarkApi.ServerResponse.Encoded

export const getServer: Handler = ({ server }) => {
  const { settings } = server
  const inboundHash = String(server.id).padStart(32, "0")
  const body: ServerResponse = {
    ID: server.id,
    Name: server.name,
    Color: settings.color ?? "blue",
    DeliveryType: settings.deliveryType ?? "Live",
    SmtpApiActivated: true,
    TrackOpens: settings.trackOpens ?? false,
    TrackLinks: settings.trackLinks ?? "None",
    PostFirstOpenOnly: false,
    InboundAddress: `${inboundHash}@inbound.postmarkapp.com`,
    InboundDomain: "",
    IncludeBounceContentInHook: settings.includeBounceContentInHook ?? false,
    EnableSmtpApiErrorHooks: false
  }
  return ok({
    ...body,
    ApiTokens: [settings.token],
    ServerLink: `https://account.postmarkapp.com/servers/${server.id}/streams`,
    RawEmailEnabled: false,
    InboundHash: inboundHash,
    InboundHookUrl: "",
    BounceHookUrl: "",
    OpenHookUrl: "",
    DeliveryHookUrl: "",
    ClickHookUrl: "",
    InboundSpamThreshold: 0
  })
}
