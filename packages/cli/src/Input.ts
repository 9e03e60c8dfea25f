/**
 * The program's input: files, and stdin as `-`.
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
 * Reads files and stdin. Errors name the `flag` instead of the path, because a wrong path may be JSON or even a token.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly bytes: (path: string, flag: string) => Effect.Effect<Uint8Array, UnreadableInput>
  /** Reads the JSON of a file, or of stdin if the source is `-`. */
  readonly json: (source: string, flag: string) => Effect.Effect<unknown, UnreadableInput | InvalidJson>
  /** Reads a file as UTF-8 text. */
  readonly text: (path: string, flag: string) => Effect.Effect<string, UnreadableInput>
  /** Streams the bytes of stdin. */
  readonly stdin: Stream.Stream<Uint8Array, UnreadableInput>
  /** Reads the first line of a file, or of stdin if the source is `-`; returns the empty string if there is none. */
  readonly firstLine: (source: string, flag: string) => Effect.Effect<string, UnreadableInput>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Input extends Context.Tag("@effect-postmark/cli/Input")<Input, Service>() {}

/**
 * Builds the input from the file system and a stream for stdin.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  stdin: Stream.Stream<Uint8Array, unknown>
): Effect.Effect<Service, never, FileSystem.FileSystem> =>
  Effect.map(FileSystem.FileSystem, (files) => {
    const fromStdin = Stream.mapError(stdin, () => new UnreadableInput({ message: "stdin cannot be read" }))
    const bytes = (path: string, flag: string) =>
      Effect.mapError(files.readFile(path), (error) => unreadable(flag, error))
    const text = (source: string, flag: string) =>
      Effect.flatMap(
        source === "-"
          ? Effect.map(Stream.runCollect(fromStdin), (chunks) => Buffer.concat(Array.from(chunks)))
          : bytes(source, flag),
        (read) =>
          Effect.try({
            try: () => new TextDecoder("utf-8", { fatal: true }).decode(read),
            catch: () => new UnreadableInput({ message: `${flag} must be UTF-8 text` })
          })
      )
    return {
      bytes,
      text: (path, flag) => text(path, flag),
      stdin: fromStdin,
      json: (source, flag) => Effect.flatMap(text(source, flag), (content) => parseJson(content, flag)),
      firstLine: (source, flag) =>
        source === "-"
          ? fromStdin.pipe(
            Stream.decodeText(),
            Stream.splitLines,
            Stream.runHead,
            Effect.map((line) => Option.getOrElse(line, () => "").trim())
          )
          : Effect.map(text(source, flag), (content) => (content.split(/\r?\n/, 1)[0] ?? "").trim())
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
 * Parses a flag's JSON; the error names the line and column and quotes nothing.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parseJson = (text: string, flag: string): Effect.Effect<unknown, InvalidJson> =>
  Effect.try({
    try: () => Json.parse(text),
    catch: (error) => new InvalidJson({ message: `${flag} must be JSON${placeOf(text, error)}` })
  })

const placeOf = (text: string, error: unknown): string => {
  if (text.trim() === "") return " and cannot be empty"
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
  if (position === undefined) return ""
  const before = text.slice(0, Number(position)).split("\n")
  return `; syntax error at line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`
}

const unreadable = (flag: string, error: PlatformError.PlatformError): UnreadableInput =>
  new UnreadableInput({
    message: error._tag === "SystemError" && error.reason === "NotFound"
      ? `${flag} must be the path of an existing file`
      : `${flag} cannot be read; check that it is a file and its permissions`
  })
