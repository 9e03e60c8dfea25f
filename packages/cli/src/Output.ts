/**
 * The program's output: data to stdout, everything else to stderr.
 *
 * @since 0.1.0
 */
import * as Json from "@effect-postmark/core/Json"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import type { Writable } from "node:stream"
import { OutputFailed } from "./CliError.ts"
import type { ErrorReport } from "./ErrorReport.ts"
import { csvLine } from "./internal/output/csv.ts"
import { errorText } from "./internal/output/errorText.ts"
import { card, table } from "./internal/output/table.ts"
import { cellAt, pick, plainPaths, rowsOf } from "./internal/output/values.ts"
import { prettyJson } from "./internal/prettyJson.ts"
import { Terminal } from "./Terminal.ts"
import type { Column, Screen, View } from "./View.ts"

/**
 * @since 0.1.0
 * @category models
 */
export type Format = "json" | "jsonl" | "csv" | "table"

/**
 * All formats.
 *
 * @since 0.1.0
 * @category constants
 */
export const formats: ReadonlyArray<Format> = ["json", "jsonl", "csv", "table"]

/**
 * How a run writes: the format that was asked for, the fields to keep, and whether to leave out notes and colors.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly format: Format | undefined
  readonly fields: ReadonlyArray<string>
  readonly quiet: boolean
  readonly color: boolean
}

/**
 * The settings of the run.
 *
 * @since 0.1.0
 * @category references
 */
export class OutputSettings extends Context.Reference<OutputSettings>()("@effect-postmark/cli/OutputSettings", {
  defaultValue: (): Settings => ({ format: undefined, fields: [], quiet: false, color: true })
}) {}

/**
 * Writes to stdout and stderr. A closed pipe is not an error: the reader has read what it needed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Writes a result to stdout: a table on a terminal, otherwise JSON on one line, or the format that was asked for. */
  readonly data: (value: unknown, view?: View) => Effect.Effect<void, OutputFailed>
  /** Writes rows as they come: a table on a terminal, otherwise one line of JSON for each. */
  readonly rows: <E, R>(rows: Stream.Stream<unknown, E, R>, view?: View) => Effect.Effect<void, E | OutputFailed, R>
  /** Whether a result will be a table or a card for a person. */
  readonly isForPerson: Effect.Effect<boolean>
  /** Writes text, such as help, to stdout. */
  readonly text: (text: string) => Effect.Effect<void, OutputFailed>
  /** Writes a note to stderr: a line of text on a terminal, otherwise a line of JSON. */
  readonly note: (text: string, json: Readonly<Record<string, unknown>>) => Effect.Effect<void>
  /** Draws a line on the terminal of stderr over the one before it; an empty one removes it. */
  readonly draw: (line: string) => Effect.Effect<void>
  /** Writes an error to stderr; ignores all but the first error of a run. */
  readonly error: (report: ErrorReport) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Output extends Context.Tag("@effect-postmark/cli/Output")<Output, Service>() {}

