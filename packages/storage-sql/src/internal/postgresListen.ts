/**
 * Notifications from other processes, over a separate connection. A broken connection is made again, and listeners
 * are then notified, because a notification may have been missed.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Pg from "pg"
import { driverCode } from "./driverCode.ts"

export const listen = (config: Pg.ClientConfig, channel: string): Stream.Stream<void> =>
  Stream.asyncPush<void, ListenFailure>((emit) =>
    Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          const client = new Pg.Client(config)
          client.on("error", (error) => emit.fail(failure(error)))
          client.on("end", () => emit.fail({ code: "CONNECTION_LOST" }))
          client.on("notification", () => emit.single(undefined))
          await client.connect()
          await client.query(`LISTEN ${Pg.escapeIdentifier(channel)}`).catch(async (error: unknown) => {
            await client.end()
            throw error
          })
          emit.single(undefined)
          return client
        },
        catch: failure
      }),
      (client) => Effect.promise(() => client.end().catch(() => {}))
    ), { bufferSize: 1, strategy: "sliding" }).pipe(
      Stream.tapError(({ code }) =>
        Effect.logWarning("PostgreSQL's notices are not heard for now; events are found by polling", { code })
      ),
      Stream.retry(
        Schedule.jittered(Schedule.exponential("250 millis")).pipe(
          Schedule.union(Schedule.spaced("15 seconds"))
        )
      ),
      Stream.orDie
    )

interface ListenFailure {
  readonly code: string
}

const failure = (cause: unknown): ListenFailure => ({ code: driverCode(cause) })
