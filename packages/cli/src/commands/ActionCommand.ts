/**
 * Derives an action's command from its definition: `--input` for the whole payload, and a flag for each field that fits
 * in a flag.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CliCommand, Flag, Operand, Parsed, Services } from "../CliCommand.ts"
import { BatchRejected, type CliError, PartialSuccess } from "../CliError.ts"
import * as ErrorReport from "../ErrorReport.ts"
import { type Call, open } from "../internal/calling.ts"
import { calling, everywhere, type FieldFlag, fieldFlags, shared } from "../internal/flags.ts"
import { checkStdin, payloadOf } from "../internal/payload.ts"
import { type Field, payloadFields } from "../internal/payloadFields.ts"
import { Output } from "../Output.ts"
import type { View } from "../View.ts"

/**
 * What an action's command has beside what is derived: its place in the tree, its help, its view and flags of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Extras {
  readonly path: CliCommand["path"]
  readonly group: string
  readonly summary?: string | undefined
  readonly details?: string | undefined
  readonly operands?: ReadonlyArray<Operand> | undefined
  readonly flags?: ReadonlyArray<Flag> | undefined
  readonly output?: string | undefined
  readonly examples: ReadonlyArray<string>
  readonly codes?: ReadonlyArray<string> | undefined
  readonly view?: View | undefined
  /** Replaces the run of the action. */
  readonly run?: ((derived: Derived, parsed: Parsed) => ReturnType<CliCommand["run"]>) | undefined
}

/**
 * The parts of an action's command that its own run can use.
 *
 * @since 0.1.0
 * @category models
 */
export interface Derived {
  readonly handled: Action.Handled
  readonly fieldFlags: ReadonlyArray<FieldFlag>
  readonly view: View | undefined
}

/**
 * Builds the command that runs an action.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (handled: Action.Handled, extras?: Extras): CliCommand => {
  const { action } = handled
  const fields: ReadonlyArray<Field> = payloadFields(action.payload)
  const own = extras?.flags ?? []
  const flags = fieldFlags(fields, own)
  const derived: Derived = { handled, fieldFlags: flags, view: extras?.view }
  const [first = action.name, ...rest] = extras?.path ?? []
  return {
    path: [first, ...rest],
    aliases: [...(first === action.name ? [] : [action.name]), action.id],
    group: extras?.group ?? "Actions",
    summary: extras?.summary ?? action.description,
    details: extras?.details,
    operands: extras?.operands ?? [],
    flags: [...flags, shared.input, ...own, ...Object.values(calling), ...Object.values(everywhere)],
    fields,
    output: extras?.output ?? "the result of the action as JSON",
    examples: [
      ...(extras?.examples ?? []),
      `${action.name} --input payload.json`,
      `${action.name} --input - < payload.json`
    ],
    codes: extras?.codes ?? codesOf(action),
    run: (parsed) => extras?.run === undefined ? run(derived, parsed) : extras.run(derived, parsed)
  }
}

/**
 * Runs an action: reads the payload, makes the call, and writes the result.
 *
 * @since 0.1.0
 * @category combinators
 */
export const run = (derived: Derived, parsed: Parsed): Effect.Effect<void, CliError | PostmarkError, Services> =>
  Effect.gen(function*() {
    yield* checkStdin(parsed)
    const call = yield* open(parsed)
    const result = yield* perform(derived.handled, yield* payloadOf(parsed, derived.fieldFlags), call)
    yield* Effect.flatMap(Output, (output) => output.data(result, derived.view))
    yield* judge(result)
  })

/**
 * Makes the call of an action within the time limit. If it is interrupted, the report says what may have been sent.
 *
 * @since 0.1.0
 * @category combinators
 */
export const perform = (
  { action, run }: Action.Handled,
  payload: unknown,
  { client, limited }: Call
): Effect.Effect<unknown, PostmarkError, Output> =>
  Effect.flatMap(Output, (output) =>
    limited(run(payload, client)).pipe(
      Effect.onInterrupt(() => output.error(ErrorReport.interrupted(action))),
      Effect.tapDefect(logStack)
    ))

/** Logs only the stack frames, because a defect's message may quote the payload. */
const logStack = (defect: unknown): Effect.Effect<void> =>
  Effect.logDebug(defect instanceof Error ? frames(defect) : "a defect that is not an Error")

const frames = (error: Error): string =>
  `${error.name} ${(error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).join(" ").trim()}`

const Outcomes = Schema.Struct({ outcomes: Schema.Array(Schema.Struct({ _tag: Schema.String })) })
const isOutcomes = Schema.is(Outcomes)

/**
 * Fails if a result has an outcome for each message and Postmark rejected any of them.
 *
 * @since 0.1.0
 * @category combinators
 */
export const judge = (result: unknown): Effect.Effect<void, PartialSuccess | BatchRejected> => {
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

const codesOf = ({ readOnly }: Action.Definition): ReadonlyArray<string> =>
  readOnly
    ? [
      "validation_failure",
      "rate_limited",
      "invalid_token",
      "request_refused",
      "postmark_unavailable",
      "unexpected_response"
    ]
    : [
      "validation_failure",
      "rate_limited",
      "invalid_token",
      "request_refused",
      "postmark_unavailable",
      "outcome_unknown"
    ]
