/**
 * Handles trigger subscriptions.
 *
 * @since 0.1.0
 */
import { type Provisioned, Provisioning } from "@effect-postmark/automation/Provisioning"
import type { ProvisionError } from "@effect-postmark/automation/ProvisioningError"
import { RelayTargets } from "@effect-postmark/automation/RelayTargets"
import { Subscriptions } from "@effect-postmark/core/Subscriptions"
import { type Service, TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Api } from "../Api.ts"
import { Subscribe, Subscribed, SubscriptionList, TriggerList } from "../api/TriggersApi.ts"
import { mayTouch } from "../internal/access.ts"
import { PublicUrlMissing } from "../internal/failures.ts"
import * as AuditNote from "../internal/guard/auditNote.ts"
import { eventSchema } from "../internal/openApiTriggers.ts"
import * as Problems from "../internal/problems.ts"
import { receiverUrl } from "../internal/receiverUrl.ts"
import { RequestId } from "../internal/requestId.ts"
import * as Responses from "../internal/responses.ts"

/**
 * Handles subscriptions. `publicUrl` is the address at which Postmark reaches this server.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: { readonly publicUrl?: string | undefined }) =>
  HttpApiBuilder.group(Api, "triggers", (handlers) =>
    Effect.gen(function*() {
      const subscriptions = yield* Subscriptions
      const registry = yield* TriggerRegistry
      const targets = yield* RelayTargets
      const provisioning = yield* Effect.serviceOption(Provisioning)
      const definitions = definitionsOf(registry)

      /** The target first: its URL can be refused, and unlike a subscription it leaves no trace when it is removed. */
      const subscribeWithRelay = (
        asked: Parameters<typeof subscriptions.subscribe>[0],
        relay: { readonly url: string } | undefined
      ) =>
        Effect.gen(function*() {
          if (relay === undefined) {
            return { made: yield* subscriptions.subscribe(asked), relayTarget: undefined }
          }
          const { isNew, relayTarget } = yield* targetOf(asked, relay.url)
          const made = yield* subscriptions.subscribe(asked).pipe(
            Effect.onError(() => isNew ? Effect.ignore(targets.remove(relayTarget.target.id)) : Effect.void)
          )
          return { made, relayTarget }
        })

      const targetOf = (asked: { readonly connectionId: string; readonly trigger: string }, url: string) =>
        targets.create({ ...asked, url }).pipe(
          Effect.map(({ secret, target }) => ({
            isNew: true,
            relayTarget: { target, secret: Redacted.value(secret) }
          })),
          Effect.catchTag("RelayTargetConflict", (conflict) =>
            Effect.gen(function*() {
              const { href } = new URL(url)
              const id = registry.get(asked.trigger)?.id
              const all = yield* targets.list(asked.connectionId)
              const target = all.find((one) => one.trigger === id && one.url === href)
              return target === undefined ? yield* conflict : { isNew: false, relayTarget: { target } }
            }))
        )

      return handlers
        .handleRaw("definitions", () => definitions)
        .handleRaw("subscribe", ({ path, request }) =>
          Effect.gen(function*() {
            yield* mayTouch(path.id)
            const { provision, relay, ...asked } = yield* subscribe(request)
            // Before anything is changed.
            if (provision !== undefined && Option.isNone(provisioning)) return yield* new PublicUrlMissing()
            const wanted = { ...asked, connectionId: path.id }
            const { made, relayTarget } = yield* subscribeWithRelay(wanted, relay)
            yield* AuditNote.note({ targetId: made.subscription.id })
            const webhooks = provision === undefined || Option.isNone(provisioning)
              ? { provisioning: undefined, provisioningProblem: undefined }
              : yield* provisionedBy(provisioning.value.provision({ ...provision, connectionId: path.id }))
            const url = receiverUrl(options.publicUrl, path.id)
            const { generatedSecret, warnings, ...about } = made
            const isTurnedOn = webhooks.provisioning?.openTracking === "turnedOn"
            return yield* subscribed({
              ...about,
              warnings: isTurnedOn ? warnings.filter((text) => !text.startsWith("open tracking is off")) : warnings,
              receiverUrl: url,
              ...(url === null ? { note: noPublicUrl } : {}),
              ...(Option.isSome(generatedSecret) ? { generatedSecret: Redacted.value(generatedSecret.value) } : {}),
              ...(relayTarget === undefined ? {} : { relayTarget }),
              ...webhooks
            })
          }).pipe(Responses.orProblem))
        .handleRaw("list", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(subscriptions.list(path.id)),
            Effect.flatMap((all) => list({ subscriptions: all, receiverUrl: receiverUrl(options.publicUrl, path.id) })),
            Responses.orProblem
          ))
        .handleRaw("finishRotation", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(subscriptions.finishRotation(path.id)),
            Effect.as(Responses.noContent),
            Responses.orProblem
          ))
        .handleRaw("unsubscribe", ({ path }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(subscriptions.unsubscribe(path.id, path.subscriptionId)),
            Effect.as(Responses.noContent),
            Responses.orProblem
          ))
    }))

const definitionsOf = ({ triggers }: Service) =>
  definitions({
    triggers: triggers.map((trigger) => {
      const { description, id, name, recordType, title } = trigger
      return { id, name, title, description, recordType, event: eventSchema(trigger) }
    })
  })

const provisionedBy = (made: Effect.Effect<Provisioned, ProvisionError>) =>
  Effect.matchEffect(made, {
    onSuccess: (webhooks) => Effect.succeed({ provisioning: webhooks, provisioningProblem: undefined }),
    // The response has secrets that are shown only once, so it cannot be a problem.
    onFailure: (failure) =>
      Effect.map(RequestId, (requestId) => ({
        provisioning: undefined,
        provisioningProblem: Problems.of(failure, requestId).problem
      }))
  })

const noPublicUrl =
  "missing public URL: set EFFECT_POSTMARK_PUBLIC_URL, then list the subscriptions to get the receiver's URL"

const subscribe = Responses.payload("subscribe", Subscribe)
const subscribed = Responses.json(Subscribed, 201)
const list = Responses.json(SubscriptionList)
const definitions = Responses.json(TriggerList)
