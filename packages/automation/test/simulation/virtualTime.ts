/**
 * Time and scheduling of a simulation. Time stands still while anything runs, and then jumps to whatever is due next. The
 * wall clock can be set; sleeps go by a clock of their own, as they do in Node.
 */
import { Clock, Duration, Effect, Scheduler } from "effect"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export interface VirtualTime {
  readonly clock: Clock.Clock
  readonly scheduler: Scheduler.Scheduler
  /** Milliseconds since the beginning, whatever the wall clock says. */
  readonly elapsed: () => number
  readonly setBack: (milliseconds: number) => void
  /** Runs everything that is due within the duration. */
  readonly run: (milliseconds: number) => Promise<void>
}

export const make = (start: number): VirtualTime => {
  let elapsed = 0
  let offset = start
  let sleepers: Array<Sleeper> = []
  const scheduler = new Scheduler.ControlledScheduler()
  const millis = () => offset + elapsed
  const nanos = () => BigInt(Math.round(elapsed)) * 1_000_000n

  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const sleeper = { at: elapsed + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        sleepers.push(sleeper)
        return Effect.sync(() => {
          sleepers = sleepers.filter((other) => other !== sleeper)
        })
      })
  }

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

  /** Until nothing runs: the relay also waits for turns of the event loop. */
  const settle = async () => {
    for (let idle = 0; idle < 2;) {
      if (scheduler.tasks.buckets.length === 0) idle += 1
      else idle = 0
      while (scheduler.tasks.buckets.length > 0) scheduler.step()
      await turn()
    }
  }

  return {
    clock,
    scheduler,
    elapsed: () => elapsed,
    setBack: (milliseconds) => {
      offset -= milliseconds
    },
    run: async (milliseconds) => {
      const end = elapsed + milliseconds
      await settle()
      while (true) {
        const next = Math.min(...sleepers.map(({ at }) => at))
        if (next > end) break
        elapsed = Math.max(elapsed, next)
        const due = sleepers.filter(({ at }) => at <= elapsed)
        sleepers = sleepers.filter(({ at }) => at > elapsed)
        for (const { wake } of due) wake()
        await settle()
      }
      elapsed = end
    }
  }
}
