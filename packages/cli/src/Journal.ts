/**
 * The journal of a batch: a file of lines that says which rows are being sent, before they are, and what became of them.
 * After a crash, it tells what must be looked up before it is sent again. It contains no message and no address.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { constants, type FileHandle, open, stat } from "node:fs/promises"
import { JournalProblem } from "./CliError.ts"
import { linesOf } from "./internal/batch/lines.ts"
import * as Lock from "./internal/batch/lock.ts"

/**
 * The version of the file's format. A journal of another version is refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const version = 1

/**
 * What a journal is about. `digest` is the SHA-256 of the input, and `settings` that of everything else that decides what
 * is sent. `serverId` is the Postmark server that it goes to.
 *
 * @since 0.1.0
 * @category models
 */
export const About = Schema.Struct({
  digest: Schema.String,
  settings: Schema.String,
  serverId: Schema.Int,
  rows: Schema.Int,
  correlation: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface About extends Schema.Schema.Type<typeof About> {}

const Head = Schema.Struct({
  journal: Schema.Literal("effect-postmark"),
  version: Schema.Int,
  records: Schema.String.pipe(Schema.pattern(/^\d{12}$/)),
  about: Schema.Unknown
})

const Begin = Schema.TaggedStruct("begin", {
  chunk: Schema.Int,
  first: Schema.Int,
  count: Schema.Int,
  at: Schema.Int
})

/** Nothing of the chunk was accepted: it can be sent as if it had not begun. */
const Held = Schema.TaggedStruct("held", { chunk: Schema.Int })

const End = Schema.TaggedStruct("end", {
  chunk: Schema.Int,
  accepted: Schema.Array(Schema.Tuple(Schema.Int, Schema.String)),
  rejected: Schema.Array(Schema.Tuple(Schema.Int, Schema.NullOr(Schema.Int), Schema.String)),
  unknown: Schema.Array(Schema.Int),
  held: Schema.Array(Schema.Int)
})

const Record = Schema.Union(Begin, Held, End)

/**
 * A line of the journal. Rows count from 1.
 *
 * @since 0.1.0
 * @category models
 */
export type Record = typeof Record.Type

/**
 * What a journal says of a chunk. `open` rows have no final outcome: they may have been accepted if the chunk is in
 * `doubt`, and certainly were not if it is `held`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Chunk {
  readonly index: number
  readonly first: number
  readonly count: number
  readonly at: number
  readonly state: "doubt" | "held" | "done"
  readonly open: ReadonlySet<number>
}

/**
 * A journal that is open and locked. A record is on the disk when `append` has ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Journal {
  readonly about: About
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly accepted: number
  readonly rejected: number
  readonly append: (record: Record) => Effect.Effect<void, JournalProblem>
}

const decodeHead = Schema.decodeUnknownSync(Schema.parseJson(Head))
const decodeAbout = Schema.decodeUnknownSync(About)
const decodeRecord = Schema.decodeUnknownSync(Schema.parseJson(Record))
const encodeRecord = Schema.encodeSync(Schema.parseJson(Record))

const problem = (reason: JournalProblem["reason"], message: string) => new JournalProblem({ reason, message })

const unwritable = () => problem("unwritable", "--journal cannot be written; check its directory and the free space")

/**
 * Opens a journal until the scope ends. A new one is made for `about`; with `resume`, there must be one, about the same
 * input and settings, and it keeps its correlation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  path: string,
  about: About,
  resume: boolean
): Effect.Effect<Journal, JournalProblem, Scope.Scope> =>
  Effect.gen(function*() {
    yield* Effect.acquireRelease(Lock.acquire(`${path}.lock`), Lock.release)
    const isThere = yield* Effect.promise(() => stat(path).then(() => true, () => false))
    if (isThere && !resume) {
      return yield* problem(
        "exists",
        "--journal is the journal of an earlier run; continue it with --resume, or use another file"
      )
    }
    if (!isThere && resume) {
      return yield* problem("missing", "--journal does not exist, so there is nothing to resume; check the path")
    }
    const file = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () =>
          open(path, resume ? constants.O_RDWR : constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600),
        catch: unwritable
      }),
      (handle) => Effect.promise(() => handle.close())
    )
    const loaded = resume ? yield* load(path, about) : { ...fresh(), about }
    const writer = yield* Effect.tryPromise({
      try: () => resume ? continued(file, loaded) : begun(file, about),
      catch: unwritable
    })
    const turn = yield* Effect.makeSemaphore(1)
    return {
      about: loaded.about,
      chunks: loaded.chunks,
      accepted: loaded.accepted,
      rejected: loaded.rejected,
      append: (record) =>
        turn.withPermits(1)(
          Effect.uninterruptible(Effect.tryPromise({ try: () => writer(encodeRecord(record)), catch: unwritable }))
        )
    }
  })

interface Loaded {
  readonly about: About
  readonly chunks: Map<number, Chunk>
  accepted: number
  rejected: number
  records: number
  /** Where the last whole line ends. */
  end: number
}

const fresh = () => ({ chunks: new Map<number, Chunk>(), accepted: 0, rejected: 0, records: 0, end: 0 })

/**
 * Reads a journal. A last line without its end was being written when the program was killed: its record does not count,
 * and nothing was done because of it. That any other line is missing is told by the count in the first line.
 */
const load = (path: string, about: About): Effect.Effect<Loaded, JournalProblem> =>
  Effect.tryPromise({
    try: async () => {
      const state = fresh()
      let head: typeof Head.Type | undefined
      for await (const { end, text } of linesOf(path)) {
        state.end = end
        if (head === undefined) {
          head = headOf(text)
          continue
        }
        state.records++
        apply(state, decodeRecord(text))
      }
      if (head === undefined) throw damaged("it has no first line")
      if (state.records < Number(head.records)) {
        throw damaged(`it has ${state.records} records of ${Number(head.records)}; the file was cut off`)
      }
      return { ...state, about: compared(head, about) }
    },
    catch: (error) => error instanceof JournalProblem ? error : damaged("a line of it cannot be read")
  })

const damaged = (how: string) =>
  problem(
    "damaged",
    `--journal is damaged: ${how}. Nothing was sent; look the messages up before you send the rest again`
  )

const headOf = (text: string): typeof Head.Type => {
  try {
    return decodeHead(text)
  } catch {
    throw damaged("its first line is not that of a journal")
  }
}

const compared = (head: typeof Head.Type, about: About): About => {
  if (head.version !== version) {
    throw problem(
      "version",
      `--journal has the format ${head.version} and this program has ${version}; resume with the version that began the run`
    )
  }
  const begun = decodeAbout(head.about)
  if (begun.digest !== about.digest || begun.rows !== about.rows) {
    throw problem(
      "input",
      "--input is not the input that the journal was begun with (digest mismatch); nothing was sent"
    )
  }
  if (begun.settings !== about.settings) {
    throw problem("input", "the flags of the messages are not those that the journal was begun with; nothing was sent")
  }
  if (begun.serverId !== about.serverId) {
    throw problem("input", "the token opens another Postmark server than the one of the journal; nothing was sent")
  }
  return begun
}

const apply = (state: Omit<Loaded, "about">, record: Record): void => {
  const known = state.chunks.get(record.chunk)
  if (record._tag === "begin") {
    const { at, chunk, count, first } = record
    const open = known?.open ?? new Set(Array.from({ length: count }, (_, place) => first + place))
    // After a doubt, the first send is the one whose messages may be found.
    state.chunks.set(chunk, {
      index: chunk,
      first,
      count,
      open,
      state: "doubt",
      at: known?.state === "doubt" ? known.at : at
    })
    return
  }
  if (known === undefined) throw damaged("an outcome has no beginning")
  if (record._tag === "held") {
    state.chunks.set(record.chunk, { ...known, state: "held" })
    return
  }
  state.accepted += record.accepted.length
  state.rejected += record.rejected.length
  const open = new Set([...record.unknown, ...record.held])
  const next = record.unknown.length > 0 ? "doubt" : record.held.length > 0 ? "held" : "done"
  state.chunks.set(record.chunk, { ...known, state: next, open })
}

const recordsAt = (head: string) => head.indexOf("\"records\":\"") + "\"records\":\"".length

const headLine = (about: About): string =>
  `${JSON.stringify({ journal: "effect-postmark", version, records: "0".repeat(12), about })}\n`

const begun = async (file: FileHandle, about: About) => {
  const head = headLine(about)
  await file.write(head, 0)
  await file.sync()
  return writerOf(file, Buffer.byteLength(head), 0, recordsAt(head))
}

const continued = async (file: FileHandle, loaded: Loaded) => {
  await file.truncate(loaded.end)
  return writerOf(file, loaded.end, loaded.records, recordsAt(headLine(loaded.about)))
}

/** Appends a line, and then counts it in the first line: the count never says more than there is on the disk. */
const writerOf = (file: FileHandle, end: number, count: number, countAt: number) => {
  const state = { end, count }
  return async (json: string): Promise<void> => {
    const bytes = Buffer.from(`${json}\n`)
    await file.write(bytes, 0, bytes.length, state.end)
    await file.datasync()
    state.end += bytes.length
    state.count++
    await file.write(String(state.count).padStart(12, "0"), countAt)
  }
}
