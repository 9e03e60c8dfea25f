/**
 * How fast a connection calls Postmark: a port. Postmark publishes no rate, so the rate is learned: nothing is slowed
 * down until Postmark answers 429.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * One call's turn. It tells its pacer what came of the call: Postmark took it, or asked to slow down.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turn {
  readonly taken: Effect.Effect<void>
  readonly limited: (retryAfter: Duration.Duration | undefined) => Effect.Effect<void>
}

/**
 * The turn would come later than the caller wants to wait. `retryAfter` (milliseconds) says when it would come.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnTooLate extends Data.TaggedError("TurnTooLate")<{ readonly retryAfter: number }> {}

/**
 * Gives turns to the calls of one connection, in the order in which they ask. A caller waits up to `maximumWait`; one
 * whose turn would come later fails at once. A caller that is interrupted while it waits holds nobody up.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pacer {
  readonly turn: (maximumWait: Duration.Duration) => Effect.Effect<Turn, TurnTooLate>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The pacer of a connection: the same one for the same id. */
  readonly pacer: (connection: string) => Effect.Effect<Pacer>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Pacing extends Context.Tag("@effect-postmark/core/Pacing")<Pacing, Service>() {}

/** Milliseconds between two calls after the first 429; each further 429 doubles it. */
const firstInterval = 50
const longestInterval = 10_000
/** Calls per second that each call taken wins back. */
const recovery = 0.5
/** Calls per second beyond which nothing is held back any more. */
const unlimited = 100

/**
 * A pacer in memory. A 429 halves the rate (from nothing held back to 20 calls a second, down to one in 10 seconds), and
 * pauses all calls for one interval, or for the `Retry-After`, up to one minute. Callers who would wait longer than they
 * want to are told at once (`TurnTooLate`). Each call that Postmark takes wins half a
 * call per second back; beyond 100 calls a second nothing is held back any more. Several 429 to calls that were under
 * way together count once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makePacer: Effect.Effect<Pacer> = Effect.map(Effect.makeSemaphore(1), (door) => {
  let interval = 0
  let opensAt = 0
  let slowdowns = 0
  let waiting = 0

  const limited = (seen: number) => (retryAfter: Duration.Duration | undefined) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      if (seen === slowdowns) {
        slowdowns++
        interval = interval === 0 ? firstInterval : Math.min(interval * 2, longestInterval)
      }
      const pause = retryAfter === undefined ? interval : Math.min(Duration.toMillis(retryAfter), 60_000)
      opensAt = Math.max(opensAt, now + Math.ceil(pause))
    })

  const taken = (seen: number) =>
    Effect.sync(() => {
      if (interval === 0 || seen !== slowdowns) return
      const rate = 1_000 / interval + recovery
      interval = rate > unlimited ? 0 : 1_000 / rate
    })

  const pass = (now: number): Turn => {
    // Whole milliseconds, as the clock counts: a sleep of less would end at the same time as it began.
    opensAt = Math.max(opensAt, now + Math.ceil(interval))
    return { taken: taken(slowdowns), limited: limited(slowdowns) }
  }

  // The door may be shut for longer while somebody waits at it, so the time is looked at again.
  const wait = (until: number): Effect.Effect<Turn, TurnTooLate> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now >= opensAt) return Effect.sync(() => pass(now))
      return opensAt > until
        ? new TurnTooLate({ retryAfter: opensAt - now })
        : Effect.zipRight(Effect.sleep(opensAt - now), wait(until))
    })

  return {
    turn: (maximumWait) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (waiting === 0 && now >= opensAt) return Effect.sync(() => pass(now))
        const longest = Duration.toMillis(maximumWait)
        const expected = (now: number) => Math.max(opensAt - now, 0) + Math.ceil(waiting * interval)
        if (expected(now) > longest) return new TurnTooLate({ retryAfter: expected(now) })
        const inTurn = door.withPermits(1)(wait(now + longest))
        return Effect.acquireUseRelease(
          Effect.sync(() => waiting++),
          // Whoever is in front may want to wait longer, and the rate may fall meanwhile.
          () =>
            Effect.timeoutFail(inTurn, {
              duration: longest + 1,
              onTimeout: () => new TurnTooLate({ retryAfter: Math.max(expected(now + longest), 1) })
            }),
          () => Effect.sync(() => waiting--)
        )
      })
  }
})

/**
 * Pacers in memory, one for each connection that asks.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<Service> = Effect.sync(() => {
  const pacers = new Map<string, Pacer>()
  return {
    pacer: (connection) =>
      Effect.suspend(() => {
        const known = pacers.get(connection)
        return known === undefined
          ? Effect.map(makePacer, (made) => {
            const pacer = pacers.get(connection) ?? made
            pacers.set(connection, pacer)
            return pacer
          })
          : Effect.succeed(known)
      })
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<Pacing> = Layer.effect(Pacing, makeMemory)

/**
 * A pacer that never holds anything back.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unpaced: Pacer = {
  turn: () => Effect.succeed({ taken: Effect.void, limited: () => Effect.void })
}
