import * as DurableSteps from "@effect-postmark/automation/DurableSteps"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import * as WorkflowEngine from "@effect-postmark/storage-sql/WorkflowEngine"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Welcome, welcome } from "./stepsKit.ts"
import { append, bounced, connect, connections, delivered, opened } from "./waitsKit.ts"

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
})
