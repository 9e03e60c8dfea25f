/**
 * The person at the terminal: whether there is one, how wide the screen is, and questions. Questions are written to
 * stderr, because stdout is for data only.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createInterface } from "node:readline"
import { type Readable, Writable } from "node:stream"
import { isatty } from "node:tty"

/**
 * What is known of the terminal. `canAsk` is true if stdin and stderr are both one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly canAsk: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly color: boolean
  readonly columns: Effect.Effect<number>
  /** Asks a question; any answer but `y` or `yes` is a no. */
  readonly confirm: (question: string) => Effect.Effect<boolean>
  /** Asks for a secret without showing what is typed. */
  readonly secret: (question: string) => Effect.Effect<Redacted.Redacted>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Terminal extends Context.Tag("@effect-postmark/cli/Terminal")<Terminal, Service>() {}

interface Screen extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
}

/**
 * Builds the terminal from the three streams of a process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  stdin: { readonly isTerminal: boolean; readonly open: () => Readable },
  stdout: Screen,
  stderr: Screen
): Effect.Effect<Service> =>
  Effect.gen(function*() {
    const noColor = yield* variable("NO_COLOR")
    const term = yield* variable("TERM")
    const isScreen = stdout.isTTY === true
    const ask = (question: string, shown: boolean): Effect.Effect<string> =>
      Effect.async<string>((resume) => {
        const muted = new Writable({ write: (_chunk, _encoding, done) => done() })
        const lines = createInterface({ input: stdin.open(), output: shown ? stderr : muted, terminal: !shown })
        // Only now, because the terminal still shows what is typed before the interface is there.
        stderr.write(question)
        lines.once("line", (line) => {
          resume(Effect.succeed(line))
          lines.close()
        })
        lines.once("SIGINT", () => {
          resume(Effect.interrupt)
          lines.close()
        })
        lines.once("close", () => {
          if (!shown) stderr.write("\n")
          resume(Effect.succeed(""))
        })
        return Effect.sync(() => lines.close())
      })
    return {
      canAsk: stderr.isTTY === true && stdin.isTerminal,
      stdout: isScreen,
      stderr: stderr.isTTY === true,
      color: isScreen && noColor === "" && term !== "dumb",
      columns: Effect.sync(() => stdout.columns ?? stderr.columns ?? 80),
      confirm: (question) => Effect.map(ask(`${question} [y/N] `, true), (answer) => /^\s*y(es)?\s*$/i.test(answer)),
      secret: (question) => Effect.map(ask(`${question}: `, false), (answer) => Redacted.make(answer.trim()))
    }
  })

/**
 * The terminal of the process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (stdin: () => Readable): Layer.Layer<Terminal> =>
  // Whether stdin is a terminal is asked without opening it.
  Layer.effect(
    Terminal,
    Effect.suspend(() => make({ isTerminal: isatty(0), open: stdin }, process.stdout, process.stderr))
  )

const variable = (name: string): Effect.Effect<string> => Effect.orElseSucceed(Config.string(name), () => "")
