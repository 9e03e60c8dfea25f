/**
 * Handles trigger subscriptions.
 *
 * @since 0.1.0
 */
import { Subscriptions } from "@effect-postmark/core/Subscriptions"
import { type Service, TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Api } from "../Api.ts"
import { Subscribe, Subscribed, SubscriptionList, TriggerList } from "../api/TriggersApi.ts"
import { mayTouch } from "../internal/access.ts"
import { eventSchema } from "../internal/openApiTriggers.ts"
import { receiverUrl } from "../internal/receiverUrl.ts"
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
      const definitions = definitionsOf(registry)
      return handlers
        .handleRaw("definitions", () => definitions)
        .handleRaw("subscribe", ({ path, request }) =>
          mayTouch(path.id).pipe(
            Effect.zipRight(subscribe(request)),
            Effect.flatMap((input) => subscriptions.subscribe({ ...input, connectionId: path.id })),
            Effect.flatMap(({ generatedSecret, ...made }) => {
              const url = receiverUrl(options.publicUrl, path.id)
              return subscribed({
                ...made,
                receiverUrl: url,
                ...(url === null ? { note: noPublicUrl } : {}),
                ...(Option.isSome(generatedSecret) ? { generatedSecret: Redacted.value(generatedSecret.value) } : {})
              })
            }),
            Responses.orProblem
          ))
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

const noPublicUrl =
  "missing public URL: set EFFECT_POSTMARK_PUBLIC_URL, then list the subscriptions to get the receiver's URL"

const subscribe = Responses.payload("subscribe", Subscribe)
const subscribed = Responses.json(Subscribed, 201)
const list = Responses.json(SubscriptionList)
const definitions = Responses.json(TriggerList)
