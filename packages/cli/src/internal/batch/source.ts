/** The input of a batch: one file, read more than once. What comes on stdin is kept in a private file until the end. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { UnreadableInput, UsageError } from "../../CliError.ts"
import { Input } from "../../Input.ts"

export type Format = "json" | "jsonl" | "csv" | "payload"

export interface Source {
  readonly path: string
  readonly format: Format
  readonly delimiter: string
  /** SHA-256 of all bytes, in hex. */
  readonly digest: string
}

export const formats: ReadonlyArray<Format> = ["json", "jsonl", "csv"]

const headBytes = 64 * 1024

export const read = (
  source: string,
  wanted: string | undefined
): Effect.Effect<Source, UnreadableInput | UsageError, Input | Scope.Scope> =>
  Effect.gen(function*() {
    const format = formats.find((each) => each === wanted)
    if (wanted !== undefined && format === undefined) {
      return yield* new UsageError({ message: `--input-format must be one of ${formats.join(", ")}` })
    }
    const path = source === "-" ? yield* spooled : source
    const { digest, head } = yield* scan(path)
    return { path, digest, format: format ?? formatOf(head, source), delimiter: delimiterOf(head) }
  })

const spooled: Effect.Effect<string, UnreadableInput, Input | Scope.Scope> = Effect.gen(function*() {
  const input = yield* Input
  const failed = () => new UnreadableInput({ message: "stdin cannot be kept in a temporary file; use --input <file>" })
  const folder = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => mkdtemp(join(tmpdir(), "effect-postmark-")), catch: failed }),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  )
  const path = join(folder, "input")
  const file = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => open(path, "wx", 0o600), catch: failed }),
    (handle) => Effect.promise(() => handle.close())
  )
  yield* Stream.runForEach(
    input.stdin,
    (bytes) => Effect.tryPromise({ try: () => file.writeFile(bytes), catch: failed })
  )
  return path
})

/** Reads the whole file once: its digest, its beginning, and whether all of it is UTF-8. */
const scan = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      const decoder = new TextDecoder("utf-8", { fatal: true })
      let head = ""
      for await (const bytes of createReadStream(path)) {
        hash.update(bytes)
        const text = decoder.decode(bytes, { stream: true })
        if (head.length < headBytes) head += text.slice(0, headBytes - head.length)
      }
      decoder.decode()
      return { digest: hash.digest("hex"), head }
    },
    catch: (error) =>
      new UnreadableInput({
        message: error instanceof TypeError
          ? "--input must be UTF-8 text; save the file as UTF-8 (in Excel: CSV UTF-8)"
          : isMissing(error)
          ? "--input must be the path of an existing file"
          : "--input cannot be read; check that it is a file and its permissions"
      })
  })

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT"

const formatOf = (head: string, name: string): Format => {
  const text = head.trimStart()
  if (text.startsWith("[")) return "json"
  if (!text.startsWith("{")) return /\.(jsonl|ndjson)$/i.test(name) ? "jsonl" : /\.json$/i.test(name) ? "json" : "csv"
  const [line = ""] = text.split("\n", 1)
  try {
    const first: unknown = JSON.parse(line)
    return typeof first === "object" && first !== null && "messages" in first ? "payload" : "jsonl"
  } catch {
    return /^\{\s*"messages"\s*:/.test(text) ? "payload" : "jsonl"
  }
}

/** The separator that the first line has most often outside of quotes. */
const delimiterOf = (head: string): string => {
  const [line = ""] = head.replace(/"(?:[^"]|"")*"/g, "").split(/\r?\n/, 1)
  const count = (delimiter: string) => line.split(delimiter).length
  return [",", ";", "\t"].reduce((best, each) => count(each) > count(best) ? each : best)
}
