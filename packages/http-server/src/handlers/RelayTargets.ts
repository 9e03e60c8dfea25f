/**
 * Handles relay targets.
 *
 * @since 0.1.0
 */
import * as Core from "@effect-postmark/automation/RelayTargets"
import { Connections } from "@effect-postmark/core/Connections"
import { DeliveryState } from "@effect-postmark/core/DeliveryStore"
import { RelayTarget } from "@effect-postmark/core/RelayTarget"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import * as RelayTargetsApi from "../api/RelayTargetsApi.ts"
import { mayTouch } from "../internal/access.ts"
import * as Cursor from "../internal/cursor.ts"
import { invalid } from "../internal/failures.ts"
import * as AuditNote from "../internal/guard/auditNote.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "relayTargets", (handlers) =>
  Effect.gen(function*() {
    const targets = yield* Core.RelayTargets
    const connections = yield* Connections

    /** The target, if it is one of this connection's. */
    const owned = (path: typeof RelayTargetsApi.TargetPath.Type) =>
      mayTouch(path.id).pipe(
        Effect.zipRight(targets.get(path.targetId)),
        Effect.filterOrFail(({ connectionId }) => connectionId === path.id, () => new Core.RelayTargetNotFound())
      )

    const shown = ({ secret, target }: Core.WithSecret) => ({ target, secret: Redacted.value(secret) })

    return handlers
      .handleRaw("create", ({ path, request }) =>
        mayTouch(path.id).pipe(
          Effect.zipRight(create(request)),
          Effect.flatMap((input) => targets.create({ ...input, connectionId: path.id })),
          Effect.tap(({ target }) => AuditNote.note({ targetId: target.id })),
          Effect.flatMap((made) => created(shown(made))),
          Responses.orProblem
        ))
      .handleRaw("list", ({ path }) =>
        mayTouch(path.id).pipe(
          Effect.zipRight(targets.list(path.id)),
          Effect.flatMap((all) => list({ targets: all })),
          Responses.orProblem
        ))
      .handleRaw("get", ({ path }) => Effect.flatMap(owned(path), target).pipe(Responses.orProblem))
      .handleRaw("change", ({ path, request }) =>
        Effect.gen(function*() {
          yield* owned(path)
          const { state, url } = yield* change(request)
          if (url !== undefined) yield* targets.setUrl(path.targetId, url)
          if (state === "active") yield* targets.enable(path.targetId)
          if (state === "disabled") yield* targets.disable(path.targetId)
          return yield* target(yield* targets.get(path.targetId))
        }).pipe(Responses.orProblem))
      .handleRaw("remove", ({ path }) =>
        owned(path).pipe(
          Effect.zipRight(targets.remove(path.targetId)),
          Effect.as(Responses.noContent),
          Responses.orProblem
        ))
      .handleRaw("rotateSecret", ({ path }) =>
        owned(path).pipe(
          Effect.zipRight(targets.rotateSecret(path.targetId)),
          Effect.flatMap((made) => rotated(shown(made))),
          Responses.orProblem
        ))
      .handleRaw("finishRotation", ({ path }) =>
        owned(path).pipe(
          Effect.zipRight(targets.finishRotation(path.targetId)),
          Effect.as(Responses.noContent),
          Responses.orProblem
        ))
      .handleRaw("test", ({ path }) =>
        owned(path).pipe(
          Effect.zipRight(targets.sendTest(path.targetId)),
          Effect.flatMap(tested),
          Responses.orProblem
        ))
      .handleRaw("deliveries", ({ path }) =>
        Effect.gen(function*() {
          yield* owned(path)
          const { after, limit, state } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
          const found = yield* targets.deliveries(path.targetId, { after, limit, states: [state] })
          const last = found.length === limit ? found.at(-1) : undefined
          return yield* deliveries({ deliveries: found, nextAfter: last?.sequence ?? null })
        }).pipe(Responses.orProblem))
      .handleRaw("attempts", ({ path }) =>
        Effect.gen(function*() {
          yield* owned(path)
          if (!Number.isSafeInteger(path.sequence)) {
            return yield* invalid("listRelayAttempts", [{ path: ["sequence"], message: "must be a whole number" }])
          }
          return yield* attempts({ attempts: yield* targets.attempts(path.targetId, path.sequence) })
        }).pipe(Responses.orProblem))
      .handleRaw("replay", ({ path, request }) =>
        owned(path).pipe(
          Effect.zipRight(replay(request)),
          Effect.flatMap(({ dryRun = false, ...options }) =>
            dryRun
              ? Effect.map(targets.countReplay(path.targetId, options), (wouldReplay) => ({ replayed: 0, wouldReplay }))
              : Effect.map(targets.replay(path.targetId, options), (count) => ({ replayed: count }))
          ),
          Effect.flatMap(replayed),
          Responses.orProblem
        ))
      .handleRaw("deadLetters", ({ path }) =>
        Effect.gen(function*() {
          yield* mayTouch(path.id)
          yield* connections.get(path.id)
          const { after, limit } = yield* deadLetterQuery(yield* HttpServerRequest.ParsedSearchParams)
          const from = after === undefined ? Option.some(undefined) : Cursor.decodeDelivery(after)
          if (Option.isNone(from)) {
            return yield* invalid("listDeadLetters", [{ path: ["after"], message: "must be a nextCursor of this API" }])
          }
          const found = yield* targets.deadLetters(path.id, { after: from.value, limit })
          const last = found.length === limit ? found.at(-1) : undefined
          return yield* deadLetters({
            deadLetters: found,
            nextCursor: last === undefined ? null : Cursor.encodeDelivery(last)
          })
        }).pipe(Responses.orProblem))
  }))

const create = Responses.payload("createRelayTarget", RelayTargetsApi.CreateRelayTarget)
const change = Responses.payload("changeRelayTarget", RelayTargetsApi.ChangeRelayTarget)
const replay = Responses.payload("replayDeliveries", RelayTargetsApi.ReplayDeliveries)

const created = Responses.json(RelayTargetsApi.RelayTargetWithSecret, 201)
const rotated = Responses.json(RelayTargetsApi.RelayTargetWithSecret)
const target = Responses.json(RelayTarget)
const list = Responses.json(RelayTargetsApi.RelayTargetList)
const tested = Responses.json(RelayTargetsApi.RelayTestResult)
const deliveries = Responses.json(RelayTargetsApi.RelayDeliveryPage)
const attempts = Responses.json(RelayTargetsApi.RelayAttemptList)
const replayed = Responses.json(RelayTargetsApi.Replayed)

const deadLetters = Responses.json(RelayTargetsApi.RelayDeadLetterPage)

const deadLetterQuery = Responses.decode(
  "listDeadLetters",
  Schema.Struct({
    after: Schema.optional(Schema.String),
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), {
      default: () => 100
    })
  })
)

const query = Responses.decode(
  "listRelayDeliveries",
  Schema.Struct({
    state: Schema.optionalWith(DeliveryState, { default: () => "dead" as const }),
    after: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()), { default: () => 0 }),
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), {
      default: () => 100
    })
  })
)
