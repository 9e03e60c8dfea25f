/**
 * Where the server token comes from: the environment, a file, or stdin; never an argument, which other users of the
 * machine could read.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { MissingToken, type UnreadableInput, UsageError } from "./CliError.ts"
import type * as Input from "./Input.ts"

/**
 * The environment variable that holds the token.
 *
 * @since 0.1.0
 * @category constants
 */
export const variable = "POSTMARK_SERVER_TOKEN"

/**
 * What the command line says of the token.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly tokenFile: string | undefined
  readonly tokenStdin: boolean
}

/**
 * The server token; a flag goes before the environment.
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
      return yield* new UsageError({ message: "give --token-stdin or --token-file, not both" })
    }
    const file = source.tokenStdin ? "-" : source.tokenFile
    const token = file === undefined
      ? Redacted.value(yield* Effect.orElseSucceed(Config.redacted(variable), () => Redacted.make(""))).trim()
      : yield* input.firstLine(file, source.tokenStdin ? "--token-stdin" : "--token-file")
    if (token === "") {
      return yield* new MissingToken({
        message: file === undefined
          ? `set ${variable} to the server token, or give --token-file or --token-stdin`
          : `the server token is empty`
      })
    }
    if (!/^[!-~]+$/.test(token)) {
      return yield* new UsageError({ message: "the server token holds characters that no token has" })
    }
    return Redacted.make(token)
  })
