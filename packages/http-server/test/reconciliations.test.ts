import { ReconciliationReport } from "@effect-postmark/http-server/api/ReconciliationsApi"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { codeOf, email, type HttpResponse, once, start, tokens } from "./support/harness.ts"

const report = Schema.decodeUnknownSync(ReconciliationReport)

const linkOf = (response: HttpResponse): string => {
  const { reconcile }: { readonly reconcile?: unknown } = Object(Object(response.json).links)
  assert.isString(reconcile)
  assert.strictEqual(response.headers.get("link"), `<${String(reconcile)}>; rel="status"`)
  return String(reconcile)
}

describe("an unknown outcome", () => {
  it.scopedLive("links to a search that finds the message, whatever its stream", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const id = yield* connect(tokens.acme)
      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "resetAfterAcceptance" } })
      const lost = yield* call("POST", `/v1/connections/${id}/actions/send-email`, {
        body: { ...email, messageStream: "outbound" }
      })
      assert.deepStrictEqual([lost.status, codeOf(lost)], [504, "outcome_unknown"])
      const found = yield* call("GET", linkOf(lost))
      assert.strictEqual(found.status, 200)
      const { accepted, messages, stillUnknown } = report(found.json)
      assert.deepStrictEqual([accepted, stillUnknown], [1, 0])
      const [message] = messages
      const [sent] = yield* double.sent
      assert.strictEqual(message?.state === "accepted" ? message.receipt.messageId : "", sent?.messageId)
    }))

  it.scopedLive("of a batch links to a search for each message, and says which are still unknown", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const id = yield* connect(tokens.acme)
      yield* double.injectFault({ path: "/email/batch", first: 1, fault: { kind: "resetAfterAcceptance" } })
      const messages = [1, 2, 3].map((number) => ({ ...email, to: `reader-${number}@example.org` }))
      const lost = yield* call("POST", `/v1/connections/${id}/actions/send-email-batch`, { body: { messages } })
      assert.strictEqual(lost.status, 504)
      const { accepted } = report((yield* call("GET", linkOf(lost))).json)
      assert.strictEqual(accepted, 3)

      yield* double.clearFaults
      yield* double.injectFault({ path: "/email/batch", first: 1, fault: { kind: "resetBeforeReading" } })
      const never = yield* call("POST", `/v1/connections/${id}/actions/send-email-batch`, { body: { messages } })
      const nothing = report((yield* call("GET", linkOf(never))).json)
      assert.deepStrictEqual([nothing.accepted, nothing.stillUnknown], [0, 3])
      assert.deepStrictEqual(nothing.messages.map(({ index, state }) => `${index} ${state}`), [
        "0 stillUnknown",
        "1 stillUnknown",
        "2 stillUnknown"
      ])
    }))

  it.scopedLive("is searched for only by a key that can access the connection, with valid parameters", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start()
      const id = yield* connect(tokens.acme)
      const other = yield* connect(tokens.other, "Other")
      const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
      const key = String(Object(made.json).key)
      const path = `/v1/connections/${id}/reconciliations`
      assert.strictEqual((yield* call("GET", `${path}?correlation=x`, { key })).status, 404)
      for (
        const query of [
          "",
          "?correlation=",
          `?correlation=${"x".repeat(81)}`,
          "?correlation=x&correlation=y",
          "?correlation=x&messages=0",
          "?correlation=x&messages=501",
          "?correlation=x&since=yesterday",
          "?correlation=x&since=2026-13-40T00:00:00Z",
          "?correlation=x&messageStream=a%20b",
          "?correlation=x&other=1"
        ]
      ) {
        const refused = yield* call("GET", `${path}${query}`)
        assert.deepStrictEqual([refused.status, codeOf(refused)], [422, "validation_failure"], query)
      }
      assert.strictEqual((yield* call("GET", `${path}?correlation=x`)).status, 200)
    }))
})

describe("a batch with failures", () => {
  it.scopedLive("is a 200 with the outcome of each message", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const id = yield* connect(tokens.acme)
      yield* double.suppress("gone@example.org", { token: tokens.acme })
      const messages = ["a@example.org", "gone@example.org", "b@example.org"].map((to) => ({ ...email, to }))
      const batch = yield* call("POST", `/v1/connections/${id}/actions/send-email-batch`, { body: { messages } })
      assert.strictEqual(batch.status, 200)
      assert.isNull(batch.headers.get("link"))
      const tags = Object(batch.json).outcomes.map(({ _tag }: { readonly _tag: string }) => _tag)
      assert.deepStrictEqual(tags, ["Accepted", "Rejected", "Accepted"])
      assert.include(batch.text, "\"errorCode\":406")
    }))
})
