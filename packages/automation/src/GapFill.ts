/**
 * Finds events whose webhooks were missed: reads bounces, deliveries, opens, clicks and suppressions from Postmark's API
 * since the last sweep, and stores what the log does not have, marked `source: "backfill"`. Triggers and relays get these
 * events like live ones.
 *
 * @since 0.1.0
 */
import { type Connection, Connections, type UseError } from "@effect-postmark/core/Connections"
import { Digest } from "@effect-postmark/core/Digest"
import { EventLog } from "@effect-postmark/core/EventLog"
import type { TooManyInSpan } from "@effect-postmark/core/OutboundHistory"
import { type ReadError, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import { type SweepKind, SweepStore } from "@effect-postmark/core/SweepStore"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { Report } from "./GapFillReport.ts"
import * as Intake from "./internal/gapFill/intake.ts"
import * as Limits from "./internal/gapFill/limits.ts"
import * as Reads from "./internal/gapFill/reads.ts"
import * as Schedules from "./internal/gapFill/schedules.ts"
import { sweepers, type World } from "./internal/gapFill/sweepers.ts"

export { Report } from "./GapFillReport.ts"

/**
 * Another sweep of the connection runs, in this process or another.
 *
 * @since 0.1.0
 * @category errors
 */
export class SweepInProgress
  extends Schema.TaggedError<SweepInProgress>("@effect-postmark/automation/GapFill/SweepInProgress")(
    "SweepInProgress",
    {}
  )
{
  override get message(): string {
    return "another sweep of this connection is in progress: try again when it is done"
  }
  readonly retryable = true
  readonly disposition = "notSent"
}

/**
 * What to sweep. `from` and `to` are RFC 3339 times. Without `from`, each kind of events is swept from where its last
 * sweep ended; the first sweep begins with the connection's subscription. `to` is now when left out. Without `triggers`,
 * all events that can be recovered are.
 *
 * @since 0.1.0
 * @category models
 */
export interface SweepOptions {
  readonly connectionId: string
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly triggers?: ReadonlyArray<string> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export type SweepError = ReadError | StoreUnavailable | SweepInProgress | TooManyInSpan | UseError

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Sweeps a connection now. A sweep that fails keeps what it has stored, and the next one goes on from there.
   */
  readonly sweep: (options: SweepOptions) => Effect.Effect<Report, SweepError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class GapFill extends Context.Tag("@effect-postmark/automation/GapFill")<GapFill, Service>() {}

/**
 * How sweeps read, and when they are due.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How often a connection is swept, ± 10 %. Default: 1 hour. */
  readonly interval?: Duration.DurationInput | undefined
  /** How much of the time before the last sweep is swept again, since Postmark's index lags. Default: 1 hour. */
  readonly overlap?: Duration.DurationInput | undefined
  /** How long after a message was sent its delivery is looked for. Default: 2 days. */
  readonly lateness?: Duration.DurationInput | undefined
  /** How often a connection is swept at most because webhooks are refused. Default: 10 minutes. */
  readonly refusedInterval?: Duration.DurationInput | undefined
  /** How often the schedule is looked at. Default: 1 minute. */
  readonly checkInterval?: Duration.DurationInput | undefined
  /** Reads of Postmark's API in a second, for each sweep; 0 is no limit. Default: 20. */
  readonly readsPerSecond?: number | undefined
  /** How Postmark's 429s and failures are waited out. Default: up to 8 tries, over about 4 minutes. */
  readonly retry?: RetryPolicy.Policy | undefined
}

/**
 * Creates the service. `worker` runs it on a schedule.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, Services> =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const log = yield* EventLog
    const sweeps = yield* SweepStore
    const subscriptions = yield* SubscriptionStore
    const digest = yield* Digest
    const registry = yield* TriggerRegistry
    const overlapMs = Duration.toMillis(options.overlap ?? "1 hour")
    const latenessMs = Duration.toMillis(options.lateness ?? "2 days")
    const retry = options.retry ?? patient

    const sweepUnder = (lease: string, connection: Connection, { from, to, triggers }: Bounds) =>
      Effect.gen(function*() {
        const begun = yield* Clock.currentTimeMillis
        const end = to ?? begun
        const { marks } = yield* sweeps.get(connection.id)
        const subscribed = new Map(
          (yield* subscriptions.list(connection.id)).map(({ createdAt, trigger }) => [trigger, Date.parse(createdAt)])
        )
        const floor = (trigger: string) => from ?? subscribed.get(trigger) ?? Date.parse(connection.createdAt)
        const startOf = (kind: SweepKind): number => {
          const mark = marks[kind]
          const first = Math.min(...Limits.triggersOf[kind].filter((id) => triggers.has(id)).map(floor))
          return Math.min(mark === undefined || from !== undefined ? first : Math.max(mark - overlapMs, first), end)
        }
        const kinds = Limits.kinds.filter((kind) => Limits.triggersOf[kind].some((id) => triggers.has(id)))
        const client = yield* connections.client(connection.id)
        const paced = yield* Reads.pacer(options.readsPerSecond ?? 20)
        const streams = (yield* paced(client.messageStreams.list({ includeArchivedStreams: true }))).messageStreams
          .filter(({ messageStreamType }) => messageStreamType !== "Inbound")
        const intake = Intake.make({ connectionId: connection.id, digest, floor, log, registry, to: end, triggers })
        const lost = new Set<string>()
        const world: World = { client, connection, log, intake, paced, lost: (what) => lost.add(what) }
        let earliest = end
        for (const kind of kinds) {
          const start = startOf(kind)
          earliest = Math.min(earliest, start)
          for (const through of Limits.slices(kind, start, end, latenessMs)) {
            for (const { id } of streams) yield* sweepers[kind](world, id, through)
            // A sweep of a chosen span says nothing of the time before it.
            if (from === undefined) {
              const isOurs = yield* sweeps.advance({ connectionId: connection.id, lease, kind, through: through.to })
              if (!isOurs) return yield* new SweepInProgress()
            }
          }
        }
        const { added, alreadyKnown, scanned } = intake.counts
        const isWhole = from === undefined && to === undefined &&
          [...subscribed.keys()].every((id) => triggers.has(id) || !Limits.recoverable.includes(id))
        return {
          sweptAt: isWhole ? begun : null,
          report: {
            connectionId: connection.id,
            from: iso(earliest),
            to: iso(end),
            scanned,
            added,
            alreadyKnown,
            notRecoverable: [...lost, ...Limits.notRecoverable(kinds, earliest, begun)]
          } satisfies Report
        }
      }).pipe(RetryPolicy.withRetryPolicy(retry))

    return {
      sweep: (asked) =>
        Effect.gen(function*() {
          const bounds = yield* boundsOf(asked)
          const connection = yield* connections.get(asked.connectionId)
          const lease = yield* Effect.sync(() => crypto.randomUUID())
          const claim = Effect.flatMap(
            Clock.currentTimeMillis,
            (now) => sweeps.claim({ connectionId: connection.id, lease, now, leaseUntil: now + leaseMs })
          )
          if (!(yield* claim)) return yield* new SweepInProgress()
          const renewed = Effect.repeat(
            Effect.filterOrFail(claim, (isOurs) => isOurs, () => new SweepInProgress()),
            Schedule.spaced(leaseMs / 4)
          )
          const release = (sweptAt: number | null) =>
            Effect.ignore(sweeps.release({ connectionId: connection.id, lease, sweptAt }))
          return yield* Effect.raceFirst(
            sweepUnder(lease, connection, bounds),
            Effect.zipRight(renewed, Effect.never)
          ).pipe(
            Effect.tap(({ sweptAt }) => release(sweptAt)),
            Effect.map(({ report }) => report),
            Effect.onError(() => release(null))
          )
        }).pipe(Effect.withSpan("GapFill.sweep", { captureStackTrace: false }))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<GapFill, never, Services> =>
  Layer.effect(GapFill, make(options))

/**
 * Sweeps every active connection for the triggers that it is subscribed to: each hour, soon after a webhook was refused,
 * and at the start if the last sweep is older than the interval. Any number of processes can run it beside each other.
 *
 * @since 0.1.0
 * @category layers
 */
export const worker = (
  options: Options = {}
): Layer.Layer<never, never, Connections | GapFill | SubscriptionStore | SweepStore> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const gapFill = yield* GapFill
      yield* Schedules.run(gapFill.sweep, {
        intervalMs: Duration.toMillis(options.interval ?? "1 hour"),
        refusedMs: Duration.toMillis(options.refusedInterval ?? "10 minutes"),
        checkMs: Duration.toMillis(options.checkInterval ?? "1 minute")
      })
    })
  )

