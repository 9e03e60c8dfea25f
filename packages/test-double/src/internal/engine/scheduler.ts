/** Jobs that are due later, on a clock that can be paused and moved on; and a signal for every change. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"

/** A job and the instant at which it is due. */
export interface Due<Job> {
  readonly dueAt: number
  readonly job: Job
}

/** What of a scheduler can be kept and gone back to; without a `now`, its clock is the one in force. */
export interface Agenda<Job> {
  readonly now: number | undefined
  readonly running: boolean
  readonly queue: ReadonlyArray<Due<Job>>
}

export interface Scheduler<Job> {
  readonly now: () => number
  /** Runs the job after so many milliseconds, in a fiber of its own. */
  readonly schedule: (delay: number, job: Job) => void
  /** Wakes all who wait for a change. */
  readonly changed: () => void
  readonly waitFor: (predicate: () => boolean) => Effect.Effect<void>
  /** Emits at once, then once for all changes since the last element was taken: nothing piles up for a slow reader. */
  readonly changes: Stream.Stream<void>
  /** Waits until nothing is due or running. */
  readonly settled: Effect.Effect<void>
  readonly isRunning: () => boolean
  readonly pause: () => void
  readonly resume: () => void
  /** Moves the clock on from one due job to the next, each done before the next, and to the end. */
  readonly advance: (millis: number) => Effect.Effect<void>
  readonly agenda: () => Agenda<Job>
  /** Drops all jobs, those under way too, and a move of the clock; then begins with what the agenda says. */
  readonly start: (agenda: Agenda<Job>) => void
}

const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

export const makeScheduler = Effect.fnUntraced(function*<Job>(run: (job: Job) => Effect.Effect<void>) {
  const scope = yield* Effect.scope
  const clock = yield* Effect.clock
  // The fiber that happens to make a request must not lend its trace, its logger or its interruption to later work.
  const runFork = Runtime.runFork(yield* Effect.runtime<never>())
  const oneAtATime = yield* Effect.makeSemaphore(1)
  const base = () => clock.unsafeCurrentTimeMillis()

  let offset = 0
  let pausedAt: number | undefined
  const now = () => pausedAt ?? base() + offset
  /** There while the clock is being moved on: what it does afterwards, which may be decided meanwhile. */
  let move: { paused: boolean } | undefined

  /** Earliest first, and those of one instant in the order they came in. */
  let queue: Array<Due<Job>> = []
  const running = new Set<Fiber.RuntimeFiber<void>>()
  let timer: { readonly dueAt: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined

  // There only while somebody waits: changes are many, and those who wait are few.
  let change: Deferred.Deferred<void> | undefined
  let count = 0
  const changed = () => {
    const woken = change
    count++
    change = undefined
    if (woken !== undefined) Deferred.unsafeDone(woken, Effect.void)
  }
  const waitFor = (predicate: () => boolean): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (predicate()) return Effect.void
      change ??= Deferred.unsafeMake<void>(FiberId.none)
      return Effect.flatMap(Deferred.await(change), () => waitFor(predicate))
    })
  const isSettled = () => running.size === 0 && (queue[0]?.dueAt ?? Number.POSITIVE_INFINITY) > now()

  const launch = (job: Job) => {
    const fiber = runFork(Effect.interruptible(Effect.suspend(() => run(job))), { scope })
    running.add(fiber)
    fiber.addObserver(() => {
      running.delete(fiber)
      changed()
    })
  }
  const startDue = () => {
    const present = now()
    const own = queue
    const later = own.findIndex(({ dueAt }) => dueAt > present)
    // All at once: taking the first of a long list moves all the others.
    for (const { job } of own.splice(0, later < 0 ? own.length : later)) {
      // A job may have let everything begin anew.
      if (queue === own) launch(job)
    }
  }

  const disarm = () => {
    timer?.fiber.unsafeInterruptAsFork(FiberId.none)
    timer = undefined
  }
  /** One fiber sleeps until the earliest job is due. */
  const arm = () => {
    const [first] = queue
    if (first === undefined || pausedAt !== undefined) return disarm()
    if (timer !== undefined && timer.dueAt <= first.dueAt) return
    disarm()
    const fiber = runFork(clock.sleep(Duration.millis(first.dueAt - now())), { scope })
    const own = { dueAt: first.dueAt, fiber }
    timer = own
    fiber.addObserver((exit) => {
      if (timer !== own) return
      timer = undefined
      // The scope closes, and with it everything ends.
      if (exit._tag === "Failure") return
      startDue()
      arm()
    })
  }

  const hold = () => {
    pausedAt = now()
    arm()
    changed()
  }
  const release = () => {
    offset = now() - base()
    pausedAt = undefined
    startDue()
    arm()
    changed()
  }
  const advance = (millis: number) =>
    Effect.suspend(() => {
      const end = now() + millis
      // Before anything is moved: a clock that stands beyond it gives no more dates.
      if (!(end <= lastInstant)) {
        return Effect.die(new RangeError("advance: the clock goes no further than the year 9999; move it by less"))
      }
      const own = { paused: pausedAt !== undefined }
      move = own
      hold()
      const stepDone = waitFor(() => move !== own || isSettled())
      const step: Effect.Effect<void> = Effect.suspend(() => {
        if (move !== own) return Effect.void
        const dueAt = queue[0]?.dueAt ?? Number.POSITIVE_INFINITY
        pausedAt = Math.max(now(), Math.min(dueAt, end))
        if (dueAt > end) return Effect.void
        startDue()
        return Effect.zipRight(stepDone, step)
      })
      return Effect.ensuring(
        Effect.zipRight(stepDone, step),
        Effect.sync(() => {
          if (move !== own) return
          move = undefined
          return own.paused ? changed() : release()
        })
      )
    }).pipe(oneAtATime.withPermits(1))

  const scheduler: Scheduler<Job> = {
    now,
    changed,
    waitFor,
    settled: waitFor(isSettled),
    changes: Stream.unwrap(Effect.sync(() => {
      let seen = -1
      return Stream.repeatEffect(Effect.map(waitFor(() => count !== seen), () => {
        seen = count
      }))
    })),
    schedule: (delay, job) => {
      if (delay <= 0) return launch(job)
      const dueAt = now() + delay
      // Most jobs are due after all others.
      let place = queue.length
      while (place > 0 && (queue[place - 1]?.dueAt ?? 0) > dueAt) place--
      queue.splice(place, 0, { dueAt, job })
      arm()
    },
    isRunning: () => pausedAt === undefined,
    pause: () => {
      if (move !== undefined) move.paused = true
      hold()
    },
    resume: () => {
      if (move === undefined) return release()
      move.paused = false
      changed()
    },
    advance,
    agenda: () => ({
      now: now(),
      running: move === undefined ? pausedAt === undefined : !move.paused,
      queue: [...queue]
    }),
    start: (agenda) => {
      // Nobody waits for their end, so nothing comes between; and one of them may be who asks for this.
      for (const fiber of running) fiber.unsafeInterruptAsFork(FiberId.none)
      running.clear()
      disarm()
      move = undefined
      queue = [...agenda.queue]
      offset = agenda.now === undefined ? 0 : agenda.now - base()
      pausedAt = agenda.running ? undefined : base() + offset
      startDue()
      arm()
      changed()
    }
  }
  return scheduler
})
