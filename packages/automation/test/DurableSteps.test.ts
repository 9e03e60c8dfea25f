import { WaitMetrics } from "@effect-postmark/automation"
import * as DurableSteps from "@effect-postmark/automation/DurableSteps"
import { Connections, Ids, Reconciliation, WaitStore } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import * as WorkflowEngine from "@effect-postmark/storage-sql/WorkflowEngine"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { assert, describe, it } from "@effect/vitest"
import * as Workflow from "@effect/workflow/Workflow"
import * as Engine from "@effect/workflow/WorkflowEngine"
import { Effect, Fiber, Layer, Metric, Schema } from "effect"
import { Welcome, welcome } from "./stepsKit.ts"
import { append, bounced, connect, connections, delivered, email, memory, opened } from "./waitsKit.ts"

/** A workflow of one body, on the memory engine of the workflow package. */
const Steps = Workflow.make({
  name: "Steps",
  payload: { connectionId: Ids.ConnectionId, key: Schema.String },
  success: Schema.String,
  error: DurableSteps.StepFailed,
  idempotencyKey: ({ key }) => key
})

const stepsWith = (
  body: (steps: DurableSteps.Service, connectionId: Ids.ConnectionId) => Effect.Effect<
    string,
    DurableSteps.StepFailed,
    DurableSteps.InWorkflow
  >,
  options: { readonly engine?: Layer.Layer<Engine.WorkflowEngine>; readonly double?: PostmarkDouble.Options } = {}
) =>
  DurableSteps.workflow(
    Steps,
    ({ connectionId }) => Effect.flatMap(DurableSteps.DurableSteps, (steps) => body(steps, connectionId))
  ).pipe(
    Layer.provideMerge(
      DurableSteps.layer({ pollInterval: "50 millis", pokeAfter: "200 millis", searchFor: "2 seconds" })
    ),
    Layer.provideMerge(connections(options.double)),
    Layer.provideMerge(Layer.merge(memory, options.engine ?? Engine.layerMemory))
  )

const run = Effect.flatMap(Effect.orDie(connect), (connectionId) => Steps.execute({ connectionId, key: "1" }))

const services = (deadlines: Parameters<typeof welcome>[0], options: DurableSteps.Options = {}) =>
  welcome(deadlines).pipe(
    Layer.provideMerge(DurableSteps.layer({ pollInterval: "50 millis", pokeAfter: "200 millis", ...options })),
    Layer.provideMerge(connections()),
    Layer.provideMerge(Layer.merge(
      SqliteStorage.layer({ filename: ":memory:" }),
      WorkflowEngine.layerSqlite({ filename: ":memory:" })
    ))
  )

const sent = Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ sent }) => sent)

/** Waits until the double has so many messages. */
const sentAll = (count: number) =>
  Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), sent), { until: (messages) => messages.length >= count })

