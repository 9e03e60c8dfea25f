/**
 * Handles bulk runs.
 *
 * @since 0.1.0
 */
import { RunNotFound, type RunStateConflict } from "@effect-postmark/automation/BulkRunError"
import { BulkRuns, type RunTemplate } from "@effect-postmark/automation/BulkRuns"
import { Run, type RunOutcome, RunOutcomeState } from "@effect-postmark/core/BulkRun"
import { Connections } from "@effect-postmark/core/Connections"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Api } from "../Api.ts"
import * as RunsApi from "../api/RunsApi.ts"
import { mayTouch } from "../internal/access.ts"
import { invalid } from "../internal/failures.ts"
import * as IdempotencyKey from "../internal/idempotencyKey.ts"
import * as Incoming from "../internal/incoming.ts"
import * as JsonLines from "../internal/jsonLines.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "runs", (handlers) =>
  Effect.gen(function*() {
    const runs = yield* BulkRuns
    const connections = yield* Connections

    /** The run, if it is one of this connection's. */
    const owned = (path: typeof RunsApi.RunPath.Type) =>
      mayTouch(path.id).pipe(
        Effect.zipRight(runs.get(path.runId)),
        Effect.filterOrFail(({ connectionId }) => connectionId === path.id, () => new RunNotFound())
      )

    const startWith = <E>(
      connectionId: string,
      { resendUnknownAfter, template, ...options }: typeof RunsApi.RunOptions.Type,
      json: Stream.Stream<unknown, E>,
      headerKey: Option.Option<string>
    ) =>
      runs.start({
        ...options,
        connectionId,
        // A run keeps its key as long as itself, so the header's key is the run's key.
        ...(options.key === undefined && Option.isSome(headerKey) ? { key: headerKey.value } : {}),
        ...(template === undefined ? {} : { template: template satisfies RunTemplate }),
        ...(resendUnknownAfter === undefined ? {} : { resendUnknownAfter: Duration.seconds(resendUnknownAfter) }),
        json
      })

    const fromLines = (
      connectionId: string,
      request: HttpServerRequest.HttpServerRequest,
      headerKey: Option.Option<string>
    ) =>
      Effect.scoped(Effect.gen(function*() {
        const pull = yield* Stream.toPull(JsonLines.read(request, maximumBodyBytes))
        const begun = yield* Effect.catchAll(
          pull,
          Option.match({ onNone: () => Effect.succeed(Chunk.empty<unknown>()), onSome: Effect.fail })
        )
        const options = yield* runOptions(Option.getOrUndefined(Chunk.head(begun)))
        const rest = Stream.concat(Stream.fromChunk(Chunk.drop(begun, 1)), Stream.repeatEffectChunkOption(pull))
        return yield* startWith(connectionId, options, atMost(rest), headerKey)
      }))

    const change = (
      path: typeof RunsApi.RunPath.Type,
      changed: (id: string) => Effect.Effect<Run, RunStateConflict | RunNotFound | StoreUnavailable>
    ) =>
      owned(path).pipe(
        Effect.flatMap(({ id }) => changed(id)),
        Effect.flatMap(run),
        Responses.orProblem
      )

    return handlers
      .handleRaw("start", ({ path, request }) =>
        Effect.gen(function*() {
          yield* mayTouch(path.id)
          const headerKey = yield* IdempotencyKey.read(Incoming.header(request, IdempotencyKey.headerName))
          if (JsonLines.isJsonLines(request)) return yield* made(yield* fromLines(path.id, request, headerKey))
          const { messages, rows, ...options } = yield* start(request)
          const input = Stream.fromIterable(messages ?? rows ?? [])
          return yield* made(yield* startWith(path.id, options, input, headerKey))
        }).pipe(Responses.orProblem))
      .handleRaw("list", ({ path }) =>
        Effect.gen(function*() {
          yield* mayTouch(path.id)
          yield* connections.get(path.id)
          const { before, limit } = yield* listQuery(yield* HttpServerRequest.ParsedSearchParams)
          const found = yield* runs.list({ connectionId: path.id, before, limit })
          return yield* list({ runs: found, nextBefore: found.length === limit ? found.at(-1)?.id ?? null : null })
        }).pipe(Responses.orProblem))
      .handleRaw("get", ({ path }) =>
        owned(path).pipe(
          Effect.flatMap(({ id }) => runs.progress(id)),
          Effect.flatMap(progress),
          Responses.orProblem
        ))
      .handleRaw("pause", ({ path }) => change(path, runs.pause))
      .handleRaw("resume", ({ path }) => change(path, runs.resume))
      .handleRaw("cancel", ({ path }) => change(path, runs.cancel))
      .handleRaw("outcomes", ({ path }) =>
        Effect.gen(function*() {
          const { id } = yield* owned(path)
          const { after, format, limit, state } = yield* outcomesQuery(yield* HttpServerRequest.ParsedSearchParams)
          const states = state === undefined ? undefined : [state]
          if (format === "jsonl") return exported(runs.outcomesStream(id, { after, states }))
          const found = yield* runs.outcomes(id, { after, limit, states })
          const last = found.length === limit ? found.at(-1) : undefined
          return yield* outcomes({ outcomes: found, nextAfter: last?.index ?? null })
        }).pipe(Responses.orProblem))
  }))

const maximumBodyBytes = 16 * 1024 * 1024

const maximumMessages = 1_000_000

/** Fails at the first message too many, before anything is sent. */
const atMost = <E>(messages: Stream.Stream<unknown, E>) =>
  Stream.mapAccumEffect(messages, 1, (number, message) =>
    number > maximumMessages
      ? Effect.fail(invalid("startRun", [{ path: ["messages"], message: `must be at most ${maximumMessages}` }]))
      : Effect.succeed([number + 1, message] as const))

/** The response breaks off if the store fails: then the last chunk is missing. */
const exported = <E>(all: Stream.Stream<RunOutcome, E>) =>
  HttpServerResponse.stream(
    all.pipe(
      Stream.mapChunks(Chunk.map((one) => `${JSON.stringify(one)}\n`)),
      Stream.mapChunks((lines) => Chunk.of(Chunk.join(lines, ""))),
      Stream.encodeText
    ),
    { contentType: "application/x-ndjson" }
  )

const start = Responses.payload("startRun", RunsApi.StartRun, maximumBodyBytes)
const runOptions = Responses.decode("startRun", RunsApi.RunOptions)
const run = Responses.json(Run)
const created = Responses.json(Run, 201)
const made = (started: Run) =>
  Effect.map(
    created(started),
    HttpServerResponse.setHeader("location", `/v1/connections/${started.connectionId}/runs/${started.id}`)
  )
const list = Responses.json(RunsApi.RunPage)
const progress = Responses.json(RunsApi.RunProgress)
const outcomes = Responses.json(RunsApi.RunOutcomePage)

const listQuery = Responses.decode(
  "listRuns",
  Schema.Struct({
    before: Schema.optional(Schema.String),
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), {
      default: () => 100
    })
  })
)

const outcomesQuery = Responses.decode(
  "listRunOutcomes",
  Schema.Struct({
    state: Schema.optional(RunOutcomeState),
    after: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.greaterThanOrEqualTo(-1)), {
      default: () => -1
    }),
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1_000)), {
      default: () => 500
    }),
    format: Schema.optionalWith(Schema.Literal("json", "jsonl"), { default: () => "json" as const })
  })
)
