/** Compares the webhook of a stream with what it should be. */
import type { ReadError } from "@effect-postmark/core/PostmarkError"
import type { Webhook } from "@effect-postmark/core/Webhook"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { StreamCheck } from "../../Provisioning.ts"
import type { WebhookClient } from "./settle.ts"
import * as Wanted from "./wanted.ts"

export const checkOf = (
  client: WebhookClient,
  messageStream: string,
  present: ReadonlyArray<Webhook>,
  wanted: Wanted.Wanted,
  previous: Redacted.Redacted | undefined
): Effect.Effect<StreamCheck, ReadError> =>
  Effect.gen(function*() {
    const [webhook, ...others] = present
    if (webhook === undefined) return { messageStream, webhookId: null, state: "missing", differences: [] }
    const differences = Wanted.differences(webhook, wanted).map((name) =>
      name === "authorization" && previous !== undefined && Wanted.hasSecret(webhook, previous)
        ? "authorization: the secret from before the rotation"
        : name
    )
    const all = [...differences, ...(others.length > 0 ? ["duplicates"] : [])]
    const paused = webhook.status === "unverified" ? yield* pausedTriggers(client, webhook) : []
    const state = all.length > 0 ? "edited" : paused.length > 0 ? "paused" : "ok"
    return { messageStream, webhookId: webhook.id, state, differences: [...all, ...paused] }
  })

/** Postmark pauses each trigger by itself; only the statistics name them. */
const pausedTriggers = (client: WebhookClient, { id }: Webhook): Effect.Effect<ReadonlyArray<string>, ReadError> =>
  Effect.map(client.webhooks.statistics(id), ({ statuses }) => {
    const paused = Object.entries(statuses ?? {}).filter(([, status]) => status === "unverified")
    return paused.length === 0 ? ["paused"] : paused.map(([name]) => `paused: ${name}`)
  })
