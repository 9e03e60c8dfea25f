import { BeforeWrite, PostmarkClient, Reconciliation, RetryPolicy } from "@effect-postmark/core"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Redacted, Schedule } from "effect"
import { layerDouble } from "../kit.ts"

const email = { from: "sender@example.com", to: "reader@example.org", subject: "Hello", textBody: "Hi" }

const setUp = Effect.gen(function*() {
  const double = yield* PostmarkDouble.PostmarkDouble
  const client = yield* PostmarkClient.make({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) })
  const seen: Array<number> = []
  const note = Effect.flatMap(double.requests, (requests) =>
    Effect.sync(() => {
      seen.push(requests.length)
    }))
  return { double, client, seen, note }
})

describe("the note before a write", () => {
  it.effect("is made before each request of a send and a change, and never for a read", () =>
    Effect.gen(function*() {
      const { client, double, note, seen } = yield* setUp
      const before = BeforeWrite.withBeforeWrite(note)
      yield* before(client.sendEmail(email))
      assert.deepStrictEqual(seen, [0])
      yield* before(client.sendEmailBatch([email]))
      assert.deepStrictEqual(seen, [0, 1])
      yield* before(client.server.get)
      yield* before(client.outboundMessages.list({ count: 1 }))
      assert.deepStrictEqual(seen, [0, 1])
      yield* before(client.webhooks.create({ url: "https://example.com/", messageStream: "outbound" }))
      assert.strictEqual(seen.length, 3)
      yield* double.injectFault({
        path: "/email",
        first: 2,
        fault: { kind: "status", status: 503, body: { ErrorCode: 100 } }
      })
      yield* client.sendEmail(email).pipe(
        before,
        RetryPolicy.withRetryPolicy({ ...RetryPolicy.none, sends: Schedule.recurs(2) })
      )
      assert.strictEqual(seen.slice(3).length, 3)
    }).pipe(Effect.provide(layerDouble())))

  it.effect("keeps the request from being written when it dies", () =>
    Effect.gen(function*() {
      const { client, double } = yield* setUp
      const exit = yield* client.sendEmail(email).pipe(
        BeforeWrite.withBeforeWrite(Effect.die("no note")),
        Reconciliation.withReconciliation(Reconciliation.none),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.strictEqual((yield* double.requests).length, 0)
    }).pipe(Effect.provide(layerDouble())))
})
