/** Renders the help of the program and of its commands. */
import type { CliCommand, Flag } from "../CliCommand.ts"
import * as ErrorReport from "../ErrorReport.ts"
import * as ExitCode from "../ExitCode.ts"
import { calling, everywhere } from "./flags.ts"

const groups = ["Send", "Look up", "Connections", "Local tools", "Actions"]

const nameOf = ({ path }: CliCommand): string => path.join(" ")

/** The groups in the order in which people need them. */
const grouped = (commands: ReadonlyArray<CliCommand>): ReadonlyArray<readonly [string, ReadonlyArray<CliCommand>]> => {
  const rank = (group: string) => groups.includes(group) ? groups.indexOf(group) : groups.length
  return [...new Set(commands.map(({ group }) => group))].sort((a, b) => rank(a) - rank(b))
    .map((group) => [group, commands.filter((command) => command.group === group)])
}

export const rootHelp = (name: string, version: string, commands: ReadonlyArray<CliCommand>): string => {
  const width = Math.max(0, ...commands.map((command) => nameOf(command).length))
  return `${name} ${version}: Postmark on the command line

USAGE
  ${name} <command> [flags]
  ${name} <command> --help

${
    grouped(commands).map(([group, members]) =>
      `${group.toUpperCase()}\n${table(members.map((command) => [nameOf(command), command.summary]), width)}`
    ).join("\n\n")
  }

FLAGS OF EVERY COMMAND
${flagTable(Object.values(everywhere))}

FLAGS OF EVERY COMMAND THAT CALLS POSTMARK
${flagTable(Object.values(calling))}

OUTPUT
  Data goes to stdout: a table on a terminal, otherwise JSON. Everything else goes to stderr. An error is text on a
  terminal, otherwise
  {"error":{"code","message","fixableBy","retryable","disposition"?,
    "retryAfterMs"?,"errorCode"?,"issues"?,"inactiveRecipients"?,"reason"?}}

ERROR CODES
${lines(ErrorReport.codes, 5)}

EXIT CODES
${table(Object.entries(ExitCode.meanings))}

EXAMPLES
  ${name} emails send --from ann@example.com --to bob@example.com --subject Hello --text "Hello, Bob"
  ${name} emails send-batch --input people.csv --template-alias welcome --from ann@example.com --journal run.jsonl
  ${name} messages list --since 2d --tag welcome
  ${name} messages wait 5f0d7c2e-0000-4000-8000-000000000000 --timeout 5m
  ${name} stats outbound --since 30d
`
}

/** The help of a path that only begins commands: `emails`. */
export const branchHelp = (name: string, first: string, commands: ReadonlyArray<CliCommand>): string =>
  `${name} ${first} <command> [flags]

COMMANDS
${table(commands.map((command) => [nameOf(command), command.summary]))}

  ${name} <command> --help shows a command's flags.
`

export const commandHelp = (name: string, command: CliCommand): string => {
  const common = new Set<Flag>([...Object.values(everywhere), ...Object.values(calling)])
  const own = command.flags.filter((flag) => !common.has(flag))
  const operands = command.operands.map((operand) =>
    operand.optional === true ? ` [${operand.name}]` : ` <${operand.name}>`
  ).join("")
  const rest = command.flags.filter((flag) => common.has(flag))
  const sections: ReadonlyArray<readonly [string, string]> = [
    ["ARGUMENTS", table(command.operands.map((operand) => [operand.name, operand.description]))],
    ["FLAGS", flagTable(own)],
    ["FLAGS OF EVERY COMMAND", flagTable(rest)],
    [
      "FIELDS OF --input",
      command.fields === undefined
        ? ""
        : command.fields.length === 0
        ? "  any JSON"
        : table(command.fields.map((field) => [
          `${field.name}${field.optional ? "?" : ""}`,
          `${field.type}${field.description === undefined ? "" : `: ${field.description}`}`
        ]))
    ],
    ["OUTPUT", `  ${command.output}`],
    ["ERROR CODES", lines(command.codes, 4)],
    ["EXAMPLES", command.examples.map((example) => `  ${name} ${example}`).join("\n")],
    ["ALSO", command.aliases.length === 0 ? "" : `  ${command.aliases.map((alias) => `${name} ${alias}`).join("\n  ")}`]
  ]
  return `${name} ${nameOf(command)}${operands}${command.verbatim === true ? " …" : " [flags]"}

  ${command.summary}.${command.details === undefined ? "" : ` ${command.details}`}

${sections.filter(([, text]) => text !== "").map(([title, text]) => `${title}\n${text}`).join("\n\n")}
`
}

const flagTable = (flags: ReadonlyArray<Flag>): string =>
  table(flags.map((flag) => [
    `${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.negatable ? "[no-]" : ""}${flag.name}${
      flag.value === undefined ? "" : ` <${flag.value}>`
    }`,
    `${flag.description}${flag.repeated ? `${flag.description === "" ? "" : "; "}may be repeated` : ""}`
  ]))

const table = (rows: ReadonlyArray<readonly [string, string]>, atLeast = 0): string => {
  const width = Math.max(atLeast, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n")
}

const lines = (words: ReadonlyArray<string>, perLine: number): string =>
  words.map((word, index) => `${index % perLine === 0 ? `${index === 0 ? "" : "\n"}  ` : " "}${word}`).join("")
