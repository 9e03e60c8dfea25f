/** Reads how a command writes. */
import * as Effect from "effect/Effect"
import { has, type Parsed, valueOf } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { formats, type Settings } from "../Output.ts"
import { everywhere } from "./flags.ts"

export const settingsOf = (parsed: Parsed): Effect.Effect<Settings, UsageError> =>
  Effect.gen(function*() {
    const text = valueOf(parsed, everywhere.format)
    const format = formats.find((each) => each === text)
    if (text !== undefined && format === undefined) {
      return yield* new UsageError({ message: `--format must be one of ${formats.join(", ")}` })
    }
    const isJson = has(parsed, everywhere.json)
    if (isJson && format !== undefined && format !== "json") {
      return yield* new UsageError({ message: "--json and --format cannot be combined" })
    }
    const fields = (valueOf(parsed, everywhere.fields) ?? "").split(",").map((field) => field.trim())
      .filter((field) => field !== "")
    return {
      format: isJson ? "json" : format,
      fields,
      quiet: has(parsed, everywhere.quiet),
      color: !has(parsed, everywhere.noColor)
    }
  })
