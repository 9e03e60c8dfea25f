/**
 * The port that limits how fast a connection calls Postmark. Postmark publishes no rate limit, so the pacer learns
 * it: it slows nothing down until Postmark responds with 429.
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
 * One call's turn. The call reports its result to the pacer: Postmark accepted it, or asked to slow down.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turn {
  readonly taken: Effect.Effect<void>
  readonly limited: (retryAfter: Duration.Duration | undefined) => Effect.Effect<void>
}

/**
 * The turn would come later than the caller is willing to wait. `retryAfter` (milliseconds) says when it would come.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnTooLate extends Data.TaggedError("TurnTooLate")<{ readonly retryAfter: number }> {}

/**
 * Gives turns to the calls of one connection, in order of arrival. A caller waits up to `maximumWait`; if its turn
 * would come later, it fails at once. Interrupting a waiting caller does not delay the others.
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
 * Creates a pacer in memory.
 *
 * - A 429 halves the rate: from unlimited to 20 calls a second, down to one call in 10 seconds.
 * - A 429 also pauses all calls for one interval, or for the `Retry-After`, up to 1 minute.
 * - A call that would wait longer than its `maximumWait` fails at once (`TurnTooLate`).
 * - Each call that Postmark accepts adds half a call per second. Above 100 calls a second, the rate is unlimited again.
 * - Several 429 responses to calls that were in progress together count once.
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
    // Whole milliseconds, like the clock: after a shorter sleep, the time would be unchanged.
    opensAt = Math.max(opensAt, now + Math.ceil(interval))
    return { taken: taken(slowdowns), limited: limited(slowdowns) }
  }

  // The pause may be extended while a caller waits, so check the time again.
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
          // A caller in front may be willing to wait longer, and the rate may fall meanwhile.
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
 * Pacers in memory, one per connection.
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
 * A pacer that never delays a call.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unpaced: Pacer = {
  turn: () => Effect.succeed({ taken: Effect.void, limited: () => Effect.void })
}
