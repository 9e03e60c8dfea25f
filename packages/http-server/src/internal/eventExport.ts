/**
 * The log as lines of JSON. The last line says how the export ended, since a response that breaks off can look complete.
 */
import type { Service } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ApiKey } from "../ApiKeys.ts"
import * as Cursor from "./cursor.ts"
import { type EventQuery, scopeOf } from "./eventQuery.ts"
import * as EventText from "./eventText.ts"
import * as PageSize from "./pageSize.ts"

interface State {
  /** The last event that was read. */
  readonly position: number
  readonly size: number
  readonly count: number
}

/** Why an export ended before its last event. */
type Reason = "unauthorized" | "store_unavailable"

/** The events that are stored when the export begins; later ones are not part of it. */
export const make = (
  log: Service,
  query: EventQuery,
  caller: Effect.Effect<Option.Option<ApiKey>, StoreUnavailable>
): Effect.Effect<Stream.Stream<Uint8Array>, StoreUnavailable> =>
  Effect.map(log.latest, (latest) => {
    const { filter, order } = query
    const cursor = (sequence: number) => Cursor.encode({ order, sequence })
    const begin = Option.getOrElse(query.after, () => order === "newest" ? latest + 1 : 0)

    const last = ({ count, position }: State, reason?: Reason) =>
      encode(
        JSON.stringify({
          complete: reason === undefined,
          ...(reason === undefined ? {} : { reason }),
          events: count,
          nextCursor: cursor(position)
        }) + "\n"
      )

    const step = (state: State): Effect.Effect<Option.Option<readonly [Chunk.Chunk<Uint8Array>, State | undefined]>> =>
      Effect.gen(function*() {
        const valid = yield* caller
        if (Option.isNone(valid)) return Option.some([Chunk.of(last(state, "unauthorized")), undefined] as const)
        const page = yield* log.read({
          ...filter,
          connections: scopeOf(query, valid.value),
          order,
          limit: state.size,
          after: order === "newest" ? 0 : state.position,
          before: order === "newest" ? Math.min(state.position, latest + 1) : latest + 1
        })
        const position = page.at(-1)?.sequence ?? state.position
        const next = { position, size: PageSize.next(state.size, page), count: state.count + page.length }
        const lines = page.map((event) => EventText.line(event, cursor(event.sequence))).join("")
        return page.length < state.size
          ? Option.some([Chunk.of(concat(encode(lines), last(next))), undefined] as const)
          : Option.some([Chunk.of(encode(lines)), next] as const)
      }).pipe(
        Effect.retry(patience),
        Effect.catchAll(() => Effect.succeedSome([Chunk.of(last(state, "store_unavailable")), undefined] as const))
      )

    const start: State | undefined = { position: begin, size: PageSize.first, count: 0 }
    return Stream.unfoldChunkEffect(start, (state: State | undefined) =>
      state === undefined ? Effect.succeedNone : step(state))
  })

/** A store that is busy is asked again for some seconds. */
const patience = Schedule.intersect(Schedule.exponential("100 millis"), Schedule.recurs(6))

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(a.length + b.length)
  whole.set(a)
  whole.set(b, a.length)
  return whole
}
