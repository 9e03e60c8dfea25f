/**
 * Wakes workflows whose waits have ended, and wakes them again until they have gone on.
 *
 * The engine reads a run's state once when it is told of a completion, and can lose the wake of a run that is being
 * suspended just then (https://github.com/Effect-TS/effect/issues/6318). So no wait depends on one signal.
 */
import type { Service as Store, StoredWait } from "@effect-postmark/core/WaitStore"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type { Watched } from "../../DurableSteps.ts"
import * as WaitMetrics from "../../WaitMetrics.ts"
import { fromStored } from "../../WaitOutcome.ts"
import { failureName } from "../failureName.ts"
import { deferred } from "./awaitStep.ts"

export const make = (
  store: Store,
  engine: WorkflowEngine["Type"],
  workflows: ReadonlyMap<string, Watched>,
  pokeAfter: Duration.Duration
) => {
  const wake = (wait: StoredWait, waker: NonNullable<StoredWait["waker"]>) =>
    Effect.gen(function*() {
      const { executionId } = DurableDeferred.TokenParsed.fromString(waker.token)
      const outcome = yield* fromStored(wait)
      yield* DurableDeferred.done(deferred(""), {
        token: DurableDeferred.Token.make(waker.token),
        exit: Exit.succeed(outcome)
      }).pipe(Effect.provideService(WorkflowEngine, engine))
      if (wait.pokes === 1) {
        return yield* Metric.increment(
          Metric.tagged(WaitMetrics.ended, "result", wait.event === null ? "deadline" : "event")
        )
      }
      yield* Metric.increment(WaitMetrics.repeatedWakes)
      if (wait.pokes % complainEvery === 0) {
        yield* Effect.annotateLogs(Effect.logError("a workflow does not go on although its wait has ended"), {
          workflow: waker.workflow,
          executionId,
          wakes: wait.pokes
        })
      }
      const workflow = workflows.get(waker.workflow)
      if (workflow === undefined) return
      // It can have ended without the step, for example when it was interrupted.
      if (yield* workflow.isComplete(executionId)) yield* store.consume(wait.id)
      else yield* workflow.resume(executionId)
    })

  /** One workflow that cannot be woken must not keep the others asleep. */
  const guarded = (wait: StoredWait) =>
    wait.waker === null ? Effect.void : wake(wait, wait.waker).pipe(
      Effect.timeout(wakeTimeout),
      Effect.catchAllCause((cause) =>
        Effect.zipRight(
          Metric.increment(Metric.tagged(WaitMetrics.failedWakes, "failure", failureName(cause))),
          Effect.annotateLogs(Effect.logError("a workflow could not be woken and is woken again later"), {
            workflow: wait.waker?.workflow,
            failure: failureName(cause)
          })
        )
      )
    )

  return (now: number) =>
    Effect.gen(function*() {
      const waits = yield* store.claim({
        workflows: [...workflows.keys()],
        now,
        pokeAfter: Duration.toMillis(pokeAfter),
        limit: pageSize
      })
      yield* Effect.forEach(waits, guarded, { concurrency: 8, discard: true })
      return waits.length === pageSize ? 0 : Infinity
    })
}

const pageSize = 50

const complainEvery = 10

const wakeTimeout = Duration.seconds(15)
