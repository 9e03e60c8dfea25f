/** A body of JSON lines, read as it comes: no more than one line and one chunk of it are in memory. */
import * as Json from "@effect-postmark/core/Json"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { BodyTooLarge, type BodyTooSlow, MalformedBody } from "./failures.ts"
import * as Incoming from "./incoming.ts"

export const mediaTypes = ["application/x-ndjson", "application/jsonl"]

export const isJsonLines = (request: HttpServerRequest.HttpServerRequest): boolean =>
  mediaTypes.includes((request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "")

/** The value of each line; blank lines are left out. `limit` is of one line, in bytes. */
export const read = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Stream.Stream<unknown, BodyTooLarge | BodyTooSlow | MalformedBody> =>
  Stream.suspend(() => {
    const rest: Array<Uint8Array> = []
    let length = 0
    let number = 0

    const lineOf = (end: Uint8Array): Effect.Effect<Option.Option<unknown>, BodyTooLarge | MalformedBody> => {
      const line = rest.length === 0 ? end : joined([...rest, end], length + end.length)
      rest.length = 0
      length = 0
      number += 1
      if (line.length > limit) return Effect.fail(new BodyTooLarge({ limit }))
      return Option.match(parse(line), {
        onNone: () => Effect.fail(new MalformedBody({ message: `line ${number} of the body must be JSON in UTF-8` })),
        onSome: ({ isBlank, value }) => Effect.succeed(isBlank ? Option.none() : Option.some(value))
      })
    }

    const linesOf = (chunk: Uint8Array) =>
      Effect.gen(function*() {
        const values: Array<unknown> = []
        let from = 0
        for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
          const value = yield* lineOf(chunk.subarray(from, at))
          if (Option.isSome(value)) values.push(value.value)
          from = at + 1
        }
        if (from < chunk.length) {
          rest.push(chunk.subarray(from))
          length += chunk.length - from
          if (length > limit) return yield* new BodyTooLarge({ limit })
        }
        return Chunk.unsafeFromArray(values)
      })

    return Incoming.chunks(request).pipe(
      Stream.mapConcatChunkEffect(linesOf),
      Stream.concat(
        Stream.suspend(() => Stream.mapConcat(Stream.fromEffect(lineOf(new Uint8Array(0))), Option.toArray))
      )
    )
  })

const newline = 0x0a

const parse = Option.liftThrowable((line: Uint8Array): { readonly isBlank: boolean; readonly value: unknown } => {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(line)
  return /^\s*$/.test(text) ? { isBlank: true, value: undefined } : { isBlank: false, value: Json.parse(text) }
})

const joined = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
