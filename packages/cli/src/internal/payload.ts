/** Joins `--input` and the flags of the fields into a payload. */
import * as Effect from "effect/Effect"
import { has, type Parsed, valueOf } from "../CliCommand.ts"
import { type InvalidJson, type UnreadableInput, UsageError } from "../CliError.ts"
import { Input } from "../Input.ts"
import { calling, type FieldFlag, fieldsOf, shared } from "./flags.ts"

export const payloadOf = (
  parsed: Parsed,
  flags: ReadonlyArray<FieldFlag>
): Effect.Effect<unknown, UsageError | UnreadableInput | InvalidJson, Input> =>
  Effect.gen(function*() {
    const input = yield* Input
    const source = valueOf(parsed, shared.input)
    const whole = source === undefined ? {} : yield* input.json(source, "--input")
    const given = yield* fieldsOf(flags, parsed.values, input)
    if (Object.keys(given).length === 0) return whole
    return typeof whole === "object" && whole !== null && !Array.isArray(whole)
      ? { ...whole, ...given }
      : yield* new UsageError({ message: "--input must be a JSON object if you also use flags for fields" })
  })

/** Both would read stdin. */
export const checkStdin = (parsed: Parsed): Effect.Effect<void, UsageError> =>
  has(parsed, calling.tokenStdin) && valueOf(parsed, shared.input) === "-"
    ? new UsageError({
      message: "--token-stdin and --input - cannot be combined; use --token-file, or a file for --input"
    })
    : Effect.void
