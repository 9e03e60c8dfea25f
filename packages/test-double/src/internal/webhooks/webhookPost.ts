/**
 * Posts to a webhook once: to allowed hosts only, with the credentials it was given
 * (https://postmarkapp.com/developer/webhooks/webhooks-overview).
 */
import * as Effect from "effect/Effect"
import { WebhookPostError, type WebhookSender } from "../../WebhookSender.ts"
import { isLoopback } from "../http/loopback.ts"
import { decodeSafely } from "../rules/fields.ts"
import type { Webhook } from "../state/state.ts"

export interface Posting {
  readonly sender: WebhookSender
  readonly timeout: number
}

/** The answer to a single post; `status` is undefined if there was none. */
export interface Posted {
  readonly status: number | undefined
  readonly message: string
}

export const post = (
  { sender, timeout }: Posting,
  hosts: ReadonlyArray<string>,
  url: URL,
  headers: { readonly [name: string]: string },
  body: string
): Effect.Effect<Posted | "refused"> => {
  if (!isAllowed(url, hosts)) return Effect.succeed("refused" as const)
  const bare = new URL(url)
  bare.username = ""
  bare.password = ""
  return sender({ url: bare.href, headers, body }).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new WebhookPostError({ message: `no answer within ${timeout} ms` })
    }),
    // A sender that is broken is a webhook that was not posted, and never one that is forgotten.
    Effect.catchAllDefect(() => new WebhookPostError({ message: "the webhook sender failed" })),
    Effect.match({
      onSuccess: (status): Posted => ({ status, message: `status ${status}` }),
      onFailure: ({ message }): Posted => ({ status: undefined, message })
    })
  )
}

export const refusedHost = ({ hostname }: URL): string => `the double posts to the loopback only, not to ${hostname}`

export const withCredentials = (
  webhook: Pick<Webhook, "auth" | "headers">,
  url: URL,
  own: { readonly [name: string]: string }
): { readonly [name: string]: string } => {
  const headers = { ...own }
  // Not documented (docs/postmark.md#webhooks): which credentials win. Here HttpAuth goes before the URL, and
  // HttpHeaders before both.
  if (webhook.auth !== undefined) {
    headers["Authorization"] = basic(webhook.auth.Username, webhook.auth.Password)
  } else if (url.username !== "" || url.password !== "") {
    headers["Authorization"] = basic(decodeSafely(url.username), decodeSafely(url.password))
  }
  for (const { Name, Value } of webhook.headers) {
    for (const name of Object.keys(headers)) {
      if (name.toLowerCase() === Name.toLowerCase()) delete headers[name]
    }
    headers[Name] = Value
  }
  return headers
}

const basic = (username: string, password: string): string => {
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

const isAllowed = ({ hostname }: URL, hosts: ReadonlyArray<string>): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase()
  return isLoopback(host) || hosts.some((allowed) => allowed.toLowerCase() === host)
}
