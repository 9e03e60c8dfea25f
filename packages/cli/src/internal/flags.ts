/** Derives a command's flags from the fields of its payload, and converts flags back to fields. */
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import { type Flag, flag } from "../CliCommand.ts"
import { type InvalidJson, type UnreadableInput, UsageError } from "../CliError.ts"
import * as Input from "../Input.ts"
import { contentType } from "./contentType.ts"
import type { Field, Shape } from "./payloadFields.ts"

export interface FieldFlag extends Flag {
  readonly field: Field
}

/** The flags of every command. */
export const everywhere = {
  format: flag("format", "format", "write json, jsonl, csv or table (a table on a terminal, json otherwise)"),
  json: flag("json", undefined, "the same as --format json, and never ask a question"),
  fields: flag("fields", "a,b.c", "write only these fields"),
  quiet: flag("quiet", undefined, "write no progress and no notes to stderr", { short: "q" }),
  noColor: flag("no-color", undefined, "write no colors (NO_COLOR)"),
  logLevel: flag("log-level", "level", "log to stderr from this level: debug, info, warning, error or none"),
  help: flag("help", undefined, "show this help", { short: "h" }),
  version: flag("version", undefined, "show the version")
}

/** The flags of every command that calls Postmark. */
export const calling = {
  connection: flag("connection", "name", "use this stored connection (POSTMARK_CONNECTION)", { short: "c" }),
  baseUrl: flag("base-url", "url", "use another server, such as the test double (POSTMARK_BASE_URL, or Postmark)"),
  timeout: flag("timeout", "duration", "limit the whole command: 30, 90s or 5m (60s)"),
  tokenFile: flag("token-file", "path", "read the server token from the first line of a file (POSTMARK_SERVER_TOKEN)"),
  tokenStdin: flag("token-stdin", undefined, "read the server token from the first line of stdin")
}

/** Flags of several commands. */
export const shared = {
  input: flag("input", "file|-", "read the payload as JSON from a file or stdin; other flags replace its fields"),
  yes: flag("yes", undefined, "do not ask for a confirmation", { short: "y" }),
  dryRun: flag("dry-run", undefined, "check everything and show the request, but do not make it"),
  all: flag("all", undefined, "follow all pages, beyond the 10,000 messages of one search"),
  limit: flag("limit", "number", "stop after this many"),
  since: flag("since", "duration|date", "begin this long ago: 90m, 12h, 2d, or at a date of Eastern Time")
}

/** Derives a flag for each field that fits in one. A field whose flag would hide a common flag is only in `--input`. */
export const fieldFlags = (
  fields: ReadonlyArray<Field>,
  others: ReadonlyArray<Flag> = []
): ReadonlyArray<FieldFlag> => {
  const taken = new Set([
    ...[...Object.values(everywhere), ...Object.values(calling), shared.input, ...others].map(({ name }) => name),
    ...reserved
  ])
  return fields.flatMap(withFile).flatMap((field): ReadonlyArray<FieldFlag> => {
    const name = field.shape._tag === "TextFile"
      ? `${shortNames[field.name] ?? kebabCase(field.name)}-file`
      : shortNames[field.name] ?? kebabCase(field.name)
    const negatable = field.shape._tag === "Boolean"
    const names = negatable ? [name, `no-${name}`] : [name]
    if (field.shape._tag === "Other" || names.some((each) => taken.has(each))) return []
    for (const each of names) taken.add(each)
    return [{
      name,
      field,
      negatable,
      value: valueNames[field.shape._tag],
      repeated: isRepeated(field.shape),
      description: describe(field)
    }]
  })
}

/** A body can also be read from a file. */
const withFile = (field: Field): ReadonlyArray<Field> =>
  field.name === "htmlBody" || field.name === "textBody"
    ? [field, { ...field, shape: { _tag: "TextFile" }, description: "a UTF-8 file" }]
    : [field]

/** Flags of `@effect/cli` that we do not offer; it would still parse them in place of a value. */
export const reserved: ReadonlyArray<string> = ["completions", "wizard"]

/** Adds the negated form of each switch that has one. */
export const spelled = (flags: ReadonlyArray<Flag>): ReadonlyArray<Flag> =>
  flags.flatMap((each) => each.negatable ? [each, { ...each, name: `no-${each.name}`, short: undefined }] : [each])

/** Parses a flag's values: none, one or several. The value of a switch is its own name. */
export const option = (flag: Flag): Options.Options<ReadonlyArray<string>> => {
  if (flag.negatable) {
    const no = `no-${flag.name}`
    return Options.map(
      Options.all([Options.boolean(flag.name), Options.boolean(no)]),
      ([yes, negated]) => [...(yes ? [flag.name] : []), ...(negated ? [no] : [])]
    )
  }
  if (flag.value === undefined) {
    return Options.map(Options.boolean(flag.name), (given) => given ? [flag.name] : [])
  }
  const single = Options.text(flag.name).pipe(Options.withDescription(flag.description))
  return flag.repeated
    ? Options.repeated(single)
    : Options.map(Options.optional(single), (value) => Option.toArray(value))
}

