/**
 * Makes a request with an `Idempotency-Key` once, and answers its repeats with the first response. It is the innermost guard:
 * what another guard refuses does not use a key up.
 */
import { withBeforeWrite } from "@effect-postmark/core/BeforeWrite"
import type { Service as Connections } from "@effect-postmark/core/Connections"
import { withCorrelationValue } from "@effect-postmark/core/Correlation"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { HttpBody } from "@effect/platform/HttpBody"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Caller } from "../../api/Authorization.ts"
import type * as Idempotency from "../../Idempotency.ts"
import { type Answer, TurnLost } from "../../Idempotency.ts"
import * as IdempotencyMetrics from "../../IdempotencyMetrics.ts"
import { mayTouch } from "../access.ts"
import type { Drain } from "../drain.ts"
import {
  ChangeAbandoned,
  type Failure,
  IdempotencyInProgress,
  IdempotencyKeyReused,
  IdempotencyResponseLost
} from "../failures.ts"
import * as IdempotencyKey from "../idempotencyKey.ts"
import * as Incoming from "../incoming.ts"
import * as Problems from "../problems.ts"
import * as Recovery from "../recovery.ts"
import type { Guard } from "./guard.ts"

type Response = HttpServerResponse.HttpServerResponse

export interface Options {
  readonly idempotency: Idempotency.Service
  readonly connections: Connections
  /** Keeps a shutdown waiting for a request whose client went away. */
  readonly track: Drain["track"]
  /** The limit of the body of an endpoint, in bytes. */
  readonly maxBytes: number
}

export const make = ({ connections, idempotency, maxBytes, track }: Options): Guard => {
  const recover = Recovery.make(connections)

  return ({ endpoint, request, requestId }) => <E, R>(handler: Effect.Effect<Response, E, R>) => {
    const { repeat } = endpoint
    const values = Incoming.header(request, IdempotencyKey.headerName)
    if (repeat === undefined || repeat === "own" || values.length === 0) return handler

    const problem = (failure: Failure) => Problems.response(failure, requestId)

    const run = (turn: Idempotency.Turn, body: Uint8Array) =>
      Effect.gen(function*() {
        const exit = yield* handler.pipe(
          Effect.provideService(Incoming.ReadBody, body),
          withBeforeWrite(turn.beforeWrite),
          (running) => turn.sending === null ? running : withCorrelationValue(running, turn.sending.value),
          Effect.exit
        )
        if (Exit.isSuccess(exit)) {
          yield* stored(isKept(exit.value) ? turn.finish(answerOf(exit.value)) : turn.release)
          return exit.value
        }
        const defects = Cause.defects(exit.cause)
        const unavailable = [...defects].find((defect) => defect instanceof StoreUnavailable)
        const isUntouched = repeat === "search" && !(yield* turn.hasBegun)
        yield* stored(isUntouched ? turn.release : turn.abandon)
        if (isUntouched && unavailable instanceof StoreUnavailable) return problem(unavailable)
        if ([...defects].some((defect) => defect instanceof TurnLost)) {
          return problem(new IdempotencyInProgress({ retryAfter: 1_000 }))
        }
        return yield* exit
      })

    const recovered = (turn: Idempotency.Turn, body: Uint8Array): Effect.Effect<Response, never, Caller> => {
      if (repeat !== "search") return Effect.as(stored(turn.abandon), replayed(problem(new ChangeAbandoned())))
      const connectionId = connectionOf(request.url)
      return mayTouch(connectionId).pipe(
        Effect.matchEffect({
          onFailure: (failure) => Effect.as(stored(turn.abandon), problem(failure)),
          onSuccess: () =>
            recover({ connectionId, body, requestId, sending: turn.sending }).pipe(
              Effect.tap(({ isFinal, response }) => stored(isFinal ? turn.finish(answerOf(response)) : turn.abandon)),
              Effect.map(({ response }) => replayed(response))
            )
        })
      )
    }

    return Effect.gen(function*() {
      const caller = yield* Effect.serviceOption(Caller)
      if (Option.isNone(caller)) return yield* Effect.dieMessage("idempotency needs an authenticated caller")
      const begun = yield* Effect.either(Effect.gen(function*() {
        const key = yield* IdempotencyKey.read(values)
        if (Option.isNone(key)) return undefined
        const body = yield* Incoming.bytes(request, maxBytes)
        const result = yield* idempotency.begin({
          caller: caller.value.id,
          method: request.method,
          target: request.url.replace(/^https?:\/\/[^/]*/, ""),
          key: key.value,
          body,
          repeat
        })
        return { result, body }
      }))
      if (begun._tag === "Left") return problem(begun.left)
      if (begun.right === undefined) return yield* handler
      const { body, result } = begun.right
      yield* Metric.increment(Metric.tagged(IdempotencyMetrics.requests, "result", result._tag))
      switch (result._tag) {
        case "Run":
          return yield* finished(track, result.turn, run(result.turn, body))
        case "Abandoned":
          return yield* finished(
            track,
            result.turn,
            Effect.provideService(recovered(result.turn, body), Caller, caller.value)
          )
        case "Replay":
          return replayed(responseOf(result.answer))
        case "InProgress":
          return problem(new IdempotencyInProgress({ retryAfter: result.retryAfter }))
        case "Reused":
          return problem(new IdempotencyKeyReused())
        case "ResponseLost":
          return problem(new IdempotencyResponseLost())
      }
    })
  }
}

