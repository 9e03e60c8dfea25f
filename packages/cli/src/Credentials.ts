/**
 * The source of the server token: the environment, a file or stdin. It is never an argument, because other users of the
 * machine can read arguments.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { MissingToken, type UnreadableInput, UsageError } from "./CliError.ts"
import type * as Input from "./Input.ts"

/**
 * The environment variable with the token.
 *
 * @since 0.1.0
 * @category constants
 */
export const variable = "POSTMARK_SERVER_TOKEN"

/**
 * The token's source on the command line.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly tokenFile: string | undefined
  readonly tokenStdin: boolean
}

/**
 * Reads the server token; a flag takes precedence over the environment.
 *
 * @since 0.1.0
 * @category getters
 */
export const resolve = (
  source: Source,
  input: Input.Service
): Effect.Effect<Redacted.Redacted, MissingToken | UnreadableInput | UsageError> =>
  Effect.gen(function*() {
    if (source.tokenStdin && source.tokenFile !== undefined) {
      return yield* new UsageError({ message: "--token-stdin and --token-file cannot be combined; use one of them" })
    }
    const file = source.tokenStdin ? "-" : source.tokenFile
    const token = file === undefined
      ? Redacted.value(yield* Effect.orElseSucceed(Config.redacted(variable), () => Redacted.make(""))).trim()
      : yield* input.firstLine(file, source.tokenStdin ? "--token-stdin" : "--token-file")
    if (token === "") {
      return yield* new MissingToken({
        message: file === undefined
          ? `missing server token; set ${variable}, or use --token-file or --token-stdin`
          : `the server token cannot be empty; write it on the first line`
      })
    }
    if (!/^[!-~]+$/.test(token)) {
      return yield* new UsageError({ message: "the server token must be printable ASCII characters without spaces" })
    }
    return Redacted.make(token)
  })
