/**
 * Steps of workflows on `@effect/workflow`: send, wait for the outcome, wait for an open. They survive the program.
 *
 * The module is not in the package's index, since it loads the workflow engine's types and schemas. Import it from
 * `@effect-postmark/automation/DurableSteps`.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import type { Email, TemplateEmail } from "@effect-postmark/core/Email"
import { EventLog } from "@effect-postmark/core/EventLog"
import { ConnectionId } from "@effect-postmark/core/Ids"
import { WaitStore } from "@effect-postmark/core/WaitStore"
import type * as Workflow from "@effect/workflow/Workflow"
import { WorkflowEngine, type WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { failureName } from "./internal/failureName.ts"
import * as AwaitStep from "./internal/steps/awaitStep.ts"
import * as Poker from "./internal/steps/poker.ts"
import * as SendStep from "./internal/steps/sendStep.ts"
import * as Rounds from "./internal/waits/rounds.ts"
import type { StepFailed } from "./StepFailed.ts"
import * as WaitMetrics from "./WaitMetrics.ts"
import type { MessageOutcome, OpenOutcome } from "./WaitOutcome.ts"

export { StepFailed } from "./StepFailed.ts"

/**
 * A message that a step sent. `recipients` are bare addresses.
 *
 * @since 0.1.0
 * @category models
 */
