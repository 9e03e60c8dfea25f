/**
 * Probes of a webhook's URL, one for each enabled trigger
 * (https://postmarkapp.com/developer/api/webhooks-api).
 */
import * as Effect from "effect/Effect"
import { TriggerName } from "../../PostmarkServer.ts"
import { ok, type Refusal, refusal } from "../http/response.ts"
import type { Handler, Result } from "../routes/call.ts"
import { numericId } from "../rules/fields.ts"
import type { Triggers, Webhook } from "../state/state.ts"
import type { Dispatch } from "./dispatch.ts"

export type Trigger = keyof Triggers

export interface ProbeResult {
  readonly TriggerType: Trigger
  readonly Success: boolean
  readonly StatusCode: number | null
  readonly Message: string
}

/** Answers 200 even when the verification fails; what fails gets no events any more. */
export const verifyWebhook: Handler = ({ dispatch, path, server }) => {
  const webhook = server.webhooks.get(numericId(path))
  if (webhook === undefined) return webhookNotFound
  return Effect.map(probeTriggers(dispatch, webhook, enabledTriggers(webhook)), (results): Result => {
    const present = server.webhooks.get(webhook.id)
    const verified = new Set(results.filter(({ Success }) => Success).map(({ TriggerType }) => TriggerType))
    // A webhook that was changed or deleted while the probes were under way is left alone.
    if (present === webhook) server.webhooks.set(webhook.id, { ...webhook, verified })
    return ok({ ...verification(webhook, results), Message: verificationText(results) })
  })
}

export const webhookNotFound: Refusal = refusal(1352, "The webhook for the provided 'ID' was not found.")

export const enabledTriggers = ({ triggers }: Webhook): ReadonlyArray<Trigger> =>
  triggerNames.filter((name) => triggers[name].Enabled)

/** Only 200 will do. */
export const probeTriggers = (
  dispatch: Dispatch,
  webhook: Webhook,
  triggers: ReadonlyArray<Trigger>
): Effect.Effect<ReadonlyArray<ProbeResult>> =>
  Effect.forEach(triggers, (trigger) =>
    Effect.map(
      dispatch.probe(webhook, trigger),
      ({ message, status }): ProbeResult => ({
        TriggerType: trigger,
        Success: status === 200,
        StatusCode: status ?? null,
        Message: message
      })
    ))

export const verification = ({ id, url }: Webhook, results: ReadonlyArray<ProbeResult>) => ({
  Id: id,
  Url: url,
  Success: results.every(({ Success }) => Success),
  Results: results
})

export const verificationText = (results: ReadonlyArray<ProbeResult>): string =>
  `${results.filter(({ Success }) => Success).length}/${results.length} triggers verified successfully`

const triggerNames = TriggerName.literals
