/**
 * `messages list`, `messages get` and `messages wait`.
 *
 * @since 0.1.0
 */
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import { OutboundMessageDetails, OutboundMessagesQuery } from "@effect-postmark/core/OutboundMessage"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type CliCommand, has, type Parsed, valueOf } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { open } from "../internal/calling.ts"
import { fromDateOf } from "../internal/duration.ts"
import { decoder } from "../internal/failing.ts"
import { calling, everywhere, shared } from "../internal/flags.ts"
import { card, style, table } from "../internal/output/table.ts"
import { checkStdin, payloadOf } from "../internal/payload.ts"
import { awaitOutcome, judgeOutcome } from "../internal/waiting.ts"
import { Output } from "../Output.ts"
import type { Column, Screen, View } from "../View.ts"
import * as ActionCommand from "./ActionCommand.ts"

const columns: ReadonlyArray<Column> = [
  { path: "receivedAt", title: "when", kind: "time" },
  { path: "status", kind: "state" },
  { path: "recipients", title: "to" },
  { path: "subject" },
  { path: "tag" },
  { path: "messageId", title: "message id", whole: true }
]

/** Puts `--since` into the query, and keeps the paging to one way. */
const queryOf = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.gen(function*() {
    const payload = yield* payloadOf(parsed, derived.fieldFlags)
    const since = valueOf(parsed, shared.since)
    if (since === undefined || typeof payload !== "object" || payload === null) return payload
    if ("fromDate" in payload) {
      return yield* new UsageError({ message: "--since and --from-date cannot be combined; use one of them" })
    }
    return { ...payload, fromDate: yield* fromDateOf(since) }
  })

const decodeQuery = decoder("messages list", OutboundMessagesQuery)

const runList = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.gen(function*() {
    yield* checkStdin(parsed)
    const limit = yield* limitOf(parsed)
    const payload = yield* queryOf(derived, parsed)
    const output = yield* Output
    const call = yield* open(parsed)
    if (!has(parsed, shared.all) && limit === undefined) {
      return yield* output.data(yield* ActionCommand.perform(derived.handled, payload, call), derived.view)
    }
    if (typeof payload === "object" && payload !== null && ("count" in payload || "offset" in payload)) {
      return yield* new UsageError({ message: "--all and --limit cannot be combined with --count or --offset" })
    }
    const { count: _count, offset: _offset, ...query } = yield* decodeQuery(payload)
    const messages = OutboundHistory.stream(call.client.outboundMessages, query)
    yield* call.limited(output.rows(
      limit === undefined ? messages : Stream.take(messages, limit),
      { columns }
    )).pipe(
      Effect.catchTag("TooManyInSpan", ({ message }) => new UsageError({ message }))
    )
  })

const limitOf = (parsed: Parsed): Effect.Effect<number | undefined, UsageError> => {
  const text = valueOf(parsed, shared.limit)
  if (text === undefined) return Effect.succeed(undefined)
  return /^[1-9]\d{0,8}$/.test(text)
    ? Effect.succeed(Number(text))
    : new UsageError({ message: "--limit must be a number from 1" })
}

const readCodes = [
  "validation_failure",
  "invalid_token",
  "request_refused",
  "rate_limited",
  "postmark_unavailable",
  "unexpected_response"
]

/**
 * What `messages list` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const list: ActionCommand.Extras = {
  path: ["messages", "list"],
  group: "Look up",
  summary: "List sent messages, newest first",
  details:
    "Without --message-stream, the stream outbound only. With --all or --limit, each message is one line of JSON " +
    "if stdout is not a terminal.",
  flags: [shared.since, shared.all, shared.limit],
  output: "{ totalCount, messages: [{ messageId, status, receivedAt, recipients, subject, tag, metadata, … }] }",
  examples: [
    "messages list --since 2d --tag welcome",
    "messages list --all --since 30d --format csv --fields messageId,receivedAt,recipients > messages.csv",
    "messages list --recipient bob@example.com --limit 5"
  ],
  codes: readCodes,
  view: { list: "messages", columns },
  run: (derived, parsed) => runList(derived, parsed)
}

const isDetails = Schema.is(Schema.typeSchema(OutboundMessageDetails))

const renderDetails = (value: unknown, screen: Screen): string => {
  const head = card(value, [
    { path: "subject" },
    { path: "from" },
    { path: "recipients", title: "to" },
    { path: "status", kind: "state" },
    { path: "receivedAt", title: "accepted at", kind: "time" },
    { path: "messageStream", title: "stream" },
    { path: "tag" },
    { path: "attachments" },
    { path: "messageId", title: "message id", whole: true }
  ], screen)
  const events = isDetails(value) ? value.messageEvents : []
  const { dim } = style(screen.color)
  return events.length === 0 ? `${head}\n\n${dim("No event yet.")}` : `${head}\n\n${
    table(events, [
      { path: "receivedAt", title: "when", kind: "time" },
      { path: "type", title: "event", kind: "state" },
      { path: "recipient" },
      { path: "details.deliveryMessage", title: "details" },
      { path: "details.summary", title: "summary" }
    ], screen)
  }`
}

const detailsView: View = { render: renderDetails }

const idOperand = { name: "id", description: "the message's id, as a send answers it" }

const runGet = (derived: ActionCommand.Derived, parsed: Parsed) => {
  const [id] = parsed.operands
  if (id === undefined) return ActionCommand.run(derived, parsed)
  if (parsed.values("message-id").length > 0) {
    return new UsageError({ message: "the id cannot be combined with --message-id; use one of them" })
  }
  const values = (name: string) => name === "message-id" ? [id] : parsed.values(name)
  return ActionCommand.run(derived, { ...parsed, values })
}

/**
 * What `messages get` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const get: ActionCommand.Extras = {
  path: ["messages", "get"],
  group: "Look up",
  summary: "Show one message with everything that happened to it",
  operands: [{ ...idOperand, optional: true }],
  output: "{ messageId, status, recipients, subject, messageEvents: [{ type, recipient, receivedAt, details }], … }",
  examples: [
    "messages get 5f0d7c2e-0000-4000-8000-000000000000",
    "messages get 5f0d7c2e-0000-4000-8000-000000000000 --fields messageEvents"
  ],
  codes: readCodes,
  view: detailsView,
  run: (derived, parsed) => runGet(derived, parsed)
}

/**
 * Waits for a message that was sent earlier.
 *
 * @since 0.1.0
 * @category commands
 */
export const wait: CliCommand = {
  path: ["messages", "wait"],
  aliases: [],
  group: "Look up",
  summary: "Wait until a message was delivered or bounced",
  details:
    "Ends with 0 if every recipient's server accepted the message, 3 if it bounced for one, and 124 if --timeout " +
    "ended first.",
  operands: [idOperand],
  flags: [...Object.values(calling), ...Object.values(everywhere)],
  output: "{ messageId, state: delivered | bounced | pending, recipients: [{ recipient, state, at? }] }",
  examples: ["messages wait 5f0d7c2e-0000-4000-8000-000000000000 --timeout 5m"],
  codes: [...readCodes, "bounced", "wait_timed_out"],
  run: (parsed) =>
    Effect.gen(function*() {
      const { client, timeout } = yield* open(parsed)
      const outcome = yield* awaitOutcome(client, parsed.operands[0] ?? "", timeout)
      yield* Effect.flatMap(Output, (output) =>
        output.data(outcome, {
          render: (_, screen) =>
            table(outcome.recipients, [
              { path: "recipient" },
              { path: "state", kind: "state" },
              { path: "at", title: "when", kind: "time" }
            ], screen)
        }))
      yield* judgeOutcome(outcome)
    })
}
