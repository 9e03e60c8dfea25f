/**
 * The program: a tree of commands. Each action of a registry is one of them.
 *
 * @since 0.1.0
 */
import type * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CliCommand, Parsed, Services } from "./CliCommand.ts"
import { type CliError, UsageError } from "./CliError.ts"
import * as ActionCommand from "./commands/ActionCommand.ts"
import * as Builtin from "./commands/Builtin.ts"
import * as ErrorReport from "./ErrorReport.ts"
import { readArguments } from "./internal/argv.ts"
import { find } from "./internal/commandTree.ts"
import { everywhere, option } from "./internal/flags.ts"
import { branchHelp, commandHelp, rootHelp } from "./internal/help.ts"
import { settingsOf } from "./internal/settings.ts"
import { Output, OutputSettings } from "./Output.ts"

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
export type Run = Effect.Effect<void, CliError | PostmarkError, CliApp.CliApp.Environment | Services>

/**
 * Lists every command: those of a registry's actions, and our own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const commands = (registry: ActionRegistry.Service, version: string): ReadonlyArray<CliCommand> => {
  const actions = registry.handlers.map((handled) => ActionCommand.make(handled, Builtin.extrasOf[handled.action.id]))
  const all: Array<CliCommand> = [...actions, ...Builtin.commands]
  all.push(...Builtin.aboutCommands({ name, version, commands: () => all }))
  return all
}

/**
 * Renders every text of `--help`, by the words before the flag; the text of the program itself has no words.
 *
 * @since 0.1.0
 * @category conversions
 */
export const helpTexts = (all: ReadonlyArray<CliCommand>, version: string): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ["", rootHelp(name, version, all)],
    ...[...new Set(all.flatMap(({ path: [first, ...rest] }) => rest.length === 0 ? [] : [first]))].map((first) => [
      first,
      branchHelp(name, first, all.filter(({ path }) => path[0] === first))
    ]),
    ...all.filter(({ verbatim }) => verbatim !== true).flatMap((command) =>
      [command.path.join(" "), ...command.aliases].map((words) => [words, commandHelp(name, command)])
    )
  ])

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
  const all = commands(registry, options.version)
  const run = (args: ReadonlyArray<string>): Run =>
    Effect.gen(function*() {
      const output = yield* Output
      const [first] = args
      if (first === undefined || first === "--help" || first === "-h") {
        return yield* output.text(rootHelp(name, options.version, all))
      }
      if (first === "--version") return yield* output.text(options.version)
      const found = find(all, args)
      if (found._tag === "Branch") return yield* output.text(branchHelp(name, found.first, found.commands))
      if (found._tag === "None") {
        const near = found.near === undefined ? "" : `did you mean ${name} ${found.near}? `
        return yield* new UsageError({ message: `unknown command; ${near}${name} --help lists the commands` })
      }
      const { command, rest } = found
      if (command.verbatim === true) return yield* command.run({ operands: rest, values: () => [] })
      const given = yield* readArguments(rest, command)
      if (given.includes("--help")) return yield* output.text(commandHelp(name, command))
      if (given.includes("--version")) return yield* output.text(options.version)
      const console = yield* Console.consoleWith((current) => Effect.succeed(quiet(current, output)))
      return yield* appOf(command, options.version)(["node", name, ...given]).pipe(
        Effect.catchIf(
          ValidationError.isValidationError,
          () => new UsageError({ message: `invalid arguments; see ${name} ${command.path.join(" ")} --help` })
        ),
        Effect.withConsole(console)
      )
    })

  return (args) => {
    // An error is also written as it was asked for, whatever else is wrong with the command line.
    const isJson = args.includes("--json") || args.some((arg) => arg.startsWith("--format"))
    return Effect.onExit(run(args), (exit) =>
      Exit.isSuccess(exit)
        ? Effect.void
        : Effect.flatMap(Output, (output) => output.error(ErrorReport.fromCause(exit.cause)))).pipe(
        Effect.provideService(OutputSettings, {
          format: isJson ? "json" : undefined,
          fields: [],
          quiet: false,
          color: !args.includes("--no-color")
        })
      )
  }
}

/** Parses a command's own arguments, and runs it with its settings. */
const appOf = (command: CliCommand, version: string) => {
  const flags = command.flags.filter((flag) => !parsedByLibrary.has(flag.name))
  const config = {
    values: Options.all(flags.map(option)),
    operands: Args.repeated(Args.text({ name: "argument" }))
  }
  const one = Command.make(name, config, ({ operands, values }) => {
    const byName = new Map(flags.map((flag, index) => [flag.name, values[index] ?? []]))
    const parsed: Parsed = {
      operands,
      values: (flag) => byName.get(flag) ?? []
    }
    return Effect.flatMap(
      settingsOf(parsed),
      (settings) => Effect.provideService(command.run(parsed), OutputSettings, settings)
    )
  })
  return Command.run(one, { name, version })
}

/** Flags that `@effect/cli` has by itself. */
const parsedByLibrary = new Set(
  [everywhere.help, everywhere.version, everywhere.logLevel].map((flag) => flag.name)
)

/** Sends what `@effect/cli` prints through our own output, and drops its errors, which quote arguments. */
const quiet = (console: Console.Console, output: Output["Type"]): Console.Console => ({
  ...console,
  log: (...args) => Effect.orDie(output.text(args.map(String).join(" "))),
  error: () => Effect.void
})
