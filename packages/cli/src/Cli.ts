/**
 * The program: a command for each action of a registry.
 *
 * @since 0.1.0
 */
import type * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Arr from "effect/Array"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type CliError, UsageError } from "./CliError.ts"
import * as ActionCommand from "./commands/ActionCommand.ts"
import * as ErrorReport from "./ErrorReport.ts"
import type { Input } from "./Input.ts"
import { readArguments } from "./internal/argv.ts"
import { rootHelp } from "./internal/help.ts"
import { Output } from "./Output.ts"

/**
 * The program's name.
 *
 * @since 0.1.0
 * @category constants
 */
export const name = "effect-postmark"

/**
 * One run of the program. It writes a failure to stderr before it fails.
 *
 * @since 0.1.0
 * @category models
 */
export type Run = Effect.Effect<
  void,
  CliError | PostmarkError,
  CliApp.CliApp.Environment | HttpClient.HttpClient | Input | Output
>

/**
 * Builds the program for a registry's actions. Its arguments are those after the program's name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  registry: ActionRegistry.Service,
  options: { readonly version: string }
): (args: ReadonlyArray<string>) => Run => {
  const commands = registry.handlers.map(ActionCommand.make)
  const children = commands.map(({ command }) => command)
  const root = Command.make(name).pipe(Command.withDescription("Run Postmark's actions on the command line."))
  const about = { name, version: options.version }
  const app = Arr.isNonEmptyReadonlyArray(children)
    ? Command.run(Command.withSubcommands(root, children), about)
    : Command.run(root, about)
  const help = rootHelp(name, options.version, commands.map(({ action }) => action))

  const run = (args: ReadonlyArray<string>): Run =>
    Effect.gen(function*() {
      const output = yield* Output
      const [first, ...rest] = args
      if (first === undefined || first === "--help" || first === "-h") return yield* output.text(help)
      if (first === "--version") return yield* output.text(options.version)
      const command = commands.find(({ action }) => action.name === first || action.id === first)
      if (command === undefined && first !== "--completions") {
        return yield* new UsageError({ message: `unknown command; ${name} --help lists the commands` })
      }
      const given = command === undefined ? rest : yield* readArguments(rest, command.flags)
      if (command !== undefined && given.includes("--help")) return yield* output.text(command.help(name))
      if (given.includes("--version")) return yield* output.text(options.version)
      const read = [command?.action.name ?? first, ...given]
      const console = yield* Console.consoleWith((current) => Effect.succeed(quiet(current, output)))
      return yield* app(["node", name, ...read]).pipe(
        Effect.catchIf(
          ValidationError.isValidationError,
          () => new UsageError({ message: `invalid arguments; see ${name} --help` })
        ),
        Effect.withConsole(console)
      )
    })

  return (args) =>
    Effect.onExit(run(args), (exit) =>
      Exit.isSuccess(exit)
        ? Effect.void
        : Effect.flatMap(Output, (output) => output.error(ErrorReport.fromCause(exit.cause))))
}

/** Sends what `@effect/cli` prints through our own output, and drops its errors, which quote arguments. */
const quiet = (console: Console.Console, output: Output["Type"]): Console.Console => ({
  ...console,
  log: (...args) => Effect.orDie(output.text(args.map(String).join(" "))),
  error: () => Effect.void
})
