import { Ids } from "@effect-postmark/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { hook, refusingHook, type Scenarios, today } from "./harness.ts"

const carol = {
  from: "\"Carol\" <carol@example.com>",
  mailboxHash: "ticket42",
  subject: "Re: Ticket 42",
  textBody: "It works now.",
  strippedTextReply: "It works now.",
  tag: "support",
  headers: [{ Name: "X-Mailer", Value: "pigeon" }],
  attachments: [{ name: "note.txt", content: "aGVsbG8=", contentType: "text/plain" }]
}

const messageId = Ids.MessageId.make

export const inbound: Scenarios = {
  "inboundMessages.list": ({ double, server }) =>
    Effect.gen(function*() {
      const id = yield* double.receiveInbound(carol)
      yield* double.receiveInbound({ from: "dan@example.net" })
      assert.strictEqual((yield* server.inboundMessages.list()).totalCount, 2)
      const found = yield* server.inboundMessages.list({
        fromEmail: "carol@example.com",
        mailboxHash: "ticket42",
        tag: "support",
        status: "processed",
        fromDate: today
      })
      assert.strictEqual(found.totalCount, 1)
      const [message] = found.inboundMessages
      assert.deepStrictEqual([message?.messageId, message?.fromName, message?.status], [id, "Carol", "Processed"])
      assert.deepStrictEqual(message?.attachments, [
        { name: "note.txt", contentId: "", contentType: "text/plain", contentLength: 5 }
      ])
    }),

  "inboundMessages.details": ({ double, server }) =>
    Effect.gen(function*() {
      const id = messageId(yield* double.receiveInbound(carol))
      const details = yield* server.inboundMessages.details(id)
      assert.deepStrictEqual(details.fromFull, { email: "carol@example.com", name: "Carol", mailboxHash: "" })
      assert.deepStrictEqual(
        [details.textBody, details.strippedTextReply, details.mailboxHash, details.toFull[0]?.mailboxHash],
        ["It works now.", "It works now.", "ticket42", "ticket42"]
      )
      assert.deepInclude(details.headers, { name: "X-Mailer", value: "pigeon" })
    }),

  "inboundMessages.bypass": ({ double, server }) =>
    Effect.gen(function*() {
      yield* server.inboundRules.create({ rule: "example.com" })
      const id = messageId(yield* double.receiveInbound(carol))
      const blocked = yield* server.inboundMessages.details(id)
      assert.strictEqual(blocked.status, "Blocked")
      assert.isString(blocked.blockedReason)
      yield* server.inboundMessages.bypass(id)
      assert.strictEqual((yield* server.inboundMessages.details(id)).status, "Processed")
    }),

  "inboundMessages.retry": ({ double, server }) =>
    Effect.gen(function*() {
      yield* server.server.edit({ inboundHookUrl: refusingHook })
      const id = messageId(yield* double.receiveInbound(carol))
      yield* double.settled
      assert.deepStrictEqual(
        (yield* server.inboundMessages.list({ status: "failed" })).inboundMessages.map(({ messageId }) => messageId),
        [id]
      )
      yield* server.server.edit({ inboundHookUrl: hook })
      yield* server.inboundMessages.retry(id)
      yield* double.settled
      assert.strictEqual((yield* server.inboundMessages.details(id)).status, "Processed")
    }),

  "inboundRules.create": ({ server }) =>
    Effect.gen(function*() {
      const { id, rule } = yield* server.inboundRules.create({ rule: "someone@example.com" })
      assert.isAbove(id, 0)
      assert.strictEqual(rule, "someone@example.com")
    }),

  "inboundRules.delete": ({ server }) =>
    Effect.gen(function*() {
      const { id } = yield* server.inboundRules.create({ rule: "someone@example.com" })
      yield* server.inboundRules.delete(id)
      assert.strictEqual((yield* server.inboundRules.list()).totalCount, 0)
    }),

  "inboundRules.list": ({ server }) =>
    Effect.gen(function*() {
      yield* server.inboundRules.create({ rule: "someone@example.com" })
      yield* server.inboundRules.create({ rule: "example.net" })
      const { inboundRules, totalCount } = yield* server.inboundRules.list({ count: 1, offset: 1 })
      assert.deepStrictEqual([totalCount, inboundRules.length], [2, 1])
      const all = yield* server.inboundRules.list()
      assert.deepStrictEqual(all.inboundRules.map(({ rule }) => rule).sort(), ["example.net", "someone@example.com"])
    })
}
