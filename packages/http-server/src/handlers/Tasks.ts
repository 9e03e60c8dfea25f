/**
 * Handles gap-fill, retention and erasure.
 *
 * @since 0.1.0
 */
import { Erasure } from "@effect-postmark/automation/Erasure"
import { Report, SweepInProgress } from "@effect-postmark/automation/GapFill"
import { Retention } from "@effect-postmark/automation/Retention"
import { Connections } from "@effect-postmark/core/Connections"
import { ErasureRecord } from "@effect-postmark/core/ErasureStore"
import type { ValidationFailure } from "@effect-postmark/core/PostmarkError"
import { SweepStore } from "@effect-postmark/core/SweepStore"
import { type TaskRecord, TaskStore } from "@effect-postmark/core/TaskStore"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import * as TasksApi from "../api/TasksApi.ts"
import { Tasks } from "../Automation.ts"
import { mayAdminister, mayTouch } from "../internal/access.ts"
import { ErasureNotFound } from "../internal/failures.ts"
import * as Responses from "../internal/responses.ts"
import { Background } from "../internal/tasks/background.ts"
import { newId } from "../internal/tasks/recorded.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "tasks", (handlers) =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const records = yield* TaskStore
    const sweeps = yield* SweepStore
    const tasks = yield* Tasks
    const retention = yield* Retention
    const erasure = yield* Erasure
    const background = yield* Background

    const known = (id: string) => Effect.zipRight(mayTouch(id), connections.get(id))

    const erasuresOf = (connectionId: string) =>
      Effect.map(erasure.list(searched), (all) => all.filter((one) => one.connectionId === connectionId))

    return handlers
      .handleRaw("startSweep", ({ path, request }) =>
        Effect.gen(function*() {
          yield* known(path.id)
          const asked = yield* startSweep(request)
          const { leaseUntil } = yield* sweeps.get(path.id)
          if (leaseUntil > (yield* Clock.currentTimeMillis)) return yield* new SweepInProgress()
          const id = newId("swp")
          const done = yield* background.start("gapFill", tasks.sweep(id, { ...asked, connectionId: path.id }))
          const record = yield* Effect.flatMap(records.get(id), sweepOf(id))
          return yield* (Option.isSome(done) ? sweep : startedSweep)(record)
        }).pipe(Responses.orProblem))
      .handleRaw("gapFill", ({ path }) =>
        Effect.gen(function*() {
          yield* known(path.id)
          const { limit } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
          const { leaseUntil, marks, sweptAt } = yield* sweeps.get(path.id)
          const found = yield* records.list({ kind: "gapFill", connectionId: path.id, limit })
          return yield* gapFill({
            sweptAt: sweptAt === null ? null : iso(sweptAt),
            isSweeping: leaseUntil > (yield* Clock.currentTimeMillis),
            through: Object.fromEntries(Object.entries(marks).map(([kind, at]) => [kind, iso(at)])),
            sweeps: yield* Effect.forEach(found, (record) => sweepOf(record.id)(Option.some(record)))
          })
        }).pipe(Responses.orProblem))
      .handleRaw("runRetention", () =>
        Effect.gen(function*() {
          yield* mayAdminister
          const id = newId("ret")
          const done = yield* background.start("retention", tasks.prune(id))
          const record = yield* Effect.flatMap(records.get(id), passOf(id))
          return yield* (Option.isSome(done) ? pass : startedPass)(record)
        }).pipe(Responses.orProblem))
      .handleRaw("retention", () =>
        Effect.gen(function*() {
          const { limit } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
          const found = yield* records.list({ kind: "retention", connectionId: null, limit })
          return yield* retentionState({
            kinds: retention.kinds.map(({ keep, kind }) => ({ kind, keepSeconds: finiteSeconds(keep) })),
            intervalSeconds: Duration.toSeconds(retention.interval),
            passes: yield* Effect.forEach(found, (record) => passOf(record.id)(Option.some(record)))
          })
        }).pipe(Responses.orProblem))
      .handleRaw("erase", ({ path, request }) =>
        Effect.gen(function*() {
          const connection = yield* known(path.id)
          const { address } = yield* erase(request)
          const id = newId("era")
          const work = erasure.erase({ id, connectionId: connection.id, address: Redacted.value(address) })
          const done = yield* background.start("erasure", work)
          const record = (yield* erasuresOf(connection.id)).find((one) => one.id === id)
          if (record === undefined) return yield* new ErasureNotFound()
          return yield* (Option.isSome(done) ? erasureRecord : startedErasure)(record)
        }).pipe(Responses.orProblem))
      .handleRaw("erasures", ({ path }) =>
        Effect.gen(function*() {
          yield* known(path.id)
          const { limit } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
          return yield* erasures({ erasures: (yield* erasuresOf(path.id)).slice(0, limit) })
        }).pipe(Responses.orProblem))
      .handleRaw("erasure", ({ path }) =>
        Effect.gen(function*() {
          yield* known(path.id)
          const record = (yield* erasuresOf(path.id)).find((one) => one.id === path.erasureId)
          return yield* record === undefined ? new ErasureNotFound() : erasureRecord(record)
        }).pipe(Responses.orProblem))
  }))

/** How many of the newest erasures are looked through. */
const searched = 1_000

const iso = (at: number) => new Date(at).toISOString()

const finiteSeconds = (keep: Duration.DurationInput): number | null => {
  const seconds = Duration.toSeconds(keep)
  return Number.isFinite(seconds) ? seconds : null
}

/** A record that could not be stored is as good as one that has just begun. */
const readRecord = <A, I>(report: Schema.Schema<A, I>) => {
  const decode = Schema.decode(Schema.parseJson(report))
  return (id: string) => (found: Option.Option<TaskRecord>) =>
    Effect.gen(function*() {
      const at = iso(yield* Clock.currentTimeMillis)
      const { failure, finishedAt, report, startedAt } = Option.getOrElse(
        found,
        () => ({ startedAt: at, finishedAt: null, failure: null, report: null })
      )
      const read = report === null ? null : yield* Effect.orElseSucceed(decode(report), () => null)
      return { id, startedAt, finishedAt, failure, report: read }
    })
}

const sweepOf = readRecord(Report)
const passOf = readRecord(Schema.Record({ key: Schema.String, value: Schema.Int }))

const startSweep = Responses.payload("sweep", TasksApi.StartSweep)
const erase = Responses.payload("erase", TasksApi.StartErasure)

const sweep = Responses.json(TasksApi.Sweep)
const startedSweep = Responses.json(TasksApi.Sweep, 202)
const gapFill = Responses.json(TasksApi.GapFillState)
const pass = Responses.json(TasksApi.RetentionPass)
const startedPass = Responses.json(TasksApi.RetentionPass, 202)
const retentionState = Responses.json(TasksApi.RetentionState)
const erasureRecord = Responses.json(ErasureRecord)
const startedErasure = Responses.json(ErasureRecord, 202)
const erasures = Responses.json(TasksApi.ErasureList)

const query: (input: unknown) => Effect.Effect<{ readonly limit: number }, ValidationFailure> = Responses.decode(
  "listRecords",
  Schema.Struct({
    limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), {
      default: () => 20
    })
  })
)
