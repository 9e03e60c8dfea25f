/** Whether a batch's messages come from templates: the flags say it, or the first row. */
import type * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import { parse } from "csv-parse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream"
import type { UnreadableInput } from "../../CliError.ts"
import { namesTemplate } from "./columns.ts"
import { streamOf } from "./messages.ts"
import type { Source } from "./source.ts"

const marks = ["templateId", "templateAlias", "templateModel"]

export const kindOf = (
  source: Source,
  given: Readonly<Record<string, unknown>>
): Effect.Effect<PreparedBatch.Kind, UnreadableInput> => {
  if (marks.some((mark) => mark in given)) return Effect.succeed("template")
  const isTemplate = source.format === "csv"
    ? Effect.promise(() => firstLine(source))
    : Effect.map(Stream.runHead(streamOf(source, false)), (first) => {
      const value = Option.getOrUndefined(first)?.value
      return typeof value === "object" && value !== null && marks.some((mark) => mark in value)
    })
  return Effect.map(isTemplate, (yes) => yes ? "template" : "email")
}

/** What is wrong with the file is said when its rows are read. */
const firstLine = async ({ delimiter, path }: Source): Promise<boolean> => {
  try {
    const parser = parse({ bom: true, delimiter, to: 1, relax_column_count: true, skip_empty_lines: true })
    pipeline(createReadStream(path), parser, () => {})
    for await (const line of parser) {
      const columns: ReadonlyArray<string> = line
      return namesTemplate(columns)
    }
  } catch {
    return false
  }
  return false
}