/**
 * A stream to write to; `isTTY` says whether it is a terminal.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/**
 * Builds the output to two streams.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (stdout: Target, stderr: Target, color = false): Effect.Effect<Service> =>
  Effect.gen(function*() {
    yield* tolerate(stdout)
    yield* tolerate(stderr)
    const terminal = stdout.isTTY === true
    const state = { reported: false, drawn: false }
    const screen = (settings: Settings): Screen => ({
      columns: stdout.columns ?? 80,
      color: color && terminal && settings.color
    })
    const erase = Effect.suspend(() => {
      if (!state.drawn) return Effect.void
      state.drawn = false
      return Effect.ignore(write(stderr, "\r\u001B[K"))
    })
    const out = (text: string) => Effect.zipRight(erase, write(stdout, text))
    const err = (text: string) => Effect.zipRight(erase, Effect.ignore(write(stderr, text)))

    const data = (value: unknown, view: View = { jsonOnTerminal: true }) =>
      Effect.flatMap(OutputSettings, (settings) => {
        const format = settings.format ?? (terminal && view.jsonOnTerminal !== true ? "table" : "json")
        switch (format) {
          case "json": {
            const json = Json.stringify(narrowed(value, settings, view.list))
            return out(`${terminal ? prettyJson(json) : json}\n`)
          }
          case "jsonl":
            return out(
              rowsOf(value, view.list).map((row) => `${Json.stringify(narrowed(row, settings, undefined))}\n`).join("")
            )
          case "csv": {
            const rows = rowsOf(value, view.list)
            const paths = columnsOf(rows, settings, { ...view, columns: undefined }).map(({ path }) => path)
            return out([
              csvLine(paths),
              ...rows.map((row) => csvLine(paths.map((path) => cellAt(row, path))))
            ].join(""))
          }
          case "table": {
            const on = screen(settings)
            if (view.render !== undefined && settings.fields.length === 0) return out(`${view.render(value, on)}\n`)
            const rows = rowsOf(value, view.list)
            const columns = columnsOf(rows, settings, view)
            return out(`${view.list === undefined ? card(value, columns, on) : table(rows, columns, on)}\n`)
          }
        }
      })

    const rows = <E, R>(stream: Stream.Stream<unknown, E, R>, view: View = {}) =>
      Effect.flatMap(OutputSettings, (settings) => {
        const format = settings.format ?? (terminal ? "table" : "jsonl")
        const line = (row: unknown) => Json.stringify(narrowed(row, settings, undefined))
        let columns: ReadonlyArray<Column> | undefined
        const each = (batch: ReadonlyArray<unknown>): string => {
          switch (format) {
            case "json": {
              const isFirst = columns === undefined
              columns ??= []
              return batch.map((row, index) => `${isFirst && index === 0 ? "[" : ",\n"}${line(row)}`).join("")
            }
            case "jsonl":
              return batch.map((row) => `${line(row)}\n`).join("")
            case "csv": {
              const isFirst = columns === undefined
              columns ??= columnsOf(batch, settings, view)
              const paths = columns.map(({ path }) => path)
              return (isFirst ? csvLine(paths) : "") +
                batch.map((row) => csvLine(paths.map((path) => cellAt(row, path)))).join("")
            }
            case "table": {
              const isFirst = columns === undefined
              columns ??= columnsOf(batch, settings, view)
              return `${table(batch, columns, screen(settings), isFirst)}\n`
            }
          }
        }
        return Effect.zipRight(
          Stream.runForEachChunk(
            stream,
            (chunk) => Chunk.isEmpty(chunk) ? Effect.void : out(each(Chunk.toArray(chunk)))
          ),
          Effect.suspend(() => {
            if (format === "json") return out(columns === undefined ? "[]\n" : "]\n")
            const paths = columnsOf([], settings, view).map(({ path }) => path)
            return format === "csv" && columns === undefined && paths.length > 0 ? out(csvLine(paths)) : Effect.void
          })
        )
      })

    return {
      data,
      rows,
      isForPerson: Effect.map(OutputSettings, ({ format }) => (format ?? (terminal ? "table" : "json")) === "table"),
      text: (text) => out(`${text.trimEnd()}\n`),
      note: (text, json) =>
        Effect.flatMap(OutputSettings, ({ quiet }) =>
          quiet
            ? Effect.void
            : err(`${stderr.isTTY === true ? text : Json.stringify(json)}\n`)),
      draw: (line) =>
        line === "" ? erase : Effect.suspend(() => {
          state.drawn = true
          return Effect.ignore(write(stderr, `\r\u001B[K${line}`))
        }),
      error: (report) =>
        Effect.flatMap(OutputSettings, (settings) => {
          if (state.reported) return Effect.void
          state.reported = true
          // If stderr cannot be written, the exit code still reports the error.
          return err(
            stderr.isTTY === true && settings.format === undefined
              ? errorText(report, color && settings.color)
              : `${Json.stringify({ error: report })}\n`
          )
        })
    }
  })

const narrowed = (value: unknown, { fields }: Settings, list: string | undefined): unknown => {
  if (fields.length === 0) return value
  const paths = fields.map((field) => field.split("."))
  if (list === undefined || typeof value !== "object" || value === null) return pick(value, paths)
  return { ...value, [list]: pick(Reflect.get(value, list), paths) }
}

const columnsOf = (
  rows: ReadonlyArray<unknown>,
  { fields }: Settings,
  view: View
): ReadonlyArray<Column> => {
  const known = view.columns ?? []
  if (fields.length > 0) return fields.map((path) => known.find((column) => column.path === path) ?? { path })
  if (known.length > 0) return known
  return [...new Set(rows.flatMap(plainPaths))].map((path) => ({ path }))
}

/**
 * Writes to the process's own streams.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Output, never, Terminal> = Layer.scoped(
  Output,
  Effect.flatMap(Terminal, ({ color }) => make(process.stdout, process.stderr, color))
)

/**
 * Writes logs to stderr, one line each.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerLogger: Layer.Layer<never> = Logger.replace(
  Logger.defaultLogger,
  Logger.map(Logger.logfmtLogger, (line) => {
    process.stderr.write(`${line}\n`)
  })
)

/**
 * Adds a listener, because an `error` event without one ends the process with a stack. The listener stays until the
 * process ends: the event may come after the last write's callback.
 */
const tolerate = (target: Target): Effect.Effect<void> =>
  Effect.sync(() => {
    target.on("error", ignore)
  })

const ignore = () => {}

const write = (target: Target, text: string): Effect.Effect<void, OutputFailed> =>
  Effect.async((resume) => {
    target.write(text, (error) => {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined
      resume(
        error === null || error === undefined || code === "EPIPE"
          ? Effect.void
          : Effect.fail(
            new OutputFailed({ message: `the result cannot be written to stdout${code ? ` (${code})` : ""}` })
          )
      )
    })
  })
