/** What the receiver's plain functions need of Effect: the clock, fibers for what is rare, counters and logs. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"

export interface Outside {
  readonly millis: () => number
  /** Runs an effect in a fiber of its own. */
  readonly run: <A, E>(effect: Effect.Effect<A, E>, done: (exit: Exit.Exit<A, E>) => void) => void
  /** A counter of one value of a tag, made once: a tagged metric is built anew for each count otherwise. */
  readonly counter: (metric: Metric.Metric.Counter<number>, tag: string, value: string) => () => void
  readonly gauge: (metric: Metric.Metric.Gauge<number>) => (value: number) => void
  /** Logs the same message once a second at most: a store that is down fails every webhook. */
  readonly logError: (message: string, detail: string) => void
}

export const make: Effect.Effect<Outside> = Effect.gen(function*() {
  const runtime = yield* Effect.runtime<never>()
  const clock = yield* Clock.clockWith(Effect.succeed)
  const labels = FiberRefs.getOrDefault(runtime.fiberRefs, FiberRef.currentMetricLabels)
  const logged = new Map<string, { readonly at: number; left: number }>()
  const start = Runtime.runCallback(runtime)
  const run: Outside["run"] = (effect, done) => {
    start(effect, { onExit: done })
  }
  return {
    millis: () => clock.unsafeCurrentTimeMillis(),
    run,
    counter: (metric, tag, value) => {
      const tagged = Metric.tagged(metric, tag, value)
      return () => tagged.unsafeUpdate(1, labels)
    },
    gauge: (metric) => (value) => metric.unsafeUpdate(value, labels),
    logError: (message, detail) => {
      const now = clock.unsafeCurrentTimeMillis()
      const last = logged.get(message) ?? { at: -Infinity, left: 0 }
      if (Math.abs(now - last.at) < 1_000) {
        last.left += 1
        return
      }
      logged.set(message, { at: now, left: 0 })
      const more = last.left === 0 ? [] : [`and ${last.left} more before`]
      run(
        Effect.annotateLogs(Effect.logError(message, detail, ...more), {
          package: "@effect-postmark/core",
          module: "WebhookReceiver"
        }),
        () => {}
      )
    }
  }
})

/** Says what failed, without the text of a defect, which may quote private data. */
export const messageOf = (cause: Cause.Cause<{ readonly message: string }>): string =>
  Option.match(Cause.failureOption(cause), { onNone: () => "a defect", onSome: ({ message }) => message })
