/** A run of a batch from its beginning to its exit code: journal, progress, outcomes, and what a signal does. */
import type * as Correlation from "@effect-postmark/core/Correlation"
import * as Json from "@effect-postmark/core/Json"
import type { ReadError } from "@effect-postmark/core/PostmarkError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash, randomUUID } from "node:crypto"
import {
  BatchRejected,
  BatchStopped,
  type CliError,
  type JournalProblem,
  PartialSuccess,
  UnknownRows
} from "../../CliError.ts"
import * as ErrorReport from "../../ErrorReport.ts"
import * as Journal from "../../Journal.ts"
import { Output } from "../../Output.ts"
import type { Terminal } from "../../Terminal.ts"
import type { Call } from "../calling.ts"
import { cut } from "./chunks.ts"
import type { Messages } from "./messages.ts"
import * as Progress from "./progress.ts"
import * as Run from "./run.ts"

export interface Settings {
  readonly messages: Messages
  readonly rows: number
  readonly call: Call
  readonly digest: string
  readonly given: Readonly<Record<string, unknown>>
  readonly isPartial: boolean
  readonly journal: string | undefined
  readonly resume: boolean
  /** The input as the command line named it, for the hint how to resume. */
  readonly input: string
  readonly concurrency: number
  readonly patienceMs: number
  readonly resendUnknownAfterMs: number | undefined
  readonly names: Correlation.Names
}

/** How long calls in progress may take to end after a signal. */
const graceMs = 10_000

export const run = (
  settings: Settings
): Effect.Effect<void, CliError | ReadError, Output | Terminal | Scope.Scope> =>
  Effect.gen(function*() {
    const output = yield* Output
    const journal = yield* openJournal(settings)
    const progress = yield* Progress.make(settings.rows, journal)
    const sending = yield* Run.make({
      client: settings.call.client,
      kind: settings.messages.kind,
      names: settings.names,
      concurrency: settings.concurrency,
      patienceMs: settings.patienceMs,
      resendUnknownAfterMs: settings.resendUnknownAfterMs,
      append: journal.append
    })
    const about = { correlation: journal.about.correlation, names: settings.names }
    const chunks = cut(settings.messages.rows, settings.messages, about, journal.chunks)
    const isForPerson = yield* output.isForPerson
    const rows = sending.outcomes(chunks).pipe(
      Stream.tap((outcomes) => progress.add(outcomes)),
      Stream.mapConcatChunk((outcomes) =>
        // On a terminal, thousands of accepted rows would hide the ones that matter.
        chunkOf(isForPerson ? outcomes.filter(({ state }) => state !== "accepted") : outcomes)
      )
    )
    const all = output.rows(rows, { columns })
    const fiber = yield* Effect.forkDaemon(Effect.interruptible(progress.during(all)))
    const exit = yield* Fiber.await(fiber).pipe(
      Effect.onInterrupt(() => interrupted(settings, output, sending, progress, fiber))
    )
    yield* progress.summary
    const stopped = yield* sending.stopped
    if (Exit.isFailure(exit)) {
      return yield* Effect.failCause(exit.cause)
    }
    if (stopped !== undefined) {
      return yield* new BatchStopped({
        why: stopped.why,
        message: `${stopped.message}; ${progress.left()} of ${settings.rows} rows were not sent. ${hint(settings)}`,
        ...(stopped.retryAfter === undefined ? {} : { retryAfter: stopped.retryAfter })
      })
    }
    yield* judge(settings, progress.totals())
  })

const columns = [
  { path: "row", kind: "number" },
  { path: "state", kind: "state" },
  { path: "errorCode", title: "code" },
  { path: "message" },
  { path: "messageId", title: "message id", whole: true }
] as const

const chunkOf = <A>(items: ReadonlyArray<A>) => Chunk.fromIterable(items)

/** Ends what was begun, or leaves it to the journal; then says how to go on. */
const interrupted = (
  settings: Settings,
  output: Output["Type"],
  sending: Run.Run,
  progress: Progress.Progress,
  fiber: Fiber.RuntimeFiber<void, unknown>
) =>
  Effect.gen(function*() {
    yield* sending.stop(new BatchStopped({ why: "interrupted", message: "interrupted" }))
    const ended = yield* Effect.timeoutOption(Effect.disconnect(Effect.interruptible(Fiber.await(fiber))), graceMs)
    if (ended._tag === "None") yield* Fiber.interrupt(fiber)
    yield* progress.summary
    const { unknown } = progress.totals()
    const isCertain = ended._tag === "Some" && unknown === 0
    yield* output.error({
      ...ErrorReport.interrupted(),
      message: `interrupted; ${progress.left()} of ${settings.rows} rows have no outcome. ${hint(settings)}`,
      retryable: settings.journal !== undefined,
      disposition: isCertain ? "notSent" : "unknown"
    })
  })

const hint = ({ input, journal }: Settings): string =>
  journal === undefined
    ? "Without --journal a run cannot be resumed: send only the rows that have no line on stdout"
    : `Resume with the same flags and --resume: effect-postmark emails send-batch --input ${quoted(input)} --journal ${
      quoted(journal)
    } --resume`

const quoted = (text: string): string => /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const judge = (
  settings: Settings,
  { accepted, rejected, unknown }: Progress.Totals
): Effect.Effect<void, UnknownRows | BatchRejected | PartialSuccess> => {
  if (unknown > 0) {
    return new UnknownRows({
      message: `it is unknown whether Postmark accepted ${unknown} of ${settings.rows} messages. ${
        settings.journal === undefined
          ? "Look for them with messages list before you send them again"
          : `Look again later with --resume; --resend-unknown-after sends what is still missing. ${hint(settings)}`
      }`
    })
  }
  if (rejected === 0) return Effect.void
  return accepted > 0
    ? new PartialSuccess({
      message: `${rejected} of ${settings.rows} messages were rejected; stdout has the outcome of each`
    })
    : new BatchRejected({ message: `all ${settings.rows} messages were rejected; stdout has the outcome of each` })
}

/** A run without a journal has one that forgets. */
const openJournal = (
  settings: Settings
): Effect.Effect<Journal.Journal, JournalProblem | ReadError, Scope.Scope> =>
  Effect.gen(function*() {
    const correlation = randomUUID().replaceAll("-", "")
    const { call, digest, journal, resume, rows } = settings
    const settingsDigest = createHash("sha256")
      .update(Json.stringify([settings.messages.kind, settings.isPartial, settings.names, settings.given]))
      .digest("hex")
    if (journal === undefined) {
      return {
        about: { digest, settings: settingsDigest, serverId: 0, rows, correlation },
        chunks: new Map(),
        accepted: 0,
        rejected: 0,
        append: () => Effect.void
      }
    }
    // A resumed run must not go on with the token of another server.
    const server = yield* call.limited(call.client.server.get)
    const about = { digest, settings: settingsDigest, serverId: server.id, rows, correlation }
    return yield* Journal.make(journal, about, resume)
  })
