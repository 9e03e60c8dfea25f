/**
 * `completions` and `commands`: the program about itself.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { CliCommand } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { completions, shells } from "../internal/completions.ts"
import { everywhere, spelled } from "../internal/flags.ts"
import { Output } from "../Output.ts"

/**
 * The program that the commands are about.
 *
 * @since 0.1.0
 * @category models
 */
export interface Program {
  readonly name: string
  readonly version: string
  readonly commands: () => ReadonlyArray<CliCommand>
}

/**
 * Builds the commands about a program.
 *
 * @since 0.1.0
 * @category commands
 */
export const commands = (program: Program): ReadonlyArray<CliCommand> => [
  {
    path: ["completions"],
    aliases: [],
    group: "Local tools",
    summary: "Print the completions of a shell",
    operands: [{ name: "shell", description: shells.join(", ") }],
    flags: Object.values(everywhere),
    output: "a script for the shell",
    examples: [
      "completions bash > ~/.local/share/bash-completion/completions/effect-postmark",
      "completions zsh > \"${fpath[1]}/_effect-postmark\"",
      "completions fish > ~/.config/fish/completions/effect-postmark.fish"
    ],
    codes: ["usage_error"],
    run: ({ operands }) => {
      const shell = shells.find((each) => each === operands[0])
      return shell === undefined
        ? new UsageError({ message: `the shell must be one of ${shells.join(", ")}` })
        : Effect.flatMap(Output, (output) => output.text(completions(shell, program.name, program.commands())))
    }
  },
  {
    path: ["commands"],
    aliases: [],
    group: "Local tools",
    summary: "List every command with its flags as data",
    operands: [],
    flags: Object.values(everywhere),
    output: "[{ command, aliases, group, summary, arguments, flags, output, codes, examples }]",
    examples: ["commands --json"],
    codes: [],
    run: () =>
      Effect.flatMap(Output, (output) =>
        output.data(program.commands().map(described), {
          list: "",
          columns: [{ path: "command" }, { path: "summary" }]
        }))
  }
]

const described = (command: CliCommand) => ({
  command: command.path.join(" "),
  aliases: command.aliases,
  group: command.group,
  summary: command.summary,
  arguments: command.operands.map(({ name, optional = false }) => ({ name, optional })),
  flags: spelled(command.flags).map(({ name, repeated, value }) => ({
    name: `--${name}`,
    value: value ?? null,
    repeated
  })),
  output: command.output,
  codes: command.codes,
  examples: command.examples
})
