/** Waits in a workflow: a row of the store, and a deferred that the poker completes. */
import type { Service as Connections } from "@effect-postmark/core/Connections"
import type { Service as Store, Wait, WaitKind } from "@effect-postmark/core/WaitStore"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AwaitOptions, Sent } from "../../DurableSteps.ts"
import { StepFailed } from "../../StepFailed.ts"
import { WaitOutcome } from "../../WaitOutcome.ts"
import { OpenNotReported } from "../../Waits.ts"
import { isStoreUnavailable, persistently } from "./persistently.ts"

/** The deferred of a wait. The poker completes it by its token, which has the name. */
export const deferred = (name: string) => DurableDeferred.make(`Wait/${name}`, { success: WaitOutcome })

export const make = (
  store: Store,
  connections: Connections,
  isWatched: (workflow: string) => boolean,
  onRegistered: Effect.Effect<unknown>
) =>
(step: string, kind: WaitKind, sent: Sent, options: AwaitOptions) =>
  Effect.gen(function*() {
    const engine = yield* WorkflowEngine
    const { executionId, workflow } = yield* WorkflowInstance
    if (!isWatched(workflow.name)) {
      return yield* Effect.dieMessage(`register the workflow ${workflow.name} with DurableSteps.workflow, not toLayer`)
    }
    const id = `${executionId}/${step}`
    const done = deferred(step)
    const patiently = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
      persistently(self, { step, passes: isStoreUnavailable })

    if ((yield* engine.deferredResult(done)) === undefined) {
      const known = yield* Effect.orDie(patiently(store.get(id)))
      // A workflow whose rows were pruned can run once more under the same id, with another message.
      const isOurs = Option.exists(
        known,
        ({ messageId, state }) => messageId === sent.messageId && state !== "consumed"
      )
      if (!isOurs) {
        if (Option.isSome(known)) yield* Effect.orDie(patiently(store.remove(id)))
        yield* check(step, kind, sent, options, connections)
        const wait: Wait = {
          id,
          connectionId: sent.connectionId,
          messageId: sent.messageId,
          recipient: options.recipient ?? null,
          kind,
          deadline: (yield* Clock.currentTimeMillis) + Math.ceil(Duration.toMillis(options.within)),
          waker: { workflow: workflow.name, token: yield* DurableDeferred.token(done) }
        }
        const { state } = yield* Effect.orDie(patiently(store.register(wait)))
        if (state !== "waiting") yield* onRegistered
      }
    }
    const outcome = yield* DurableDeferred.await(done)
    // Until this is written the workflow is poked again, which does no harm.
    yield* Effect.orDie(patiently(store.consume(id)))
    return outcome
  })

/** What a wait would never see. A failure of the store or of Postmark is not an answer. */
const check = (
  step: string,
  kind: WaitKind,
  sent: Sent,
  { recipient }: AwaitOptions,
  connections: Connections
): Effect.Effect<void, StepFailed> => {
  if (recipient === undefined && sent.recipients.length > 1) {
    return new StepFailed({
      step,
      reason: "severalRecipients",
      message: `the message has ${sent.recipients.length} recipients: wait for each of them, by \`recipient\``
    })
  }
  if (kind === "outcome") return Effect.void
  const tracks = sent.trackOpens
    ? Effect.succeed(true)
    : Effect.map(
      Effect.flatMap(connections.client(sent.connectionId), (client) => client.server.get),
      ({ trackOpens }) => trackOpens === true
    ).pipe(
      (asking) => persistently(asking, { step, passes: (error) => passing.includes(error._tag) }),
      Effect.mapError((error) => new StepFailed({ step, reason: "rejected", message: error.message }))
    )
  return Effect.flatMap(tracks, (on) => {
    const obstacles = [...on ? [] : ["trackingOff" as const], ...sent.html === "none" ? ["noHtmlBody" as const] : []]
    return obstacles.length === 0
      ? Effect.void
      : new StepFailed({ step, reason: "openNotReported", message: new OpenNotReported({ obstacles }).message })
  })
}

const passing: ReadonlyArray<string> = ["RateLimited", "PostmarkUnavailable", "StoreUnavailable", "SecretUnreadable"]
