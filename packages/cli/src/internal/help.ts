/** Renders the help of the program and of its commands. */
import type * as Action from "@effect-postmark/core/Action"
import * as ErrorReport from "../ErrorReport.ts"
import * as ExitCode from "../ExitCode.ts"
import { common, type FieldFlag, type Flag } from "./flags.ts"
import type { Field } from "./payloadFields.ts"

export const rootHelp = (name: string, version: string, actions: ReadonlyArray<Action.Definition>): string =>
  `${name} ${version}: run Postmark's actions on the command line

USAGE
  ${name} <command> [flags]
  ${name} <command> --help
  ${name} --completions bash|fish|sh|zsh

COMMANDS
${table(actions.map((action) => [action.name, action.description]))}

FLAGS OF EVERY COMMAND
${flagTable(Object.values(common))}

OUTPUT
  Write data as JSON to stdout, indented on a terminal and otherwise on one line. Write an error to stderr:
  {"error":{"code","message","fixableBy","retryable","disposition"?,
    "retryAfterMs"?,"errorCode"?,"issues"?,"inactiveRecipients"?}}

ERROR CODES
${lines(ErrorReport.codes, 5)}

EXIT CODES
${table(Object.entries(ExitCode.meanings))}

EXAMPLES
  ${name} send-email --from ann@example.com --to bob@example.com --subject Hello --text "Hello, Bob"
  ${name} send-email-batch --input batch.json
  ${name} list-outbound-messages --tag welcome --count 10
`

export const commandHelp = (
  name: string,
  action: Action.Definition,
  fields: ReadonlyArray<Field>,
  flags: ReadonlyArray<FieldFlag>
): string =>
  `${name} ${action.name} [flags]

  ${action.description}.
${
    flags.length === 0 ? "" : `
FLAGS OF THE PAYLOAD
${flagTable(flags)}
`
  }
FLAGS OF EVERY COMMAND
${flagTable(Object.values(common))}

FIELDS OF --input${fields.length === 0 ? "\n  any JSON" : ""}
${
    table(fields.map((field) => [
      `${field.name}${field.optional ? "?" : ""}`,
      `${field.type}${field.description === undefined ? "" : `: ${field.description}`}`
    ]))
  }

EXAMPLES
  ${name} ${action.name} --input payload.json
  ${name} ${action.name} --input - < payload.json
`

const flagTable = (flags: ReadonlyArray<Flag>): string =>
  table(flags.map((flag) => [
    `--${flag.negatable ? "[no-]" : ""}${flag.name}${flag.value === undefined ? "" : ` <${flag.value}>`}`,
    `${flag.description}${flag.repeated ? `${flag.description === "" ? "" : "; "}may be repeated` : ""}`
  ]))

const table = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n")
}

const lines = (words: ReadonlyArray<string>, perLine: number): string =>
  words.map((word, index) => `${index % perLine === 0 ? `${index === 0 ? "" : "\n"}  ` : " "}${word}`).join("")
