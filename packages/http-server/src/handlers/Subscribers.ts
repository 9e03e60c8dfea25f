/**
 * Handles the dead letters of subscribers.
 *
 * @since 0.1.0
 */
import * as Core from "@effect-postmark/automation/Subscribers"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { Subscription } from "@effect-postmark/core/SubscriberStore"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { Caller } from "../api/Authorization.ts"
import * as SubscribersApi from "../api/SubscribersApi.ts"
import { mayAdminister, mayTouch } from "../internal/access.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "subscribers", (handlers) =>
  Effect.gen(function*() {
    const subscribers = yield* Core.Subscribers

    const change = (
      request: HttpServerRequest.HttpServerRequest,
      changed: (subscription: Subscription, which: Core.Selection) => Effect.Effect<number, StoreUnavailable>
    ) =>
      Effect.gen(function*() {
        const { dryRun = false, subscriber, trigger, ...which } = yield* choose(request)
        const connections = yield* reachable(which.connections)
        const make = dryRun ? subscribers.count : changed
        return yield* result({ count: yield* make({ subscriber, trigger }, { ...which, connections }), dryRun })
      }).pipe(Responses.orProblem)

    return handlers
      .handleRaw("list", () =>
        mayAdminister.pipe(
          Effect.zipRight(subscribers.counts),
          Effect.flatMap((all) => list({ subscribers: all })),
          Responses.orProblem
        ))
      .handleRaw("deadLetters", () =>
        Effect.gen(function*() {
          const { after, connection, limit, subscriber, trigger } = yield* query(
            yield* HttpServerRequest.ParsedSearchParams
          )
          const connections = yield* reachable(connection === undefined ? undefined : [connection])
          const found = yield* subscribers.deadLetters({ subscriber, trigger }, { after, limit, connections })
          const last = found.length === limit ? found.at(-1) : undefined
          return yield* page({ deadLetters: found, nextAfter: last?.sequence ?? null })
        }).pipe(Responses.orProblem))
      .handleRaw("replay", ({ request }) => change(request, subscribers.replay))
      .handleRaw("discard", ({ request }) => change(request, subscribers.discard))
  }))

/** The connections that are asked for, or else all that the key can access; undefined is every connection. */
const reachable = (asked: ReadonlyArray<string> | undefined) =>
  Effect.gen(function*() {
    if (asked === undefined) return (yield* Caller).connections ?? undefined
    yield* Effect.forEach(asked, mayTouch, { discard: true })
    return asked
  })

const choose = Responses.payload("chooseDeadLetters", SubscribersApi.ChooseDeadLetters)
const list = Responses.json(SubscribersApi.SubscriberList)
const page = Responses.json(SubscribersApi.DeadLetterPage)
const result = Responses.json(SubscribersApi.DeadLettersChanged)

const query = Responses.decode(
  "listDeadLetters",
  Schema.Struct({
    subscriber: Schema.String,
    trigger: Schema.String,
    connection: Schema.optional(Schema.String),
    after: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()), { default: () => 0 }),
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), {
      default: () => 100
    })
  })
)
