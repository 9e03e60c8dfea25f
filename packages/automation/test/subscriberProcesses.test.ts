import { EventLog, SubscriberStore } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { postgresDatabase } from "./places.ts"
import { storage } from "./relayStorage.ts"
import { append, bounce } from "./triggersKit.ts"

interface Line {
  readonly process: string
  readonly at: number
  readonly what: string
  readonly id: number
}

/** What all processes of a test printed, in the order in which it came. */
const makeLines = () => {
  const lines: Array<Line> = []
  const checks = new Set<() => void>()
  return {
    lines,
    add: (line: Line) => {
      lines.push(line)
      for (const check of checks) check()
    },
    until: (condition: () => boolean) =>
      Effect.async<void>((resume) => {
        const check = () => {
          if (!condition()) return
          checks.delete(check)
          resume(Effect.void)
        }
        checks.add(check)
        check()
      })
  }
}

const start = (name: string, place: string, add: (line: Line) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [
          "--conditions=@effect-postmark/source",
          "--import",
          "tsx",
          fileURLToPath(new URL("fixtures/subscriber.ts", import.meta.url)),
          place
        ], { stdio: ["ignore", "pipe", "inherit"] })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const [what = "", id = ""] = line.split(" ")
        if (what !== "") add({ process: name, at: performance.now(), what, id: Number(id) })
      })
      return {
        stop: (signal: "SIGKILL" | "SIGTERM") =>
          Effect.async<number>((resume) => {
            child.once("exit", () => resume(Effect.succeed(performance.now())))
            child.kill(signal)
          })
      }
    }
  )

const fill = (from: number, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, at) => from + at),
    (id) => append(bounce(id, `${id}@x.example`)),
    { concurrency: 64, discard: true }
  )

const ended = (lines: ReadonlyArray<Line>) => new Set(lines.filter(({ what }) => what === "end").map(({ id }) => id))

describe("subscriber processes", () => {
  for (
    const [signal, name, withinMs] of [["SIGKILL", "is killed", 15_000], ["SIGTERM", "is stopped", 5_000]] as const
  ) {
    it.scopedLive(
      `one of two on PostgreSQL handles the events; when it ${name}, the other goes on in time, and nothing is lost`,
      () =>
        Effect.gen(function*() {
          const events = 120
          const place = yield* postgresDatabase
          const { add, lines, until } = makeLines()
          yield* Effect.gen(function*() {
            const processes = {
              x: yield* start("x", place, add),
              y: yield* start("y", place, add)
            }
            yield* until(() => lines.filter(({ what }) => what === "ready").length === 2)
            yield* fill(1, events)
            yield* until(() => ended(lines).size >= events / 4)
            const first = lines.some(({ process, what }) => process === "x" && what === "begin") ? "x" : "y"
            const second = first === "x" ? "y" : "x"
            assert.deepStrictEqual(lines.filter(({ process, what }) => process === second && what === "begin"), [])
            const at = yield* processes[first].stop(signal)
            yield* fill(events + 1, 20)
            yield* until(() => lines.some(({ process, what }) => process === second && what === "begin"))
            const [taken] = lines.filter(({ process, what }) => process === second && what === "begin")
            assert.isBelow((taken?.at ?? Infinity) - at, withinMs)
            yield* until(() => ended(lines).size === events + 20)

            const begunBy = (process: string) =>
              lines.filter((line) => line.process === process && line.what === "begin").map(({ id }) => id)
            const endedBy = (process: string) => ended(lines.filter((line) => line.process === process))
            assert.isAbove(endedBy(second).size, 0)
            const both = [...endedBy(first)].filter((id) => endedBy(second).has(id))
            // An event that was handled and not yet noted when the process ended.
            assert.isAtMost(both.length, 1)
            // The second one began nothing while the first one worked.
            const lastOfFirst = Math.max(...lines.filter(({ process }) => process === first).map(({ at }) => at))
            assert.isAbove(taken?.at ?? 0, lastOfFirst)
            assert.isAtMost(begunBy(first).length + begunBy(second).length, events + 20 + 3 * (events + 20) / 10)

            // No event is left in a row.
            const store = yield* SubscriberStore.SubscriberStore
            while ((yield* store.counts).length > 0) yield* Effect.sleep("50 millis")
            const log = yield* EventLog.EventLog
            assert.strictEqual(yield* log.latest, events + 20)
          }).pipe(Effect.provide(storage(place)))
        }),
      120_000
    )
  }
})
