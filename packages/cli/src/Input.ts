/**
 * What the program reads: files, and stdin under the name `-`.
 *
 * @since 0.1.0
 */
import * as Json from "@effect-postmark/core/Json"
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { InvalidJson, UnreadableInput } from "./CliError.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly bytes: (path: string) => Effect.Effect<Uint8Array, UnreadableInput>
  /** The JSON of a file, or of stdin when the source is `-`. */
  readonly json: (source: string) => Effect.Effect<unknown, UnreadableInput | InvalidJson>
  /** The first line of a file, or of stdin when the source is `-`; the empty text if there is none. */
  readonly firstLine: (source: string) => Effect.Effect<string, UnreadableInput>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Input extends Context.Tag("@effect-postmark/cli/Input")<Input, Service>() {}

/**
 * Input from the file system and from a stream that stands for stdin.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  stdin: Stream.Stream<Uint8Array, unknown>
): Effect.Effect<Service, never, FileSystem.FileSystem> =>
  Effect.map(FileSystem.FileSystem, (files) => {
    const fromStdin = Stream.mapError(stdin, () => new UnreadableInput({ message: "stdin cannot be read" }))
    const bytes = (path: string) => Effect.mapError(files.readFile(path), (error) => unreadable(path, error))
    const text = (source: string) =>
      Effect.flatMap(
        source === "-"
          ? Effect.map(Stream.runCollect(fromStdin), (chunks) => Buffer.concat(Array.from(chunks)))
          : bytes(source),
        (read) =>
          Effect.try({
            try: () => new TextDecoder("utf-8", { fatal: true }).decode(read),
            catch: () => new UnreadableInput({ message: `${nameOf(source)} is not UTF-8 text` })
          })
      )
    return {
      bytes,
      json: (source) => Effect.flatMap(text(source), (content) => parseJson(content, nameOf(source))),
      firstLine: (source) =>
        source === "-"
          ? fromStdin.pipe(
            Stream.decodeText(),
            Stream.splitLines,
            Stream.runHead,
            Effect.map((line) => Option.getOrElse(line, () => "").trim())
          )
          : Effect.map(text(source), (content) => (content.split(/\r?\n/, 1)[0] ?? "").trim())
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  stdin: Stream.Stream<Uint8Array, unknown>
): Layer.Layer<Input, never, FileSystem.FileSystem> => Layer.effect(Input, make(stdin))

/**
 * Parses JSON; the error names the place and quotes nothing.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parseJson = (text: string, name: string): Effect.Effect<unknown, InvalidJson> =>
  Effect.try({
    try: () => Json.parse(text),
    catch: (error) => new InvalidJson({ message: `${name} is not JSON${placeOf(text, error)}` })
  })

const nameOf = (source: string): string => source === "-" ? "stdin" : source

const placeOf = (text: string, error: unknown): string => {
  if (text.trim() === "") return ": it is empty"
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
  if (position === undefined) return ""
  const before = text.slice(0, Number(position)).split("\n")
  return ` (line ${before.length}, column ${(before.at(-1) ?? "").length + 1})`
}

const unreadable = (path: string, error: PlatformError.PlatformError): UnreadableInput =>
  new UnreadableInput({
    message: error._tag === "SystemError" && error.reason === "NotFound"
      ? `there is no file ${path}`
      : `${path} cannot be read`
  })
