/**
 * The hooks that a server has in its own fields, from before webhooks had ids
 * (https://postmarkapp.com/developer/api/webhooks-api).
 */
import type { Server, Triggers, Webhook } from "../state/state.ts"
import { triggersOf } from "./triggers.ts"

/** It has no id. Not established (docs/postmark.md#webhooks): for which streams; here it is the default one. */
export const legacyHook = (server: Server, trigger: keyof Triggers): Webhook | undefined => {
  const { BounceHookUrl, ClickHookUrl, DeliveryHookUrl, OpenHookUrl, PostFirstOpenOnly } = server.fields
  const urls: Partial<Record<keyof Triggers, string>> = {
    Bounce: BounceHookUrl,
    Click: ClickHookUrl,
    Delivery: DeliveryHookUrl,
    Open: OpenHookUrl
  }
  const url = urls[trigger] ?? ""
  if (url === "") return undefined
  const triggers = triggersOf([trigger])
  return {
    id: 0,
    url,
    stream: "outbound",
    verified: new Set([trigger]),
    auth: undefined,
    headers: [],
    triggers: { ...triggers, Open: { ...triggers.Open, PostFirstOpenOnly } }
  }
}
