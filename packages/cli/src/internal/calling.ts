/** What every command that calls Postmark does: reads its flags, finds the token, and makes the client. */
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { has, type Parsed, valueOf } from "../CliCommand.ts"
import {
  type MissingToken,
  type ProfileProblem,
  type UnknownConnection,
  type UnreadableInput,
  UsageError
} from "../CliError.ts"
import * as Credentials from "../Credentials.ts"
import { Input } from "../Input.ts"
import { Profiles } from "../Profiles.ts"
import { durationOf } from "./duration.ts"
import { calling } from "./flags.ts"

/** A client, and what the command was told about its calls. */
export interface Call {
  readonly client: PostmarkClient.Service
  readonly serverToken: Redacted.Redacted
  readonly timeout: Duration.Duration
  /** Applies `--timeout`. */
  readonly limited: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

type Problem = MissingToken | ProfileProblem | UnknownConnection | UnreadableInput | UsageError

export const open = (parsed: Parsed): Effect.Effect<Call, Problem, HttpClient.HttpClient | Input | Profiles> =>
  Effect.gen(function*() {
    const timeout = yield* timeoutOf(parsed)
    const url = yield* baseUrlOf(valueOf(parsed, calling.baseUrl))
    const credentials = yield* Credentials.resolve(sourceOf(parsed), yield* Input, yield* Profiles)
    const apiUrl = url ?? credentials.baseUrl
    const client = yield* PostmarkClient.make({ serverToken: credentials.serverToken, apiUrl })
    yield* Effect.logDebug(`calls go to ${apiUrl ?? PostmarkClient.defaultApiUrl}`)
    return { client, serverToken: credentials.serverToken, timeout, limited: RetryPolicy.withTimeLimit(timeout) }
  })

export const timeoutOf = (parsed: Parsed): Effect.Effect<Duration.Duration, UsageError> => {
  const text = valueOf(parsed, calling.timeout)
  return text === undefined ? Effect.succeed(defaultTimeLimit) : durationOf(text, calling.timeout.name)
}

export const sourceOf = (parsed: Parsed): Credentials.Source => ({
  connection: valueOf(parsed, calling.connection),
  tokenFile: valueOf(parsed, calling.tokenFile),
  tokenStdin: has(parsed, calling.tokenStdin)
})

/** Twice a request's own timeout, so that a lost response can still be searched for. */
const defaultTimeLimit = Duration.seconds(60)

export const baseUrlOf = (flag: string | undefined): Effect.Effect<string | undefined, UsageError> =>
  Effect.flatMap(
    Effect.orElseSucceed(Config.string("POSTMARK_BASE_URL"), () => ""),
    (variable) => {
      const text = flag ?? (variable === "" ? undefined : variable)
      if (text === undefined) return Effect.succeed(undefined)
      const url = URL.canParse(text) ? new URL(text) : undefined
      return url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === ""
        ? Effect.succeed(text)
        : new UsageError({
          message:
            "--base-url (or POSTMARK_BASE_URL) must be an HTTP URL without a user or query, such as http://127.0.0.1:4010"
        })
    }
  )
