/** A run whose workers are killed in the middle, again and again, against a double that misbehaves. */
import { BulkRuns } from "@effect-postmark/automation"
import { type BulkRun, Connections } from "@effect-postmark/core"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Chunk, Effect, Redacted, Stream } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { runServices } from "./runStorage.ts"

export interface KillOptions {
  /** A SQLite file, or a PostgreSQL URL. */
  readonly place: string
  readonly seed: number
  readonly messages: number
  readonly chunkSize: number
  readonly kills: number
  /** How long a batch takes. */
  readonly latencyMs: number
  /** Workers at once: one on SQLite. */
  readonly workers: number
}

export interface KillReport {
  readonly outcomes: ReadonlyArray<BulkRun.RunOutcome>
  /** The ids that the double gave to each message. */
  readonly accepted: ReadonlyMap<number, ReadonlyArray<string>>
  readonly kills: number
  readonly seconds: number
}

/** The same seed gives the same moments and the same faults, as far as the machine's own timing allows it. */
const random = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const launched = (fixture: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), args, {
        execArgv: ["--conditions=@effect-postmark/source", "--import", "tsx"]
      })
    ),
    kill
  )

const kill = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const answerTo = (child: ChildProcess, question?: string) =>
  Effect.async<unknown>((resume) => {
    child.once("message", (answer) => resume(Effect.succeed(answer)))
    if (question !== undefined) child.send(question)
  })

export const killRun = ({ chunkSize, kills, latencyMs, messages, place, seed, workers }: KillOptions) =>
  Effect.gen(function*() {
    const next = random(seed)
    const double = yield* launched("runDouble.ts", String(seed), String(latencyMs))
    const port = Number(yield* answerTo(double))

    const run = yield* Effect.gen(function*() {
      const connections = yield* Connections.Connections
      const { id: connectionId } = yield* connections.connect({
        name: "Acme",
        serverToken: Redacted.make(PostmarkDouble.demoServerToken)
      })
      const runs = yield* BulkRuns.BulkRuns
      return yield* runs.start({
        connectionId,
        chunkSize,
        messages: Stream.map(Stream.range(0, messages - 1), (index) => ({
          from: "shop@example.org",
          to: `reader${index}@example.com`,
          subject: String(index),
          textBody: "What is new"
        }))
      })
    }).pipe(Effect.provide(runServices(place, port)))

    const begun = performance.now()
    const watched = { isOver: false }
    const worker = Effect.gen(function*() {
      const child = yield* launched("runWorker.ts", place, String(port), run.id)
      yield* answerTo(child)
      child.once("message", () => (watched.isOver = true))
      return child
    })
    const running: Array<ChildProcess> = []
    for (let count = 0; count < workers; count++) running.push(yield* worker)
    let killed = 0
    while (killed < kills && !watched.isOver) {
      // Each kill waits for more to be accepted, so that the kills are spread over the run.
      const aim = (killed + next()) * messages / (kills + 1)
      while (!watched.isOver && Number(yield* answerTo(double, "count")) < aim) {
        // The double makes a list of all that it has.
        yield* Effect.sleep(Math.min(Math.max(messages / 100, 15), 1_000))
      }
      yield* Effect.sleep(next() * 120)
      const victim = running.splice(Math.floor(next() * running.length), 1)
      yield* Effect.forEach(victim, kill)
      killed += 1
      running.push(yield* worker)
    }
    while (!watched.isOver) yield* Effect.sleep("50 millis")
    const seconds = (performance.now() - begun) / 1_000
    yield* Effect.forEach(running, kill)

    const outcomes = yield* Effect.flatMap(
      BulkRuns.BulkRuns,
      (runs) => Stream.runCollect(runs.outcomesStream(run.id))
    ).pipe(Effect.provide(runServices(place, port)))
    const ids = yield* answerTo(double, "accepted")
    const accepted = new Map(
      Object.entries(typeof ids === "object" && ids !== null ? ids : {}).map((
        [subject, list]
      ): [number, ReadonlyArray<string>] => [Number(subject), Array.isArray(list) ? list.map(String) : []])
    )
    return { outcomes: Chunk.toReadonlyArray(outcomes), accepted, kills: killed, seconds }
  }).pipe(Effect.scoped)

/** What is wrong with a report: nothing, if each message has one outcome that is true, and none was accepted twice. */
export const problems = ({ accepted, outcomes }: KillReport, messages: number): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let index = 0; index < messages; index++) {
    const outcome = outcomes[index]
    const ids = accepted.get(index) ?? []
    if (outcome?.index !== index) return [...found, `message ${index} has no outcome, or several`]
    if (ids.length > 1) found.push(`message ${index} was accepted ${ids.length} times`)
    if (outcome.state === "accepted" && !ids.includes(outcome.messageId ?? "")) {
      found.push(`message ${index} is accepted with an id that the double does not know`)
    }
    if ((outcome.state === "rejected" || outcome.state === "notSent") && ids.length > 0) {
      found.push(`message ${index} is ${outcome.state} and was accepted`)
    }
  }
  if (outcomes.length !== messages) found.push(`${outcomes.length} outcomes of ${messages} messages`)
  return found
}
