/** Jobs that are due later, on a clock that can be paused and moved on; and a signal for every change. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
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
  /** Drops all jobs, those under way too. */
  readonly stop: Effect.Effect<void>
  readonly start: (agenda: Agenda<Job>) => void
}

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
  const settled = waitFor(() => running.size === 0 && (queue[0]?.dueAt ?? Number.POSITIVE_INFINITY) > now())

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
    for (let due = queue[0]; due !== undefined && due.dueAt <= present; due = queue[0]) {
      queue.shift()
      launch(due.job)
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

  const pause = () => {
    pausedAt = now()
    arm()
    changed()
  }
  const resume = () => {
    offset = now() - base()
    pausedAt = undefined
    startDue()
    arm()
    changed()
  }
  const advance = (millis: number) =>
    Effect.suspend(() => {
      const wasPaused = pausedAt !== undefined
      pause()
      const end = now() + millis
      const step: Effect.Effect<void> = Effect.suspend(() => {
        const dueAt = queue[0]?.dueAt ?? Number.POSITIVE_INFINITY
        pausedAt = Math.max(now(), Math.min(dueAt, end))
        if (dueAt > end) return Effect.void
        startDue()
        return Effect.zipRight(settled, step)
      })
      return Effect.ensuring(
        Effect.zipRight(settled, step),
        Effect.sync(() => wasPaused ? changed() : resume())
      )
    }).pipe(oneAtATime.withPermits(1))

  const scheduler: Scheduler<Job> = {
    now,
    changed,
    waitFor,
    settled,
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
    pause,
    resume,
    advance,
    agenda: () => ({ now: now(), running: pausedAt === undefined, queue: [...queue] }),
    stop: Effect.suspend(() => {
      queue = []
      arm()
      return Fiber.interruptAll(running)
    }),
    start: (agenda) => {
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
