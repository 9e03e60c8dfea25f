/**
 * The log as server-sent events. The reader pulls: nothing is read from the log while the socket takes nothing, and what is
 * read at a time is small.
 */
import type { Service, StoredEvent } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ApiKey } from "../ApiKeys.ts"
import * as Cursor from "./cursor.ts"
import type { Drain } from "./drain.ts"
import { type EventQuery, scopeOf } from "./eventQuery.ts"
import * as EventText from "./eventText.ts"
import * as PageSize from "./pageSize.ts"

export interface Options {
  /** How often an idle stream says that it is alive. Default: 15 seconds. */
  readonly heartbeat?: Duration.DurationInput | undefined
  /** How often the log is read without a hint; other processes append too. Default: 5 seconds. */
  readonly poll?: Duration.DurationInput | undefined
  /** How soon clients connect again. Default: 3 seconds. */
  readonly retry?: Duration.DurationInput | undefined
}

interface State {
  /** All events up to here were sent, or did not pass the filter. */
  readonly position: number
  readonly size: number
  readonly sentAt: number
  readonly failures: number
}

type Reason = "shutting_down" | "unauthorized" | "store_unavailable"

type Step = readonly [Chunk.Chunk<Uint8Array>, State | undefined]

export const make = (
  log: Service,
  query: EventQuery,
  options: Options & {
    readonly caller: Effect.Effect<Option.Option<ApiKey>, StoreUnavailable>
    readonly drain: Pick<Drain, "isDraining" | "started">
  }
): Effect.Effect<Stream.Stream<Uint8Array>, StoreUnavailable> =>
  Effect.gen(function*() {
    const { caller, drain } = options
    const heartbeat = Duration.toMillis(options.heartbeat ?? "15 seconds")
    const poll = Duration.toMillis(options.poll ?? "5 seconds")
    const retry = Math.round(Duration.toMillis(options.retry ?? "3 seconds"))
    const begin = Option.isSome(query.after)
      ? query.after.value
      : query.filter.receivedFrom === undefined
      ? yield* log.latest
      : 0

    const read = (state: State, key: ApiKey): Effect.Effect<
      { readonly events: ReadonlyArray<StoredEvent>; readonly position: number },
      StoreUnavailable
    > =>
      Effect.gen(function*() {
        // Asked first, so that a filter which passes nothing does not look at the same events again.
        const latest = yield* log.latest
        if (latest <= state.position) return { events: [], position: state.position }
        const events = yield* log.read({
          ...query.filter,
          connections: scopeOf(query, key),
          after: state.position,
          before: latest + 1,
          limit: state.size
        })
        const last = events.at(-1)
        return { events, position: last !== undefined && events.length === state.size ? last.sequence : latest }
      })

    const ended = (reason: Reason): Step => [
      Chunk.of(encode(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`)),
      undefined
    ]

    const step = (from: State, hints: Hints): Effect.Effect<Step> =>
      Effect.gen(function*() {
        let state = from
        while (true) {
          hints.clear()
          if (drain.isDraining()) return ended("shutting_down")
          const now = yield* Clock.currentTimeMillis
          const outcome = yield* Effect.option(
            Effect.flatMap(
              caller,
              Option.match({
                onNone: () => Effect.succeed(undefined),
                onSome: (key) => read(state, key)
              })
            )
          )
          if (Option.isNone(outcome)) {
            state = { ...state, failures: state.failures + 1 }
            if (state.failures > maximumFailures) return ended("store_unavailable")
          } else if (outcome.value === undefined) {
            return ended("unauthorized")
          } else {
            const { events, position } = outcome.value
            state = { ...state, position, failures: 0 }
            if (events.length > 0) {
              const texts = events.map((event) => EventText.serverSent(event, cursorOf(event.sequence)))
              const next = { ...state, size: PageSize.next(state.size, events), sentAt: now }
              return [Chunk.of(encode(texts.join(""))), next]
            }
          }
          if (now - state.sentAt >= heartbeat) {
            // A block without data moves the client's position, and is no event.
            return [Chunk.of(encode(`: heartbeat\nid: ${cursorOf(state.position)}\n\n`)), { ...state, sentAt: now }]
          }
          const wait = Math.min(state.failures > 0 ? pause : poll, state.sentAt + heartbeat - now)
          yield* Effect.raceAll([Effect.sleep(wait), hints.await, drain.started])
          // Many events in a short time are read together.
          if (hints.isGiven()) yield* Effect.race(Effect.sleep(gap), drain.started)
        }
      })

    return Stream.unwrapScoped(Effect.gen(function*() {
      const hints = makeHints()
      yield* Effect.forkScoped(Stream.runForEach(log.changes, () => Effect.sync(hints.give)))
      const start: State = {
        position: begin,
        size: PageSize.first,
        sentAt: yield* Clock.currentTimeMillis,
        failures: 0
      }
      const hello = encode(`retry: ${retry}\nid: ${cursorOf(begin)}\n\n`)
      const initial: State | undefined = start
      return Stream.concat(
        Stream.make(hello),
        Stream.unfoldChunkEffect(initial, (state: State | undefined) =>
          state === undefined ? Effect.succeedNone : Effect.asSome(step(state, hints)))
      )
    }))
  })

const cursorOf = (sequence: number): string => Cursor.encode({ order: "oldest", sequence })

interface Hints {
  readonly await: Effect.Effect<void>
  readonly isGiven: () => boolean
  readonly give: () => void
  readonly clear: () => void
}

const makeHints = (): Hints => {
  const latch = Effect.unsafeMakeLatch(false)
  let given = false
  return {
    await: latch.await,
    isGiven: () => given,
    give: () => {
      given = true
      latch.unsafeOpen()
    },
    clear: () => {
      given = false
      latch.unsafeClose()
    }
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Between two reads after hints, in milliseconds. */
const gap = 50

/** Between two reads that fail, in milliseconds. */
const pause = 1_000

const maximumFailures = 30
