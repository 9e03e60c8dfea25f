/** What our clients have beyond the official one. */
import { PreparedBatch } from "@effect-postmark/core"
import { assert } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"
import { email, hook, refusingHook, type Scenarios } from "./harness.ts"

const bulk = {
  from: "news@example.org",
  subject: "News",
  textBody: "Hello.",
  messages: [{ to: "ann@example.com" }]
}

/** Two messages, ready to be sent. */
const prepared = Effect.gen(function*() {
  const names = { call: "ep_call", index: "ep_index" }
  const items = yield* Effect.forEach(
    [0, 1],
    (index) => PreparedBatch.prepareEmail(email, { index, names, correlation: "call-1" })
  )
  return { kind: "email" as const, names, correlation: "call-1", items }
})

export const beyond: Scenarios = {
  sendEmailStream: ({ double, server }) =>
    Effect.gen(function*() {
      const emails = Stream.range(1, 501).pipe(Stream.map((number) => ({ ...email, subject: `Receipt ${number}` })))
      const outcomes = yield* Stream.runCollect(server.sendEmailStream(emails, { ordered: true }))
      assert.strictEqual(outcomes.length, 501)
      assert.deepStrictEqual(
        Array.from(outcomes, ({ index, outcome }) => [index, outcome._tag]),
        Array.from({ length: 501 }, (_, index) => [index, "Accepted"])
      )
      assert.deepStrictEqual((yield* double.requests).map(({ path }) => path), ["/email/batch", "/email/batch"])
    }),

  "prepared.send": ({ double, server }) =>
    Effect.gen(function*() {
      const outcomes = yield* server.prepared.send(yield* prepared)
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Accepted", "Accepted"])
      const metadata = (yield* double.sent).map(({ metadata }) => metadata["ep_call"])
      assert.deepStrictEqual(metadata, ["call-1", "call-1"])
    }),

  "prepared.search": ({ server }) =>
    Effect.gen(function*() {
      const batch = yield* prepared
      const outcomes = yield* server.prepared.send(batch)
      const found = yield* server.prepared.search(batch, yield* Clock.currentTimeMillis)
      const sent = outcomes.map((outcome) => outcome._tag === "Accepted" ? outcome.receipt.messageId : undefined)
      assert.deepStrictEqual([found.get(0)?.messageId, found.get(1)?.messageId], sent)
    }),

  "bulk.list": ({ server }) =>
    Effect.gen(function*() {
      const first = yield* server.bulk.send(bulk)
      const second = yield* server.bulk.send({ ...bulk, subject: "More" })
      const newest = yield* server.bulk.list({ count: 1 })
      assert.deepStrictEqual(newest.requests.map(({ bulkId, subject }) => [bulkId, subject]), [[second.bulkId, "More"]])
      const rest = yield* server.bulk.list({ count: 1, paginationKey: newest.paginationKey ?? "" })
      assert.deepStrictEqual(rest.requests.map(({ bulkId }) => bulkId), [first.bulkId])
      assert.isUndefined(rest.paginationKey)
    }),

  "webhooks.verify": ({ server }) =>
    Effect.gen(function*() {
      const triggers = { bounce: { enabled: true }, open: { enabled: true } }
      const taking = yield* server.webhooks.create({ url: hook, triggers, verify: false })
      const verified = yield* server.webhooks.verify(taking.id)
      assert.deepStrictEqual(
        [verified.webhookId, verified.url, verified.success, verified.message],
        [taking.id, hook, true, "2/2 triggers verified successfully"]
      )
      assert.deepStrictEqual(
        verified.results.map(({ statusCode, success, triggerType }) => [triggerType, success, statusCode]),
        [["Open", true, 200], ["Bounce", true, 200]]
      )
      assert.strictEqual((yield* server.webhooks.get(taking.id)).status, "verified")
      const refusing = yield* server.webhooks.create({ url: refusingHook, triggers })
      assert.isFalse((yield* server.webhooks.verify(refusing.id)).success)
    }),

  "webhooks.statistics": ({ double, server }) =>
    Effect.gen(function*() {
      const [{ id: serverId } = { id: 0 }] = yield* double.servers
      const { id } = yield* server.webhooks.create({ url: hook, triggers: { delivery: { enabled: true } } })
      const { messageId } = yield* server.sendEmail(email)
      yield* double.deliver(messageId, "ann@example.com")
      yield* double.settled
      const statistics = yield* server.webhooks.statistics(id)
      assert.deepStrictEqual(
        [statistics.webhookId, statistics.serverId, statistics.messageStreamId, statistics.url],
        [id, serverId, "outbound", hook]
      )
      assert.deepStrictEqual(statistics.statuses, { Delivery: "verified" })
      assert.strictEqual(statistics.timeRange?.hours, 24)
      assert.deepInclude(statistics.metrics, { totalRequests: 1, successCount: 1, failureCount: 0, successRate: 100 })
      assert.strictEqual(statistics.metricsByTrigger?.["Delivery"]?.totalRequests, 1)
    })
}
