/** Reads the rows of a batch one after another, however many there are. */
import * as Json from "@effect-postmark/core/Json"
import { CsvError, parse } from "csv-parse"
import { createReadStream } from "node:fs"
import { readFile } from "node:fs/promises"
import { pipeline } from "node:stream"
import { headerOf, type MakeRow } from "./columns.ts"
import type { Source } from "./source.ts"

/** A row counts from 1. `problem` is why there is no value. */
export interface Row {
  readonly row: number
  readonly line?: number | undefined
  readonly value: unknown
  readonly problem?: string | undefined
}

/** The input is not even rows: nothing in it can be read. */
export class Unreadable extends Error {}

const groupSize = 200

/** Yields rows in groups. `isTemplate` decides what a column is that is not a field. */
export async function* rowGroups(
  source: Source,
  isTemplate: boolean
): AsyncGenerator<ReadonlyArray<Row>> {
  let group: Array<Row> = []
  for await (const row of rowsOf(source, isTemplate)) {
    group.push(row)
    if (group.length === groupSize) {
      yield group
      group = []
    }
  }
  if (group.length > 0) yield group
}

const rowsOf = (source: Source, isTemplate: boolean): AsyncGenerator<Row> => {
  switch (source.format) {
    case "csv":
      return csv(source, isTemplate)
    case "jsonl":
      return jsonLines(source.path)
    case "json":
      return jsonArray(source.path)
    case "payload":
      return payload(source.path)
  }
}

async function* csv({ delimiter, path }: Source, isTemplate: boolean): AsyncGenerator<Row> {
  const parser = parse({ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true })
  pipeline(createReadStream(path), parser, () => {})
  let make: MakeRow | undefined
  let width = 0
  let row = 0
  try {
    for await (const { info, record } of parser) {
      const cells: ReadonlyArray<string> = record
      if (make === undefined) {
        const header = headerOf(cells, isTemplate)
        if (typeof header === "string") throw new Unreadable(header)
        make = header
        width = cells.length
        continue
      }
      row++
      const line: number = info.lines
      yield cells.length === width
        ? { row, line, value: make(cells) }
        : {
          row,
          line,
          value: undefined,
          problem: `must have ${width} cells as the first line has, got ${cells.length}`
        }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Unreadable(
      `${csvProblem(error.code)} in row ${row + 1}${"lines" in error ? ` (line ${String(error["lines"])})` : ""}`
    )
  }
}

const csvProblem = (code: string): string =>
  code === "CSV_QUOTE_NOT_CLOSED"
    ? "a quote is not closed"
    : code === "INVALID_OPENING_QUOTE" || code === "CSV_INVALID_CLOSING_QUOTE"
    ? "a quote is in the middle of a cell; double it"
    : "the CSV cannot be read"

async function* jsonLines(path: string): AsyncGenerator<Row> {
  let rest = ""
  let line = 0
  let row = 0
  const read = (text: string): Row | undefined => {
    line++
    const trimmed = (line === 1 ? text.replace(/^\uFEFF/, "") : text).trim()
    return trimmed === "" ? undefined : { row: ++row, line, ...parsed(trimmed) }
  }
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    const lines = `${rest}${String(chunk)}`.split("\n")
    rest = lines.pop() ?? ""
    for (const text of lines) {
      const one = read(text)
      if (one !== undefined) yield one
    }
  }
  const last = read(rest)
  if (last !== undefined) yield last
}

/** Cuts an array into its items without reading all of it at once. */
async function* jsonArray(path: string): AsyncGenerator<Row> {
  let row = 0
  let depth = 0
  let isText = false
  let isEscaped = false
  let item = ""
  let isEnded = false
  const taken = (): Row => {
    const text = item.trim()
    item = ""
    return { row: ++row, ...parsed(text) }
  }
  for await (const part of createReadStream(path, { encoding: "utf8" })) {
    const chunk = String(part)
    let from = 0
    for (let index = 0; index < chunk.length; index++) {
      const code = chunk.charCodeAt(index)
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (code === backslash) isEscaped = true
        else if (code === quote) isText = false
        continue
      }
      if (isEnded && code > space) throw new Unreadable("there is text after the end of the JSON array")
      if (code === quote) isText = true
      else if (code === openBracket || code === openBrace) {
        depth++
        if (depth === 1) {
          if (code !== openBracket) throw new Unreadable("the JSON must be an array of messages")
          from = index + 1
        }
      } else if (code === closeBracket || code === closeBrace) {
        depth--
        if (depth === 0) {
          item += chunk.slice(from, index)
          from = chunk.length
          isEnded = true
          if (item.trim() !== "" || row > 0) yield taken()
        }
      } else if (code === comma && depth === 1) {
        item += chunk.slice(from, index)
        from = index + 1
        yield taken()
      }
    }
    if (depth > 0) item += chunk.slice(from)
  }
  if (!isEnded) throw new Unreadable("the JSON array has no end; the file may be cut off")
}

const quote = 0x22
const comma = 0x2C
const space = 0x20
const backslash = 0x5C
const openBracket = 0x5B
const closeBracket = 0x5D
const openBrace = 0x7B
const closeBrace = 0x7D

async function* payload(path: string): AsyncGenerator<Row> {
  let whole: unknown
  try {
    whole = Json.parse((await readFile(path, "utf8")).replace(/^\uFEFF/, ""))
  } catch {
    throw new Unreadable("--input must be JSON")
  }
  const messages: unknown = typeof whole === "object" && whole !== null ? Reflect.get(whole, "messages") : undefined
  if (!Array.isArray(messages)) throw new Unreadable("messages must be an array")
  for (const [index, value] of messages.entries()) yield { row: index + 1, value }
}

const parsed = (text: string): Pick<Row, "value" | "problem"> => {
  try {
    const value = Json.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { value }
      : { value: undefined, problem: "must be a JSON object" }
  } catch {
    return { value: undefined, problem: "must be JSON" }
  }
}
