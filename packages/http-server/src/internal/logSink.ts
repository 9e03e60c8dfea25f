/**
 * Writes log lines without waiting for whoever reads them. Node's own stdout waits when it is a pipe: if its reader
 * stops, so does the server, and no webhook is acknowledged.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { write } from "node:fs"
import * as ServerMetrics from "../ServerMetrics.ts"

export interface LogSink {
  readonly write: (line: string) => void
}

/** Writes a part of the bytes, and calls back with how many, or with the error. */
export type Write = (
  bytes: Uint8Array,
  done: (error: { readonly code?: string | undefined } | null, written: number) => void
) => void

/** At most so many characters wait; when there are more, new lines are dropped and counted. */
export const make = (
  out: Write,
  { maxPending = 8_000_000, patienceMs = 2_000 }: { readonly maxPending?: number; readonly patienceMs?: number } = {}
): Effect.Effect<LogSink, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        let waiting: Array<string> = []
        let length = 0
        let dropped = 0
        let isWriting = false
        const idle = new Set<() => void>()

        const next = (): void => {
          if (dropped > 0 && length < maxPending / 2) {
            const note = `${JSON.stringify({ message: "log lines were dropped, as nobody read them", dropped })}\n`
            waiting.push(note)
            length += note.length
            dropped = 0
          }
          const text = waiting.join("")
          waiting = []
          length = 0
          isWriting = text !== ""
          if (isWriting) advance(new TextEncoder().encode(text))
          else idle.forEach((resume) => resume())
        }

        const advance = (bytes: Uint8Array): void =>
          out(bytes, (error, written) => {
            if (error === null) return written < bytes.length ? advance(bytes.subarray(written)) : next()
            // A pipe that is full, where waiting was turned off for it.
            if (error.code === "EAGAIN") setTimeout(() => advance(bytes), 50)
            // Nobody reads any more.
            else next()
          })

        return {
          write: (line: string) => {
            if (length + line.length > maxPending) {
              dropped += 1
              ServerMetrics.droppedLogLines.unsafeUpdate(1, [])
              return
            }
            waiting.push(line)
            length += line.length
            if (!isWriting) next()
          },
          flush: Effect.async<void>((resume) => {
            if (!isWriting) return resume(Effect.void)
            const done = () => resume(Effect.void)
            idle.add(done)
            return Effect.sync(() => idle.delete(done))
          })
        }
      }),
      // The last lines say why the program ended.
      ({ flush }) => Effect.timeoutOption(Effect.interruptible(flush), patienceMs)
    ),
    ({ write }) => ({ write })
  )

/** The process's own stdout. A write to a pipe that is full waits on a thread beside the program's. */
export const stdout: Effect.Effect<LogSink, never, Scope.Scope> = make((bytes, done) =>
  write(1, bytes, 0, bytes.length, null, done)
)