export const Sent = Schema.Struct({
  connectionId: Schema.typeSchema(ConnectionId),
  messageId: Schema.String,
  recipients: Schema.Array(Schema.String),
  trackOpens: Schema.Boolean,
  html: Schema.Literal("body", "none", "template")
}).annotations({ identifier: "Sent" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Sent extends Schema.Schema.Type<typeof Sent> {}

/**
 * `within` counts from the step's first run. `recipient` is needed for a message with several recipients.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions {
  readonly within: Duration.DurationInput
  readonly recipient?: string | undefined
}

/**
 * A workflow, as far as waking it needs to know it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Watched {
  readonly name: string
  readonly isComplete: (executionId: string) => Effect.Effect<boolean>
  readonly resume: (executionId: string) => Effect.Effect<void>
}

/**
 * The services that a workflow's body has.
 *
 * @since 0.1.0
 * @category models
 */
export type InWorkflow = WorkflowEngine | WorkflowInstance

/**
 * Each step has a name that is unique in its workflow and stays the same in later versions of the program.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Sends one message, once over all runs of the workflow: a run after a crash looks for it in Postmark's history first.
   * It is retried while Postmark is unavailable.
   */
  readonly send: (
    step: string,
    connectionId: ConnectionId,
    message: Email | TemplateEmail
  ) => Effect.Effect<Sent, StepFailed, InWorkflow>
  /** Sleeps until a recipient's server accepts or rejects the message, or until the deadline. */
  readonly awaitOutcome: (
    step: string,
    sent: Sent,
    options: AwaitOptions
  ) => Effect.Effect<MessageOutcome, StepFailed, InWorkflow>
  /**
   * Sleeps until the message is opened, or until the deadline. Fails at once when Postmark cannot report an open.
   * `machineOpens` says whether an open counts that a mailbox provider's proxy or a scanner probably made. Default:
   * `count`.
   */
  readonly awaitOpen: (
    step: string,
    sent: Sent,
    options: AwaitOptions & { readonly machineOpens?: "count" | "ignore" | undefined }
  ) => Effect.Effect<OpenOutcome, StepFailed, InWorkflow>
  /** Wakes the waits of a workflow while the scope is open. `workflow` does this. */
  readonly watch: (workflow: Watched) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DurableSteps extends Context.Tag("@effect-postmark/automation/DurableSteps")<DurableSteps, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long an event that another process stored can stay unseen. Default: 1 second. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /** When a workflow is woken again that has not gone on. Later times take longer. Default: 5 seconds. */
  readonly pokeAfter?: Duration.DurationInput | undefined
  /** How long a step looks for a message that an earlier run may have sent, before it sends. Default: 10 minutes. */
  readonly searchFor?: Duration.DurationInput | undefined
  /** How long a send is retried while Postmark is unavailable. Default: 1 day. */
  readonly retryFor?: Duration.DurationInput | undefined
  /** How long an ended wait is kept. Default: 30 days. */
  readonly retention?: Duration.DurationInput | undefined
}

/**
 * The steps, and the fiber that wakes workflows. Any number of processes can share a store and an engine.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, Connections | EventLog | Scope.Scope | WaitStore | WorkflowEngine> =>
  Effect.gen(function*() {
    const store = yield* WaitStore
    const connections = yield* Connections
    const engine = yield* WorkflowEngine
    const workflows = new Map<string, Watched>()
    const pokeAfter = Duration.decode(options.pokeAfter ?? "5 seconds")
    const wake = yield* Rounds.make(
      store,
      yield* EventLog,
      {
        name: "DurableSteps",
        pollInterval: options.pollInterval ?? "1 second",
        retention: options.retention ?? "30 days"
      },
      Poker.make(store, engine, workflows, pokeAfter)
    )
    const awaitStep = AwaitStep.make(store, connections, (name) => workflows.has(name), wake)

    return {
      send: SendStep.make(connections, Sent, {
        retryFor: Duration.decode(options.retryFor ?? "1 day"),
        searchFor: Duration.decode(options.searchFor ?? "10 minutes")
      }),
      awaitOutcome: (step, sent, given) =>
        Effect.flatMap(
          awaitStep(step, "outcome", sent, given),
          (outcome) =>
            outcome._tag === "Opened"
              ? Effect.dieMessage("an open ended a wait for an outcome")
              : Effect.succeed(outcome)
        ),
      awaitOpen: (step, sent, { machineOpens, ...given }) =>
        Effect.flatMap(
          awaitStep(step, machineOpens === "ignore" ? "humanOpen" : "open", sent, given),
          (outcome) =>
            outcome._tag === "Opened" || outcome._tag === "TimedOut"
              ? Effect.succeed(outcome)
              : Effect.dieMessage("an outcome ended a wait for an open")
        ),
      watch: (workflow) =>
        Effect.asVoid(Effect.acquireRelease(
          Effect.zipRight(Effect.sync(() => workflows.set(workflow.name, workflow)), wake),
          () => Effect.sync(() => workflows.delete(workflow.name))
        ))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<DurableSteps, never, Connections | EventLog | WaitStore | WorkflowEngine> =>
  Layer.scoped(DurableSteps, make(options))

/**
 * Runs a workflow whose body uses the steps. Every process that shares the engine must have it. A failure of the body is
 * logged and counted, since nobody may wait for the result.
 *
 * @since 0.1.0
 * @category layers
 */
export const workflow = <
  Name extends string,
  Payload extends Workflow.AnyStructSchema,
  Success extends Schema.Schema.Any,
  Error extends Schema.Schema.All,
  R
>(
  definition: Workflow.Workflow<Name, Payload, Success, Error>,
  body: (payload: Payload["Type"], executionId: string) => Effect.Effect<Success["Type"], Error["Type"], R>
) =>
  Layer.merge(
    definition.toLayer((payload, executionId) =>
      Effect.tapErrorCause(body(payload, executionId), (cause) =>
        // A run that goes to sleep is interrupted.
        Cause.isInterrupted(cause) ? Effect.void : Effect.zipRight(
          Metric.increment(Metric.tagged(WaitMetrics.failedWorkflows, "failure", failureName(cause))),
          Effect.annotateLogs(Effect.logError("a workflow ended with a failure"), {
            workflow: definition.name,
            executionId,
            failure: failureName(cause)
          })
        ))
    ),
    Layer.scopedDiscard(Effect.gen(function*() {
      const steps = yield* DurableSteps
      const engine = yield* WorkflowEngine
      const context = yield* Effect.context<Success["Context"] | Error["Context"]>()
      yield* steps.watch({
        name: definition.name,
        isComplete: (executionId) =>
          engine.poll(definition, executionId).pipe(
            Effect.map((result) => result?._tag === "Complete"),
            Effect.provide(context)
          ),
        resume: (executionId) => engine.resume(definition, executionId)
      })
    }))
  )