type Services = Connections | Digest | EventLog | SubscriptionStore | SweepStore | TriggerRegistry

interface Bounds {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly triggers: ReadonlySet<string>
}

const boundsOf = (
  { from, to, triggers }: SweepOptions
): Effect.Effect<Bounds, ValidationFailure> => {
  const issues = [...timeIssue("from", from), ...timeIssue("to", to)]
  const bounds = {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    triggers: new Set(triggers ?? Limits.recoverable)
  }
  if (issues.length === 0 && bounds.from !== undefined && bounds.to !== undefined && bounds.from > bounds.to) {
    issues.push({ path: ["from"], message: "must not be after `to`" })
  }
  const unknown = [...bounds.triggers].filter((id) => !Limits.recoverable.includes(id))
  if (unknown.length > 0) issues.push({ path: ["triggers"], message: `must be of ${Limits.recoverable.join(", ")}` })
  const [first] = issues
  return first === undefined ? Effect.succeed(bounds) : Effect.fail(
    new ValidationFailure({
      operation: "sweep",
      message: `the input is invalid: ${first.path.join(".")}: ${first.message}`,
      reason: "invalid",
      issues,
      inactiveRecipients: []
    })
  )
}

const timeIssue = (field: string, time: string | undefined) =>
  time === undefined || (/[Zz]$|[+-]\d{2}:\d{2}$/.test(time) && Option.isSome(DateTime.make(time)))
    ? []
    : [{ path: [field], message: "must be an RFC 3339 time with its offset, such as 2026-11-25T14:00:00Z" }]

const iso = (at: number) => new Date(at).toISOString()

const leaseMs = 120_000

/** A sweep can wait, where a call that somebody waits for cannot. */
const patient: RetryPolicy.Policy = {
  reads: Schedule.exponential("1 second").pipe(
    Schedule.modifyDelay((_, delay) => Duration.min(delay, "1 minute")),
    Schedule.jittered,
    Schedule.intersect(Schedule.recurs(8))
  ),
  sends: Schedule.stop,
  maximumWait: "2 minutes"
}
