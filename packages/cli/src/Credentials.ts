/**
 * The source of the server token: a flag for a file, stdin or a stored connection, then the environment, then the stored
 * connection in use. It is never an argument, because other users of the
 * machine can read arguments.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import {
  MissingToken,
  type ProfileProblem,
  type UnknownConnection,
  type UnreadableInput,
  UsageError
} from "./CliError.ts"
import type * as Input from "./Input.ts"
import type * as Profiles from "./Profiles.ts"

/**
 * The environment variable with the token.
 *
 * @since 0.1.0
 * @category constants
 */
export const variable = "POSTMARK_SERVER_TOKEN"

/**
 * The environment variable with the name of a stored connection.
 *
 * @since 0.1.0
 * @category constants
 */
export const connectionVariable = "POSTMARK_CONNECTION"

/**
 * The token's source on the command line.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly connection: string | undefined
  readonly tokenFile: string | undefined
  readonly tokenStdin: boolean
}

/**
 * A token, and the base URL that is stored with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  readonly serverToken: Redacted.Redacted
  readonly baseUrl: string | undefined
}

/**
 * Reads the token of `--token-file` or `--token-stdin`; undefined without either.
 *
 * @since 0.1.0
 * @category getters
 */
export const given = (
  { tokenFile, tokenStdin }: Omit<Source, "connection">,
  input: Input.Service
): Effect.Effect<Redacted.Redacted | undefined, MissingToken | UnreadableInput | UsageError> => {
  if (tokenStdin && tokenFile !== undefined) {
    return new UsageError({ message: "--token-stdin and --token-file cannot be combined; use one of them" })
  }
  if (!tokenStdin && tokenFile === undefined) return Effect.succeed(undefined)
  return Effect.flatMap(
    input.firstLine(tokenStdin ? "-" : tokenFile ?? "", tokenStdin ? "--token-stdin" : "--token-file"),
    (line): Effect.Effect<Redacted.Redacted, MissingToken | UsageError> =>
      line === ""
        ? new MissingToken({ message: "the server token cannot be empty; write it on the first line" })
        : checked(line)
  )
}

/**
 * Checks that a text can be a token.
 *
 * @since 0.1.0
 * @category getters
 */
export const checked = (token: string): Effect.Effect<Redacted.Redacted, UsageError> =>
  /^[!-~]+$/.test(token)
    ? Effect.succeed(Redacted.make(token))
    : new UsageError({ message: "the server token must be printable ASCII characters without spaces" })

/**
 * Finds the server token: a flag comes before the environment, and the environment before the connection in use.
 *
 * @since 0.1.0
 * @category getters
 */
export const resolve = (
  source: Source,
  input: Input.Service,
  profiles: Profiles.Service
): Effect.Effect<
  Credentials,
  MissingToken | ProfileProblem | UnknownConnection | UnreadableInput | UsageError
> =>
  Effect.gen(function*() {
    const stored = (name: string) =>
      Effect.map(profiles.get(name), ({ baseUrl, serverToken }): Credentials => ({ serverToken, baseUrl }))
    const flag = yield* given(source, input)
    if (flag !== undefined && source.connection !== undefined) {
      return yield* new UsageError({ message: "--connection cannot be combined with --token-file or --token-stdin" })
    }
    if (flag !== undefined) return { serverToken: flag, baseUrl: undefined }
    if (source.connection !== undefined) return yield* stored(source.connection)
    const token = Redacted.value(yield* Effect.orElseSucceed(Config.redacted(variable), () => Redacted.make(""))).trim()
    if (token !== "") return { serverToken: yield* checked(token), baseUrl: undefined }
    const name = yield* Effect.orElseSucceed(Config.string(connectionVariable), () => "")
    if (name !== "") return yield* stored(name)
    const { current } = yield* profiles.read
    if (current !== undefined) return yield* stored(current)
    return yield* new MissingToken({
      message: `missing server token; set ${variable}, use --token-file or --token-stdin, or store a connection`
    })
  })