/** Converts the flags' values to fields of the payload. */
export const fieldsOf = (
  flags: ReadonlyArray<FieldFlag>,
  given: (name: string) => ReadonlyArray<string>,
  input: Input.Service
): Effect.Effect<Readonly<Record<string, unknown>>, UsageError | UnreadableInput | InvalidJson> => {
  const used = flags.flatMap((flag) => {
    const values = given(flag.name)
    return values.length === 0 ? [] : [{ flag, values }]
  })
  const twice = used.find(({ flag }, index) =>
    used.findIndex((each) => each.flag.field.name === flag.field.name) < index
  )
  if (twice !== undefined) {
    const name = twice.flag.name
    return new UsageError({ message: `--${name} and --${name.replace(/-file$/, "")} cannot be combined` })
  }
  return Effect.map(
    Effect.forEach(
      used,
      ({ flag, values }) => Effect.map(valueOf(flag, values, input), (value) => [flag.field.name, value] as const)
    ),
    (entries) => Object.fromEntries(entries)
  )
}

const valueOf = (
  flag: FieldFlag,
  values: ReadonlyArray<string>,
  input: Input.Service
): Effect.Effect<unknown, UsageError | UnreadableInput | InvalidJson> => {
  const [first = ""] = values
  const usage = (problem: string) => new UsageError({ message: `--${flag.name} ${problem}` })
  switch (flag.field.shape._tag) {
    case "Text":
      return Effect.succeed(first)
    case "TextFile":
      return input.text(first, `--${flag.name}`)
    case "Number":
      // Passes on a value that is not a number: the payload's own check then names the field and the rule.
      return Effect.succeed(/^-?\d+(\.\d+)?$/.test(first) ? Number(first) : first)
    case "Boolean":
      return values.length > 1
        ? usage(`and --no-${flag.name} cannot be combined`)
        : Effect.succeed(first === flag.name)
    case "Texts":
      return Effect.succeed(flag.field.shape.alone && values.length === 1 ? first : values)
    case "Pairs": {
      const pairs = values.map((value) => split(value, "="))
      const keys = new Set(pairs.map((pair) => pair?.[0]))
      if (pairs.includes(undefined)) return usage("must be name=value")
      return keys.size < pairs.length
        ? usage("cannot repeat a name")
        : Effect.succeed(Object.fromEntries(pairs.flatMap((pair) => pair === undefined ? [] : [pair])))
    }
    case "Headers": {
      const headers = values.map((value) => split(value, ":"))
      return headers.includes(undefined)
        ? usage("must be \"Name: value\"")
        : Effect.succeed(
          headers.flatMap((pair) => pair === undefined ? [] : [{ name: pair[0], value: pair[1].trim() }])
        )
    }
    case "Files":
      return Effect.forEach(
        values,
        (path, index) =>
          Effect.map(input.bytes(path, `--${flag.name} ${index + 1}`), (bytes) => {
            const name = path.split(/[\\/]/).at(-1) ?? path
            return { name, content: Encoding.encodeBase64(bytes), contentType: contentType(name) }
          })
      )
    case "Json":
      return first.startsWith("@")
        ? input.json(first.slice(1), `--${flag.name}`)
        : Input.parseJson(first, `--${flag.name}`)
    case "Other":
      return usage("cannot be a flag; put it into --input")
  }
}

const split = (text: string, separator: string): readonly [string, string] | undefined => {
  const index = text.indexOf(separator)
  return index < 1 ? undefined : [text.slice(0, index), text.slice(index + 1)]
}

const isRepeated = (shape: Shape): boolean =>
  shape._tag === "Texts" || shape._tag === "Pairs" || shape._tag === "Headers" || shape._tag === "Files"

const shortNames: Readonly<Record<string, string>> = {
  htmlBody: "html",
  textBody: "text",
  headers: "header",
  attachments: "attach",
  templateModel: "model"
}

const valueNames: { readonly [K in Shape["_tag"]]: string | undefined } = {
  Text: "text",
  TextFile: "path",
  Number: "number",
  Boolean: undefined,
  Texts: "text",
  Pairs: "name=value",
  Headers: "name: value",
  Files: "path",
  Json: "JSON|@file",
  Other: undefined
}

const describe = (field: Field): string => {
  const what = field.type.includes(" | ") ? `one of ${field.type.replaceAll(" | ", ", ")}` : field.description ?? ""
  const renamed = shortNames[field.name] === undefined ? "" : `the field ${field.name}`
  return [what, renamed].filter((part) => part !== "").join("; ")
}

const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
