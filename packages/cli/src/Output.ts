/**
 * Where the program writes: data to stdout, everything else to stderr.
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
 * What a command can write. A reader that went away (a broken pipe) is no error: it has seen what it wanted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** A value as JSON on stdout: indented for a terminal, else on one line. */
  readonly data: (value: unknown) => Effect.Effect<void, OutputFailed>
  /** Text for people on stdout, such as help. */
  readonly text: (text: string) => Effect.Effect<void, OutputFailed>
  /** An error on stderr; only the first of a run is written. */
  readonly error: (report: ErrorReport) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Output extends Context.Tag("@effect-postmark/cli/Output")<Output, Service>() {}

/**
 * A stream to write to, and whether a person sits at its end.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = Writable & { readonly isTTY?: boolean }

/**
 * Output to two streams.
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
          // Nobody is left to tell when stderr cannot be written; the exit code still speaks.
          return Effect.orElseSucceed(write(stderr, `${Json.stringify({ error: report })}\n`), () => undefined)
        })
    }
  })

/**
 * Output to the process's own streams.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Output> = Layer.scoped(
  Output,
  Effect.suspend(() => make(process.stdout, process.stderr))
)

/**
 * Logs on stderr, one line each.
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
 * Without a listener, an `error` event of the stream would end the process with a stack. It stays until the process
 * ends, since the event may come after the last write was answered.
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
          : Effect.fail(new OutputFailed({ message: `the result could not be written${code ? ` (${code})` : ""}` }))
      )
    })
  })
