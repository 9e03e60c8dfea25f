import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Metric, Scope } from "effect"
import * as LogSink from "../src/internal/logSink.ts"
import * as ServerMetrics from "../src/ServerMetrics.ts"

/** A pipe whose reader takes what `read` lets it take. */
const pipe = () => {
  let text = ""
  let resume: (() => void) | undefined
  const write: LogSink.Write = (bytes, done) => {
    resume = () => {
      // Only a part is taken, as by a pipe that is nearly full.
      const part = bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)))
      text += new TextDecoder().decode(part)
      done(null, part.length)
    }
  }
  return {
    write,
    text: () => text,
    read: () => {
      const next = resume
      resume = undefined
      next?.()
      return next !== undefined
    }
  }
}

describe("the log", () => {
  it.effect("writes every line in order, whatever part of it is taken at once", () =>
    Effect.gen(function*() {
      const { read, text, write } = pipe()
      const sink = yield* LogSink.make(write)
      for (const line of ["a\n", "b\n", "c\n"]) sink.write(line)
      while (read()) continue
      assert.strictEqual(text(), "a\nb\nc\n")
    }).pipe(Effect.scoped))

  it.effect("drops lines when nobody reads, counts them, and says so later", () =>
    Effect.gen(function*() {
      const { read, text, write } = pipe()
      const before = (yield* Metric.value(ServerMetrics.droppedLogLines)).count
      const sink = yield* LogSink.make(write, { maxPending: 100 })
      for (let line = 0; line < 1_000; line++) sink.write(`line ${line}\n`)
      const dropped = (yield* Metric.value(ServerMetrics.droppedLogLines)).count - before
      assert.isAbove(dropped, 900)
      while (read()) continue
      sink.write("again\n")
      while (read()) continue
      const lines = text().trim().split("\n")
      assert.strictEqual(lines[0], "line 0")
      assert.include(lines, JSON.stringify({ message: "log lines were dropped, as nobody read them", dropped }))
      assert.strictEqual(lines.at(-1), "again")
    }).pipe(Effect.scoped))

  it.live("does not keep the program from ending when nobody reads", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const sink = yield* LogSink.make(pipe().write, { patienceMs: 20 }).pipe(Scope.extend(scope))
      sink.write("never read\n")
      yield* Scope.close(scope, Exit.void)
    }))
})
