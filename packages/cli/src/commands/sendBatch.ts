/**
 * `emails send-batch`: any number of messages from JSON, JSON Lines or CSV.
 *
 * @since 0.1.0
 */
import { CorrelationNames } from "@effect-postmark/core/Correlation"
import { emailFields, templateEmailFields } from "@effect-postmark/core/Email"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { flag, has, type Parsed, valueOf } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { Input } from "../Input.ts"
import { kindOf } from "../internal/batch/kind.ts"
import * as Messages from "../internal/batch/messages.ts"
import * as Session from "../internal/batch/session.ts"
import * as Source from "../internal/batch/source.ts"
import { validate } from "../internal/batch/validate.ts"
import { open } from "../internal/calling.ts"
import { durationOf } from "../internal/duration.ts"
import { type FieldFlag, fieldFlags, fieldsOf, shared } from "../internal/flags.ts"
import { checkStdin, payloadOf } from "../internal/payload.ts"
import { payloadFields } from "../internal/payloadFields.ts"
import { Output } from "../Output.ts"
import * as ActionCommand from "./ActionCommand.ts"

const inputFormat = flag("input-format", "json|jsonl|csv", "do not guess the format of the input")
const partial = flag("partial", undefined, "send the valid rows if others are not; otherwise nothing is sent")
const journal = flag("journal", "file", "record each step in this file, so that the run can be resumed")
const resume = flag(
  "resume",
  undefined,
  "continue the run of the journal: rows that have an outcome are not sent again"
)
const resendUnknownAfter = flag(
  "resend-unknown-after",
  "duration",
  "send a message again if Postmark's history does not have it this long after its send (never)"
)
const concurrency = flag("concurrency", "number", "make this many calls at the same time, 1 to 16 (4)")
const patience = flag("max-wait", "duration", "stop when Postmark takes nothing for this long (5m)")

const own = [shared.dryRun, inputFormat, partial, journal, resume, resendUnknownAfter, concurrency, patience]

const messageFlags: ReadonlyArray<FieldFlag> = fieldFlags(
  payloadFields(
    Schema.Struct({
      ...emailFields,
      ...templateEmailFields,
      templateModel: Schema.optional(templateEmailFields.templateModel)
    })
  ),
  own
)

/** The payload of the action, as it is: one call of up to 500 messages, and all outcomes in one answer. */
const asAction = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.gen(function*() {
    yield* checkStdin(parsed)
    const call = yield* open(parsed)
    const result = yield* ActionCommand.perform(derived.handled, yield* payloadOf(parsed, []), call)
    yield* Effect.flatMap(Output, (output) =>
      output.data(result, {
        list: "outcomes",
        columns: [{ path: "_tag", title: "outcome", kind: "state" }, { path: "receipt.messageId" }, {
          path: "error.message"
        }]
      }))
    yield* ActionCommand.judge(result)
  })

const runBatch = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.scoped(Effect.gen(function*() {
    yield* checkStdin(parsed)
    const input = yield* Input
    const from = valueOf(parsed, shared.input)
    const isBare = [...own, ...messageFlags].every((each) => parsed.values(each.name).length === 0)
    if (from === undefined) {
      if (isBare) return yield* asAction(derived, parsed)
      return yield* new UsageError({ message: "--input is missing: a file, or - for stdin" })
    }
    if (has(parsed, resume) && !has(parsed, journal)) {
      return yield* new UsageError({ message: "--resume needs --journal, the file that the run was begun with" })
    }
    const source = yield* Source.read(from, valueOf(parsed, inputFormat))
    if (source.format === "payload" && isBare) {
      const values = (name: string) => name === shared.input.name ? [source.path] : parsed.values(name)
      return yield* asAction(derived, { ...parsed, values })
    }
    const given = yield* fieldsOf(messageFlags, parsed.values, input)
    const kind = yield* kindOf(source, given)
    const messages = Messages.make(source, kind, given)
    const calls = yield* numberOf(parsed)
    const patienceMs = yield* millisOf(parsed, patience.name, Duration.minutes(5))
    const resendAfter = yield* millisOf(parsed, resendUnknownAfter.name, undefined)
    const output = yield* Output
    const checked = yield* validate(messages, has(parsed, partial))
    if (has(parsed, shared.dryRun)) {
      const { invalid, rows } = checked
      return yield* output.data({ dryRun: true, format: source.format, kind, rows, valid: rows - invalid, invalid })
    }
    const call = yield* open(parsed)
    yield* Session.run({
      messages,
      rows: checked.rows,
      call,
      digest: source.digest,
      given,
      isPartial: has(parsed, partial),
      journal: valueOf(parsed, journal),
      resume: has(parsed, resume),
      input: from,
      concurrency: calls,
      patienceMs: patienceMs ?? 0,
      resendUnknownAfterMs: resendAfter,
      names: yield* CorrelationNames
    })
  }))

const numberOf = (parsed: Parsed): Effect.Effect<number, UsageError> => {
  const text = valueOf(parsed, concurrency) ?? "4"
  return /^([1-9]|1[0-6])$/.test(text)
    ? Effect.succeed(Number(text))
    : new UsageError({ message: "--concurrency must be a number from 1 to 16" })
}

const millisOf = (
  parsed: Parsed,
  name: string,
  standard: Duration.Duration | undefined
): Effect.Effect<number | undefined, UsageError> => {
  const [text] = parsed.values(name)
  return text === undefined
    ? Effect.succeed(standard === undefined ? undefined : Duration.toMillis(standard))
    : Effect.map(durationOf(text, name), Duration.toMillis)
}

/**
 * What `emails send-batch` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const extras: ActionCommand.Extras = {
  path: ["emails", "send-batch"],
  group: "Send",
  summary: "Send any number of emails from JSON, JSON Lines or CSV",
  details:
    "A flag of a field sets the field in every message. Nothing is sent until all rows were checked. The columns of " +
    "a CSV are fields of a message, metadata.<name> or header.<name>; with a template, any other column is a field of " +
    "its model. The payload of the action, { messages }, is one call, with all outcomes in one answer.",
  flags: [...messageFlags, ...own],
  output:
    "a line for each row: { row, state: accepted | rejected | unknown, messageId?, source?, errorCode?, message? }",
  examples: [
    "emails send-batch --input people.csv --template-alias welcome --from ann@example.com",
    "emails send-batch --input messages.jsonl --journal run.jsonl",
    "emails send-batch --input messages.jsonl --journal run.jsonl --resume",
    "emails send-batch --input people.csv --from ann@example.com --subject Hello --text-file hello.txt --dry-run"
  ],
  codes: [
    "invalid_rows",
    "unreadable_input",
    "journal_problem",
    "partial_success",
    "batch_rejected",
    "unknown_rows",
    "batch_stopped",
    "invalid_token",
    "validation_failure",
    "rate_limited",
    "postmark_unavailable",
    "outcome_unknown"
  ],
  run: (derived, parsed) => runBatch(derived, parsed)
}
