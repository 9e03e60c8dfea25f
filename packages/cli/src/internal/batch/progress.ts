/** Counts a batch's outcomes, and shows them while it runs: a bar on a terminal, otherwise a line of JSON now and then. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Journal from "../../Journal.ts"
import { Output, OutputSettings } from "../../Output.ts"
import { Terminal } from "../../Terminal.ts"
import { style } from "../output/table.ts"
import type { RowOutcome } from "./outcome.ts"

export interface Totals {
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
}

export interface Progress {
  readonly add: (outcomes: ReadonlyArray<RowOutcome>) => Effect.Effect<void>
  /** Shows the progress while an effect runs. */
  readonly during: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly totals: () => Totals
  /** The rows without an outcome. */
  readonly left: () => number
  readonly summary: Effect.Effect<void>
}

const drawEveryMs = 200
const lineEveryMs = 5_000

export const make = (
  rows: number,
  { accepted, rejected }: Pick<Journal.Journal, "accepted" | "rejected">
): Effect.Effect<Progress, never, Output | Terminal> =>
  Effect.gen(function*() {
    const output = yield* Output
    const terminal = yield* Terminal
    const settings = yield* OutputSettings
    const startedAt = yield* Clock.currentTimeMillis
    const before = accepted + rejected
    const state = { accepted, rejected, unknown: 0 }
    const count = () => state.accepted + state.rejected + state.unknown
    const isBar = terminal.stderr && settings.format === undefined && !settings.quiet

    const measured = Effect.map(Clock.currentTimeMillis, (now) => {
      const seconds = Math.max(0.001, (now - startedAt) / 1_000)
      const perSecond = (count() - before) / seconds
      return { seconds, perSecond, secondsLeft: perSecond > 0 ? (rows - count()) / perSecond : undefined }
    })

    const line = Effect.gen(function*() {
      const { perSecond, secondsLeft } = yield* measured
      const width = yield* terminal.columns
      yield* output.draw(barOf({ ...state, rows, perSecond, secondsLeft }, width, terminal.color && settings.color))
    })

    const note = Effect.gen(function*() {
      const { perSecond, secondsLeft } = yield* measured
      yield* output.note("", {
        progress: {
          rows,
          ...state,
          perSecond: Math.round(perSecond),
          secondsLeft: secondsLeft === undefined ? null : Math.round(secondsLeft)
        }
      })
    })

    const shown = isBar
      ? Effect.forever(Effect.zipRight(line, Effect.sleep(drawEveryMs)))
      : Effect.forever(Effect.zipRight(Effect.sleep(lineEveryMs), note))

    return {
      add: (outcomes) =>
        Effect.sync(() => {
          for (const outcome of outcomes) state[outcome.state]++
        }),
      during: (self) =>
        settings.quiet
          ? self
          : Effect.acquireUseRelease(
            Effect.fork(Effect.interruptible(shown)),
            () => self,
            (fiber) => Effect.zipRight(Fiber.interrupt(fiber), output.draw(""))
          ),
      totals: () => ({ ...state }),
      left: () => rows - state.accepted - state.rejected,
      summary: Effect.flatMap(measured, ({ perSecond, seconds }) =>
        output.note(
          `Accepted ${number(state.accepted)} of ${number(rows)} in ${timeOf(seconds)} (${
            number(Math.round(perSecond))
          } a second)` +
            `${state.rejected > 0 ? `, ${number(state.rejected)} rejected` : ""}` +
            `${state.unknown > 0 ? `, ${number(state.unknown)} unknown` : ""}.`,
          { summary: { rows, ...state, seconds: Number(seconds.toFixed(3)), peakMemoryMb: peakMemoryMb() } }
        ))
    }
  })

const peakMemoryMb = (): number => Math.round(process.resourceUsage().maxRSS / 1_024)

interface Shown extends Totals {
  readonly rows: number
  readonly perSecond: number
  readonly secondsLeft: number | undefined
}

const barOf = (shown: Shown, columns: number, color: boolean): string => {
  const { dim, green, red, yellow } = style(color)
  const { accepted, perSecond, rejected, rows, secondsLeft, unknown } = shown
  const texts = [
    `${number(accepted)} of ${number(rows)}`,
    ...(rejected > 0 ? [red(`${number(rejected)} rejected`)] : []),
    ...(unknown > 0 ? [yellow(`${number(unknown)} unknown`)] : []),
    dim(`${number(Math.round(perSecond))}/s`),
    ...(secondsLeft === undefined ? [] : [dim(`${timeOf(secondsLeft)} left`)])
  ].join("  ")
  // oxlint-disable-next-line no-control-regex
  const taken = texts.replace(/\u001B\[\d+m/g, "").length
  const width = Math.max(0, Math.min(40, columns - taken - 4))
  const full = Math.round(((accepted + rejected + unknown) / rows) * width)
  return `${green("█".repeat(full))}${dim("░".repeat(width - full))}  ${texts}`
}

const number = (count: number): string => new Intl.NumberFormat().format(count)

const timeOf = (seconds: number): string =>
  seconds < 90
    ? `${Math.round(seconds)} s`
    : seconds < 5_400
    ? `${Math.round(seconds / 60)} min`
    : `${(seconds / 3_600).toFixed(1)} h`