describe("DurableSteps", () => {
  it.scopedLive("goes from the mail over its delivery and its open to the end", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const run = yield* Effect.fork(Welcome.execute({ connectionId, to: "ann@example.com" }))
      const [message] = yield* sentAll(1)
      const about = { connectionId, messageId: message?.messageId ?? "" }
      yield* append(delivered(about))
      yield* append(opened(about))
      assert.strictEqual(yield* Fiber.join(run), "Opened")
      assert.lengthOf(yield* sent, 1)
    }).pipe(Effect.provide(services({ outcome: "1 hour", open: "3 days" }))), 30_000)

  it.scopedLive("sends the reminder once when nobody opens", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const run = yield* Effect.fork(Welcome.execute({ connectionId, to: "ann@example.com" }))
      const [message] = yield* sentAll(1)
      yield* append(delivered({ connectionId, messageId: message?.messageId ?? "" }))
      assert.strictEqual(yield* Fiber.join(run), "TimedOut")
      assert.deepStrictEqual((yield* sent).map(({ subject }) => subject), ["Welcome", "Reminder"])
    }).pipe(Effect.provide(services({ outcome: "1 hour", open: "1 second" }))), 30_000)

  it.scopedLive("ends with a bounce", () =>
    Effect.gen(function*() {
      const connectionId = yield* connect
      const run = yield* Effect.fork(Welcome.execute({ connectionId, to: "ann@example.com" }))
      const [message] = yield* sentAll(1)
      yield* append(bounced({ connectionId, messageId: message?.messageId ?? "" }))
      assert.strictEqual(yield* Fiber.join(run), "Bounced")
    }).pipe(Effect.provide(services({ outcome: "1 hour", open: "1 second" }))), 30_000)

  it.scopedLive("is woken again when the engine loses the wake", () => {
    let lost = 0
    // The engine is told of the first completion, and forgets it.
    const forgetful = Layer.effect(
      Engine.WorkflowEngine,
      Effect.map(Engine.WorkflowEngine, (engine) =>
        Engine.WorkflowEngine.of({
          ...engine,
          deferredDone: (...done) => lost++ === 0 ? Effect.void : engine.deferredDone(...done)
        }))
    ).pipe(Layer.provide(Engine.layerMemory))
    return Effect.gen(function*() {
      const before = yield* Metric.value(WaitMetrics.repeatedWakes)
      const fiber = yield* Effect.fork(run)
      const [message] = yield* sentAll(1)
      const connectionId = yield* connectionOf
      yield* append(delivered({ connectionId, messageId: message?.messageId ?? "" }))
      assert.strictEqual(yield* Fiber.join(fiber), "Delivered")
      assert.isAtLeast(lost, 2)
      assert.isAbove((yield* Metric.value(WaitMetrics.repeatedWakes)).count, before.count)
    }).pipe(Effect.provide(stepsWith(
      (steps, connectionId) =>
        Effect.gen(function*() {
          const sent = yield* steps.send("mail", connectionId, email("ann@example.com"))
          return (yield* steps.awaitOutcome("delivery", sent, { within: "1 hour" }))._tag
        }),
      { engine: forgetful }
    )))
  }, 30_000)

  it.scopedLive("is woken on the cluster when a run went to sleep after its wait's end was told", () => {
    let lies = 4
    // Two runs do not see that their wait has ended. The second begins because of the end, and nothing else comes.
    const late = Layer.effect(
      Engine.WorkflowEngine,
      Effect.map(Engine.WorkflowEngine, (engine) =>
        Engine.WorkflowEngine.of({
          ...engine,
          deferredResult: (deferred) =>
            Effect.suspend(() =>
              deferred.name.startsWith("Wait/") && lies-- > 0
                ? Effect.succeed(undefined)
                : engine.deferredResult(deferred)
            )
        }))
    ).pipe(Layer.provide(Layer.orDie(WorkflowEngine.layerSqlite({ filename: ":memory:" }))))
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(run)
      const [message] = yield* sentAll(1)
      const connectionId = yield* connectionOf
      yield* append(delivered({ connectionId, messageId: message?.messageId ?? "" }))
      assert.strictEqual(yield* Fiber.join(fiber), "Delivered")
      assert.isBelow(lies, 0)
    }).pipe(Effect.provide(stepsWith(
      (steps, connectionId) =>
        Effect.gen(function*() {
          const sent = yield* steps.send("mail", connectionId, email("ann@example.com"))
          return (yield* steps.awaitOutcome("delivery", sent, { within: "1 hour" }))._tag
        }),
      { engine: late }
    )))
  }, 30_000)

  it.scopedLive("fails at once when no open can be reported", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run)
      assert.strictEqual(error.reason, "openNotReported")
      assert.include(error.message, "no HTML body")
      assert.include(error.message, "open tracking is off")
    }).pipe(Effect.provide(stepsWith((steps, connectionId) =>
      Effect.gen(function*() {
        const mail = { from: "shop@example.org", to: "ann@example.com", subject: "Hi", textBody: "Hi" }
        const sent = yield* steps.send("mail", connectionId, mail)
        return (yield* steps.awaitOpen("open", sent, { within: "1 hour" }))._tag
      })
    ))), 30_000)

  it.scopedLive("wants to know which of several recipients to wait for", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run)
      assert.strictEqual(error.reason, "severalRecipients")
      assert.notInclude(error.message, "@")
    }).pipe(Effect.provide(stepsWith((steps, connectionId) =>
      Effect.gen(function*() {
        const mail = { ...email("ann@example.com"), cc: "Bob <bob@example.com>" }
        const sent = yield* steps.send("mail", connectionId, mail)
        return (yield* steps.awaitOutcome("delivery", sent, { within: "1 hour" }))._tag
      })
    ))), 30_000)

  it.scopedLive(
    "fails when Postmark refuses the message, without an address in the error",
    () =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.suppress("ann@example.com", { reason: "HardBounce" })
        const error = yield* Effect.flip(run)
        assert.strictEqual(error.reason, "rejected")
        assert.strictEqual(error.errorCode, 406)
        assert.notInclude(JSON.stringify(error), "ann@example.com")
      }).pipe(Effect.provide(stepsWith((steps, connectionId) =>
        Effect.map(steps.send("mail", connectionId, email("ann@example.com")), () =>
          "sent")
      ))),
    30_000
  )

  it.scopedLive("sends when Postmark is available again", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.injectFault({ path: "/email", first: 6, fault: { kind: "status", status: 503, body: unavailable } })
      assert.strictEqual(yield* run, "sent")
      assert.lengthOf(yield* sent, 1)
    }).pipe(Effect.provide(stepsWith((steps, connectionId) =>
      Effect.map(steps.send("mail", connectionId, email("ann@example.com")), () =>
        "sent")
    ))), 60_000)

  it.scopedLive(
    "finds a message in the history whose answer was lost, and does not send it twice",
    () =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.injectFault({ path: "/email", nth: 1, fault: { kind: "resetAfterAcceptance" } })
        assert.strictEqual(yield* run, "sent")
        assert.lengthOf(yield* sent, 1)
      }).pipe(Effect.provide(stepsWith(
        (steps, connectionId) =>
          Effect.map(
            Reconciliation.withReconciliation(
              steps.send("mail", connectionId, email("ann@example.com")),
              Reconciliation.none
            ),
            () => "sent"
          ),
        { double: { indexLag: "700 millis" } }
      ))),
    30_000
  )

  it.scopedLive(
    "fails as unknown when the history never shows the message, and does not send it twice",
    () =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.injectFault({ path: "/email", nth: 1, fault: { kind: "resetAfterAcceptance" } })
        const error = yield* Effect.flip(run)
        assert.strictEqual(error.reason, "unknown")
        assert.lengthOf(yield* sent, 1)
      }).pipe(Effect.provide(stepsWith(
        (steps, connectionId) =>
          Effect.map(
            Reconciliation.withReconciliation(
              steps.send("mail", connectionId, email("ann@example.com")),
              Reconciliation.none
            ),
            () => "sent"
          ),
        { double: { indexLag: "1 hour" } }
      ))),
    30_000
  )

  it.scopedLive(
    "does not take up a wait of an execution with the same id that was pruned",
    () =>
      Effect.gen(function*() {
        const store = yield* WaitStore.WaitStore
        const connectionId = yield* connect
        const executionId = yield* Steps.executionId({ connectionId, key: "1" })
        yield* store.register({
          id: `${executionId}/delivery`,
          connectionId,
          messageId: "old",
          recipient: null,
          kind: "outcome",
          deadline: 0,
          waker: null
        })
        yield* store.expire({ now: 0, limit: 1 })
        const fiber = yield* Effect.fork(Steps.execute({ connectionId, key: "1" }))
        const [message] = yield* sentAll(1)
        yield* append(delivered({ connectionId, messageId: message?.messageId ?? "" }))
        assert.strictEqual(yield* Fiber.join(fiber), "Delivered")
      }).pipe(Effect.provide(stepsWith((steps, connectionId) =>
        Effect.gen(function*() {
          const sent = yield* steps.send("mail", connectionId, email("ann@example.com"))
          return (yield* steps.awaitOutcome("delivery", sent, { within: "1 hour" }))._tag
        })
      ))),
    30_000
  )
})

const unavailable = "{\"ErrorCode\":100,\"Message\":\"Maintenance\"}"

const connectionOf = Effect.flatMap(
  Connections.Connections,
  ({ list }) => Effect.map(list, ([connection]) => connection?.id ?? Ids.ConnectionId.make("none"))
)
