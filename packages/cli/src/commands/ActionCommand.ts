/**
 * Derives an action's command from its definition: `--input` for the whole payload, and a flag for each field that fits
 * in a flag.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BatchRejected, type CliError, PartialSuccess, UsageError } from "../CliError.ts"
import * as Credentials from "../Credentials.ts"
import * as ErrorReport from "../ErrorReport.ts"
import { Input } from "../Input.ts"
import { allFlags, common, fieldFlags, fieldsOf, type Flag, option } from "../internal/flags.ts"
import { commandHelp } from "../internal/help.ts"
import { payloadFields } from "../internal/payloadFields.ts"
import { Output } from "../Output.ts"

/**
 * The parsed arguments; `given` has the values of each of the payload's flags.
 *
 * @since 0.1.0
 * @category models
 */
export interface Arguments {
  readonly input: string | undefined
  readonly given: ReadonlyArray<ReadonlyArray<string>>
  readonly baseUrl: string | undefined
  readonly timeout: string | undefined
  readonly tokenFile: string | undefined
  readonly tokenStdin: boolean
}

/**
 * A command with its flags and its help.
 *
 * @since 0.1.0
 * @category models
 */
export interface ActionCommand {
  readonly action: Action.Definition
  readonly flags: ReadonlyArray<Flag>
  readonly help: (program: string) => string
  readonly command: Command.Command<string, HttpClient.HttpClient | Input | Output, CliError | PostmarkError, Arguments>
}

/**
 * Builds the command that runs an action.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (handled: Action.Handled): ActionCommand => {
  const { action } = handled
  const fields = payloadFields(action.payload)
  const flags = fieldFlags(fields)
  const config: { readonly [K in keyof Arguments]: Options.Options<Arguments[K]> } = {
    input: optionalText(common.input),
    given: Options.all(flags.map(option)),
    baseUrl: optionalText(common.baseUrl),
    timeout: optionalText(common.timeout),
    tokenFile: optionalText(common.tokenFile),
    tokenStdin: Options.boolean(common.tokenStdin.name)
  }
  const command = Command.make(action.name, config, (options) =>
    Effect.gen(function*() {
      const input = yield* Input
      const output = yield* Output
      if (options.tokenStdin && options.input === "-") {
        return yield* new UsageError({
          message: "--token-stdin and --input - cannot be combined; use --token-file, or a file for --input"
        })
      }
      const timeLimit = yield* secondsOf(options.timeout)
      const apiUrl = yield* baseUrlOf(options.baseUrl)
      const serverToken = yield* Credentials.resolve(options, input)
      const whole = options.input === undefined ? {} : yield* input.json(options.input, "--input")
      const payload = yield* merged(whole, yield* fieldsOf(flags, options.given, input))
      const client = yield* PostmarkClient.make({ serverToken, apiUrl })
      yield* Effect.logDebug(`${action.id} at ${apiUrl ?? PostmarkClient.defaultApiUrl}`)
      const result = yield* handled.run(payload, client).pipe(
        RetryPolicy.withTimeLimit(timeLimit ?? defaultTimeLimit),
        Effect.onInterrupt(() => output.error(ErrorReport.interrupted(action))),
        Effect.tapDefect(logStack)
      )
      yield* output.data(result)
      yield* judge(result)
    })).pipe(Command.withDescription(`${action.description}.`))
  return { action, flags: allFlags(flags), help: (program) => commandHelp(program, action, fields, flags), command }
}

/** Twice a request's own timeout, so that a lost response can still be searched for. */
const defaultTimeLimit = "60 seconds"

const optionalText = (flag: Flag): Options.Options<string | undefined> =>
  Options.text(flag.name).pipe(
    Options.withDescription(flag.description),
    Options.optional,
    Options.map(Option.getOrUndefined)
  )

/** Merges the flags into the input; a flag replaces the field of the same name. */
const merged = (
  whole: unknown,
  given: Readonly<Record<string, unknown>>
): Effect.Effect<unknown, UsageError> => {
  if (Object.keys(given).length === 0) return Effect.succeed(whole)
  return typeof whole === "object" && whole !== null && !Array.isArray(whole)
    ? Effect.succeed({ ...whole, ...given })
    : new UsageError({ message: "--input must be a JSON object if you also use flags for fields" })
}

const secondsOf = (text: string | undefined): Effect.Effect<Duration.Duration | undefined, UsageError> => {
  if (text === undefined) return Effect.succeed(undefined)
  return /^\d+(\.\d+)?$/.test(text) && Number(text) > 0
    ? Effect.succeed(Duration.seconds(Number(text)))
    : new UsageError({ message: "--timeout must be a number of seconds above 0, such as 10 or 0.5" })
}

const baseUrlOf = (flag: string | undefined): Effect.Effect<string | undefined, UsageError> =>
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

/** Logs only the stack frames, because a defect's message may quote the payload. */
const logStack = (defect: unknown): Effect.Effect<void> =>
  Effect.logDebug(defect instanceof Error ? frames(defect) : "a defect that is not an Error")

const frames = (error: Error): string =>
  `${error.name} ${(error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).join(" ").trim()}`

const Outcomes = Schema.Struct({ outcomes: Schema.Array(Schema.Struct({ _tag: Schema.String })) })
const isOutcomes = Schema.is(Outcomes)

/** Fails if a result has an outcome for each message and Postmark rejected any of them. */
const judge = (result: unknown): Effect.Effect<void, PartialSuccess | BatchRejected> => {
  if (!isOutcomes(result)) return Effect.void
  const all = result.outcomes.length
  const rejected = result.outcomes.filter(({ _tag }) => _tag === "Rejected").length
  if (rejected === 0) return Effect.void
  return rejected < all
    ? new PartialSuccess({
      message: `Postmark rejected ${rejected} of ${all} messages; stdout has the outcome of each`
    })
    : new BatchRejected({ message: `Postmark rejected all ${all} messages; stdout has the outcome of each` })
}
