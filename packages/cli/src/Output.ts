/**
 * The program's output: data to stdout, everything else to stderr.
 *
 * @since 0.1.0
 */
import * as Json from "@effect-postmark/core/Json"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { Writable } from "node:stream"
import { OutputFailed } from "./CliError.ts"
import type { ErrorReport } from "./ErrorReport.ts"
import { prettyJson } from "./internal/prettyJson.ts"

/**
 * Writes to stdout and stderr. A closed pipe is not an error: the reader has read what it needed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Writes a value as JSON to stdout: indented on a terminal, otherwise on one line. */
  readonly data: (value: unknown) => Effect.Effect<void, OutputFailed>
  /** Writes text, such as help, to stdout. */
  readonly text: (text: string) => Effect.Effect<void, OutputFailed>
  /** Writes an error to stderr; ignores all but the first error of a run. */
  readonly error: (report: ErrorReport) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Output extends Context.Tag("@effect-postmark/cli/Output")<Output, Service>() {}

/**
 * A stream to write to; `isTTY` says whether it is a terminal.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = Writable & { readonly isTTY?: boolean }

/**
 * Builds the output to two streams.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (stdout: Target, stderr: Target): Effect.Effect<Service> =>
  Effect.gen(function*() {
    yield* tolerate(stdout)
    yield* tolerate(stderr)
    const terminal = stdout.isTTY === true
    let reported = false
    return {
      data: (value) => {
        const json = Json.stringify(value)
        return write(stdout, `${terminal ? prettyJson(json) : json}\n`)
      },
      text: (text) => write(stdout, `${text.trimEnd()}\n`),
      error: (report) =>
        Effect.suspend(() => {
          if (reported) return Effect.void
          reported = true
          // If stderr cannot be written, the exit code still reports the error.
          return Effect.orElseSucceed(write(stderr, `${Json.stringify({ error: report })}\n`), () => undefined)
        })
    }
  })

/**
 * Writes to the process's own streams.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Output> = Layer.scoped(
  Output,
  Effect.suspend(() => make(process.stdout, process.stderr))
)

/**
 * Writes logs to stderr, one line each.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerLogger: Layer.Layer<never> = Logger.replace(
  Logger.defaultLogger,
  Logger.map(Logger.logfmtLogger, (line) => {
    process.stderr.write(`${line}\n`)
  })
)

/**
 * Adds a listener, because an `error` event without one ends the process with a stack. The listener stays until the
 * process ends: the event may come after the last write's callback.
 */
const tolerate = (target: Target): Effect.Effect<void> =>
  Effect.sync(() => {
    target.on("error", ignore)
  })

const ignore = () => {}

const write = (target: Target, text: string): Effect.Effect<void, OutputFailed> =>
  Effect.async((resume) => {
    target.write(text, (error) => {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined
      resume(
        error === null || error === undefined || code === "EPIPE"
          ? Effect.void
          : Effect.fail(
            new OutputFailed({ message: `the result cannot be written to stdout${code ? ` (${code})` : ""}` })
          )
      )
    })
  })
