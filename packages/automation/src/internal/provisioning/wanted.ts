/** What a connection's webhook in Postmark should be, and how one differs from it. */
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import type { Webhook, WebhookTriggers } from "@effect-postmark/core/Webhook"
import * as Redacted from "effect/Redacted"

export interface Wanted {
  readonly url: string
  /** The full value of the Authorization header. */
  readonly secret: Redacted.Redacted
  readonly enabled: ReadonlySet<TriggerName>
}

export type TriggerName = keyof WebhookTriggers

const names: { readonly [trigger: string]: TriggerName } = {
  [PostmarkTriggers.EmailDelivered.id]: "delivery",
  [PostmarkTriggers.EmailBounced.id]: "bounce",
  [PostmarkTriggers.EmailOpened.id]: "open",
  [PostmarkTriggers.LinkClicked.id]: "click",
  [PostmarkTriggers.SpamComplaint.id]: "spamComplaint",
  [PostmarkTriggers.SubscriptionChanged.id]: "subscriptionChange"
}

const allNames: ReadonlyArray<TriggerName> = Object.values(names)

/** Postmark's names of the triggers that a webhook can have; inbound email goes to no webhook. */
export const triggerNames = (triggers: ReadonlyArray<string>): ReadonlySet<TriggerName> =>
  new Set(triggers.flatMap((trigger) => names[trigger] ?? []))

/** The same place, however it is written: with a user, in another case of the host, with a slash at its end. */
export const isAt = (url: string, wanted: string): boolean => {
  const [one, other] = [placeOf(url), placeOf(wanted)]
  return one !== undefined && one === other
}

const placeOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { host, pathname, protocol } = new URL(text)
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`
}

/** The names of what is not as wanted. No value is in them. */
export const differences = (webhook: Webhook, wanted: Wanted): ReadonlyArray<string> => [
  ...(webhook.url === wanted.url ? [] : ["url"]),
  ...(hasOtherAuth(webhook) ? ["httpAuth"] : []),
  ...(hasSecret(webhook, wanted.secret) ? [] : ["authorization"]),
  ...allNames.flatMap((name) => {
    const isEnabled = webhook.triggers?.[name]?.enabled ?? false
    return isEnabled === wanted.enabled.has(name) ? [] : [`triggers.${name}`]
  })
]

export const hasSecret = (webhook: Webhook, secret: Redacted.Redacted): boolean => {
  const values = (webhook.httpHeaders ?? []).filter(isAuthorization).map(({ value }) => Redacted.value(value))
  return values.length === 1 && values[0] === Redacted.value(secret)
}

/** Basic authentication would be a second Authorization header, and the API documents no way to take it away. */
export const hasOtherAuth = (webhook: Webhook): boolean => webhook.httpAuth !== undefined && webhook.httpAuth !== null

/** All settings of the wanted webhook. Headers of others, and settings that we have no wish for, are kept. */
export const settings = (wanted: Wanted, present?: Webhook) => ({
  url: wanted.url,
  httpHeaders: [
    ...(present?.httpHeaders ?? []).filter((header) => !isAuthorization(header)),
    { name: "Authorization", value: wanted.secret }
  ],
  triggers: {
    open: { ...present?.triggers?.open, enabled: wanted.enabled.has("open") },
    click: { enabled: wanted.enabled.has("click") },
    delivery: { enabled: wanted.enabled.has("delivery") },
    bounce: { ...present?.triggers?.bounce, enabled: wanted.enabled.has("bounce") },
    spamComplaint: { ...present?.triggers?.spamComplaint, enabled: wanted.enabled.has("spamComplaint") },
    subscriptionChange: { enabled: wanted.enabled.has("subscriptionChange") }
  }
})

const isAuthorization = ({ name }: { readonly name: string }) => name.toLowerCase() === "authorization"