/**
 * Works to the end even if the client goes away: its repeat then gets the response. The platform interrupts the request of a
 * client that went away, so the work has a fiber of its own. The platform's own fibers cannot be interrupted elsewhere.
 */
const finished = <A, E, R>(track: Drain["track"], turn: Idempotency.Turn, work: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.zipRight(Effect.forkScoped(turn.keep), work)).pipe(
    track,
    Effect.interruptible,
    Effect.forkDaemon,
    Effect.flatMap((fiber) => Effect.interruptible(Fiber.join(fiber)))
  )

/** A repeat finds out what a request came to that could not be stored, as after a crash. */
const stored = (storing: Effect.Effect<void, StoreUnavailable>): Effect.Effect<void> =>
  Effect.catchAll(storing, ({ message }) =>
    Effect.zipRight(
      Metric.increment(IdempotencyMetrics.unstored),
      Effect.annotateLogs(Effect.logWarning("the result of a request with an Idempotency-Key could not be stored"), {
        failure: message
      })
    ))

/**
 * Whether repeats get this response. They do if the request was carried out, or may have been, or was wrong in itself. A
 * refusal that depends on circumstances is not kept: the same request can succeed later.
 */
const isKept = (response: Response): boolean => {
  if (response.status < 400) return true
  if (![400, 422, 500, 504].includes(response.status)) return false
  const problem = Option.flatMap(textOf(response.body), decodeProblem)
  return !Option.exists(problem, ({ disposition }) => disposition === "notSent")
}

const decodeProblem = Schema.decodeOption(Schema.parseJson(Schema.Struct({ disposition: Schema.String })))

/** Null for a stream, and for anything else that cannot be given twice. */
const answerOf = ({ body, headers, status }: Response): Answer | null => {
  const { "content-length": _, ...kept } = headers
  return Option.getOrNull(Option.map(textOf(body), (text) => ({ status, headers: { ...kept }, body: text })))
}

const textOf = (body: HttpBody): Option.Option<string> =>
  body._tag === "Empty" ? Option.some("") : body._tag === "Uint8Array" ? decodeText(body.body) : Option.none()

const decodeText = Option.liftThrowable((bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes))

const responseOf = ({ body, headers, status }: Answer): Response =>
  body === ""
    ? HttpServerResponse.empty({ status, headers })
    : HttpServerResponse.text(body, { status, headers, contentType: headers["content-type"] })

const replayed = (response: Response): Response => HttpServerResponse.setHeader(response, "idempotent-replayed", "true")

const connectionOf = (url: string): string => {
  const [, id = ""] = /\/v1\/connections\/([^/?#]+)/.exec(url) ?? []
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
