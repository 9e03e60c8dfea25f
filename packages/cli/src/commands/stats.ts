/**
 * `stats outbound`.
 *
 * @since 0.1.0
 */
import { OutboundStats, OutboundStatsQuery } from "@effect-postmark/core/OutboundStats"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Parsed, valueOf } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { open } from "../internal/calling.ts"
import { fromDateOf } from "../internal/duration.ts"
import { decoder } from "../internal/failing.ts"
import { shared } from "../internal/flags.ts"
import { bars, sparkline } from "../internal/output/charts.ts"
import { style } from "../internal/output/table.ts"
import { checkStdin, payloadOf } from "../internal/payload.ts"
import { Output } from "../Output.ts"
import type { Screen } from "../View.ts"
import * as ActionCommand from "./ActionCommand.ts"

interface Day {
  readonly date: string
  readonly sent: number
}

const decodeStats = Schema.decodeUnknownOption(Schema.typeSchema(OutboundStats))
const decodeQuery = decoder("stats outbound", OutboundStatsQuery)

const render = (days: ReadonlyArray<Day>) => (value: unknown, screen: Screen): string =>
  Option.match(decodeStats(value), {
    onNone: () => "",
    onSome: (stats) => {
      const { dim } = style(screen.color)
      const ofSent = { whole: stats.sent, of: "sent" }
      const ofTracked = { whole: stats.tracked, of: "tracked" }
      const chart = bars([
        { name: "sent", count: stats.sent, whole: stats.sent, of: undefined },
        { name: "bounced", count: stats.bounced, ...ofSent },
        { name: "spam complaints", count: stats.spamComplaints, ...ofSent },
        { name: "opened", count: stats.uniqueOpens, ...ofTracked },
        { name: "clicked", count: stats.uniqueLinksClicked, whole: stats.totalTrackedLinksSent, of: "links" }
      ], screen)
      const [first] = days
      const last = days.at(-1)
      return first === undefined || last === undefined
        ? chart
        : `${chart}\n\n${dim("sent by day")}  ${sparkline(days.map(({ sent }) => sent), screen.columns - 13)}\n` +
          `${dim(`             ${first.date} to ${last.date} (Eastern Time)`)}`
    }
  })

const run = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.gen(function*() {
    yield* checkStdin(parsed)
    const payload = yield* payloadOf(parsed, derived.fieldFlags)
    const since = valueOf(parsed, shared.since)
    if (since !== undefined && typeof payload === "object" && payload !== null && "fromDate" in payload) {
      return yield* new UsageError({ message: "--since and --from-date cannot be combined; use one of them" })
    }
    const asked = since === undefined || typeof payload !== "object" || payload === null
      ? payload
      : { ...payload, fromDate: (yield* fromDateOf(since)).slice(0, 10) }
    const output = yield* Output
    const call = yield* open(parsed)
    const stats = yield* ActionCommand.perform(derived.handled, asked, call)
    // A program gets what the action answers; a person also sees the days.
    const days = (yield* output.isForPerson)
      ? yield* Effect.flatMap(decodeQuery(asked), (query) => call.limited(call.client.statistics.sends(query)))
      : { days: [] }
    yield* output.data(stats, { render: render(days.days.map(({ date = "", sent }) => ({ date, sent }))) })
  })

/**
 * What `stats outbound` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const outbound: ActionCommand.Extras = {
  path: ["stats", "outbound"],
  group: "Look up",
  summary: "Count sends, bounces, spam complaints, opens and clicks",
  details: "Without --message-stream, all streams together. The counts are by day of Eastern Time.",
  flags: [shared.since],
  output: "{ sent, bounced, bounceRate, spamComplaints, opens, uniqueOpens, tracked, …, rates, raw }",
  examples: ["stats outbound --since 30d", "stats outbound --tag welcome --from-date 2026-09-01 --to-date 2026-09-30"],
  codes: [
    "validation_failure",
    "invalid_token",
    "request_refused",
    "rate_limited",
    "postmark_unavailable",
    "unexpected_response"
  ],
  run: (derived, parsed) => run(derived, parsed)
}
