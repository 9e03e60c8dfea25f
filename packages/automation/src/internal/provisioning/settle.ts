/** Makes the webhook of one message stream as it should be. Every step is safe to repeat. */
import type { Service as Client } from "@effect-postmark/core/PostmarkClient"
import type { ChangeError, InvalidToken, ReadError } from "@effect-postmark/core/PostmarkError"
import type { Webhook } from "@effect-postmark/core/Webhook"
import * as Effect from "effect/Effect"
import type { Action, StreamResult, Verification } from "../../Provisioning.ts"
import * as Wanted from "./wanted.ts"

export type WebhookClient = Pick<Client, "webhooks">

/** Ours are known by the receiver's URL; oldest first. */
export const ours = (
  client: WebhookClient,
  url: string,
  messageStream?: string
): Effect.Effect<ReadonlyArray<Webhook>, ReadError> =>
  Effect.map(
    client.webhooks.list({ messageStream }),
    (all) =>
      all.filter((webhook) =>
        Wanted.isAt(webhook.url, url) && (messageStream === undefined || streamOf(webhook) === messageStream)
      ).sort((a, b) => a.id - b.id)
  )

export const streamOf = ({ messageStream = "outbound" }: Webhook): string => messageStream

/**
 * What Postmark refuses is the stream's result, which the next call repairs. A token that Postmark does not know is the
 * end of all.
 */
export const settle = (
  client: WebhookClient,
  messageStream: string,
  wanted: Wanted.Wanted,
  verify: Verify
): Effect.Effect<StreamResult, InvalidToken> =>
  Effect.suspend(() => {
    const progress: Progress = { action: "unchanged", changes: [], webhookId: null }
    return Effect.gen(function*() {
      const kept = yield* keep(client, messageStream, wanted, verify.probe, progress)
      progress.webhookId = kept.id
      const verification = verify.test ? yield* verified(client, kept) : null
      if (kept.status === "unverified" && verification?.success === true && progress.action === "unchanged") {
        progress.action = "repaired"
        progress.changes.push("status")
      }
      return { messageStream, ...progress, verification, failure: null }
    }).pipe(
      Effect.catchAll((error) =>
        error._tag === "InvalidToken" ? Effect.fail(error) : Effect.succeed<StreamResult>({
          messageStream,
          ...progress,
          action: "failed",
          verification: null,
          failure: { tag: error._tag, message: error.message }
        })
      )
    )
  })

/** `probe`: whether Postmark probes what is new. `test`: whether it is asked to probe everything at the end. */
export interface Verify {
  readonly probe: boolean
  readonly test: boolean
}

interface Progress {
  action: Action
  webhookId: number | null
  readonly changes: Array<string>
}

/** Whoever provisions at the same time does the same: of several webhooks the oldest stays. */
const keep = (
  client: WebhookClient,
  messageStream: string,
  wanted: Wanted.Wanted,
  probe: boolean,
  progress: Progress
): Effect.Effect<Webhook, ChangeError | ReadError> =>
  Effect.gen(function*() {
    const unprobed = { verify: false }
    const present = yield* ours(client, wanted.url, messageStream)
    const [oldest] = present.filter((webhook) => !Wanted.hasOtherAuth(webhook))
    if (oldest === undefined) {
      progress.action = present.length === 0 ? "created" : "replaced"
      if (present.length > 0) progress.changes.push("httpAuth")
      const made = yield* client.webhooks.create({
        ...Wanted.settings(wanted),
        messageStream,
        ...(probe ? {} : unprobed)
      })
      progress.webhookId = made.id
      // Once more: somebody else may have created one too, and the replaced one goes.
      return yield* keep(client, messageStream, wanted, probe, progress)
    }
    progress.webhookId = oldest.id
    const changes = Wanted.differences(oldest, wanted)
    // Without something new to probe, the flag could take the verification of all triggers away.
    const isNew = changes.some((name) => name === "url" || name.startsWith("triggers."))
    const kept = changes.length === 0
      ? oldest
      : yield* client.webhooks.update(oldest.id, {
        ...Wanted.settings(wanted, oldest),
        ...(probe || !isNew ? {} : unprobed)
      })
    if (changes.length > 0) {
      if (progress.action === "unchanged") progress.action = "repaired"
      progress.changes.push(...changes)
    }
    const others = present.filter(({ id }) => id !== oldest.id)
    for (const { id } of others) {
      yield* client.webhooks.delete(id).pipe(
        Effect.catchIf((error) => error._tag === "ValidationFailure" && error.reason === "notFound", () => Effect.void)
      )
    }
    if (others.length > 0 && progress.action === "unchanged") {
      progress.action = "repaired"
      progress.changes.push("duplicates")
    }
    return kept
  })

/** Postmark's own test of a webhook: a probe of each of its triggers. */
const verified = (client: WebhookClient, { id }: Webhook): Effect.Effect<Verification, ReadError> =>
  Effect.map(client.webhooks.verify(id), ({ results, success }) => ({
    success,
    failed: (results ?? []).filter((result) => !result.success).map(({ statusCode, triggerType }) => ({
      trigger: triggerType ?? "",
      status: statusCode ?? null
    }))
  }))
