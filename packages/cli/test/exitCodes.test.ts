import type * as Fault from "@effect-postmark/test-double/Fault"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { against, canary, Double, failureOf, message, program, silentFailureOf } from "./support/program.ts"

const fault = (rule: Fault.Fault) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.reset
    yield* double.injectFault({ fault: rule })
  })

const other = { from: "sender@example.com", to: "other@example.com", subject: "Other", textBody: "Other" }
const canaryMail = { ...other, to: canary.recipient, subject: canary.subject, textBody: canary.body }

layer(Double, { excludeTestServices: true })("exit codes", (it) => {
  const reset = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.reset)

  it.effect("0: succeeds without reading stdin", () =>
    Effect.gen(function*() {
      yield* reset
      const ended = yield* against(["send-email", ...message], { stdin: "not read" })
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.strictEqual(ended.stderr, "")
    }))

  it.effect("1: rejects a response that is not Postmark's", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "body", body: "<html>canary body</html>", contentType: "text/html" })
      const error = silentFailureOf(yield* against(["get-outbound-stats"]), 1, "unexpected_response")
      assert.isFalse(error["retryable"])
    }))

  it.effect("2: rejects invalid input and gives the path of every issue", () =>
    Effect.gen(function*() {
      yield* reset
      const double = yield* PostmarkDouble.PostmarkDouble
      const args = ["send-email", ...message, "--tag", "x".repeat(1001), "--cc", "no address"]
      const error = silentFailureOf(yield* against(args), 2, "validation_failure")
      assert.deepInclude(error, { disposition: "rejected", retryable: false, fixableBy: "caller" })
      assert.include(JSON.stringify(error["issues"]), "{\"path\":[\"cc\"],")
      assert.lengthOf(yield* double.requests, 0)
    }))

  it.effect("3: reports a rejected message and its inactive recipients", () =>
    Effect.gen(function*() {
      yield* reset
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.suppress("gone@example.com")
      const args = ["send-email", "--from", "sender@example.com", "--to", "gone@example.com", "--text", canary.body]
      const error = silentFailureOf(yield* against(args), 3, "validation_failure")
      assert.deepInclude(error, { errorCode: 406, disposition: "rejected", inactiveRecipients: ["gone@example.com"] })
    }))

  it.effect("3: reports a request rejected by Postmark or by a proxy", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, body: "<html>blocked canary body</html>" })
      silentFailureOf(yield* against(["send-email", ...message]), 3, "request_refused")
    }))

  it.effect("3: reports a wholly rejected batch, with the outcomes on stdout", () =>
    Effect.gen(function*() {
      yield* reset
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.suppress(canary.recipient)
      const ended = yield* against(["send-email-batch", "--input", "-"], {
        stdin: JSON.stringify({ messages: [canaryMail] })
      })
      assert.strictEqual(failureOf(ended, 3, "batch_rejected")["disposition"], "rejected")
      assert.nestedPropertyVal(JSON.parse(ended.stdout), "outcomes[0]._tag", "Rejected")
    }))

  it.effect("4: reports an invalid token", () =>
    Effect.gen(function*() {
      yield* reset
      const ended = yield* against(["get-outbound-stats"], { env: { POSTMARK_SERVER_TOKEN: "another-token" } })
      assert.strictEqual(silentFailureOf(ended, 4, "invalid_token")["fixableBy"], "accountOwner")
      assert.notInclude(ended.stderr, "another-token")
    }))

  it.effect("5: reports a rate limit, with and without Retry-After", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "rateLimit", retryAfter: 7 })
      const told = silentFailureOf(yield* against(["send-email", ...message]), 5, "rate_limited")
      assert.deepInclude(told, { retryable: true, disposition: "notSent", fixableBy: "retry", retryAfterMs: 7000 })
      yield* fault({ kind: "rateLimit" })
      assert.notProperty(silentFailureOf(yield* against(["get-outbound-stats"]), 5, "rate_limited"), "retryAfterMs")
    }))

  it.effect("5: reports notSent if the connection fails", () =>
    Effect.gen(function*() {
      const ended = yield* program(["send-email", ...message], { url: "http://127.0.0.1:1" })
      const error = silentFailureOf(ended, 5, "postmark_unavailable")
      assert.deepInclude(error, { retryable: true, disposition: "notSent" })
    }))

  it.effect("6: reports a partly accepted batch, with the outcomes in order on stdout", () =>
    Effect.gen(function*() {
      yield* reset
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.suppress(canary.recipient)
      const ended = yield* against(["send-email-batch", "--input", "-"], {
        stdin: JSON.stringify({ messages: [other, canaryMail] })
      })
      assert.notProperty(failureOf(ended, 6, "partial_success"), "disposition")
      const data = JSON.parse(ended.stdout)
      assert.nestedPropertyVal(data, "outcomes[0]._tag", "Accepted")
      assert.nestedPropertyVal(data, "outcomes[1]._tag", "Rejected")
      assert.lengthOf(yield* double.sent, 1)
    }))

  it.effect("7: reports an unknown outcome if the response is lost", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "resetAfterAcceptance" })
      const error = silentFailureOf(yield* against(["send-email", ...message]), 7, "outcome_unknown")
      assert.deepInclude(error, { retryable: false, disposition: "unknown" })
    }))

  it.effect("7: reports an unknown outcome after --timeout", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "latency", millis: 20_000, phase: "after" })
      silentFailureOf(yield* against(["send-email", ...message, "--timeout", "0.3"]), 7, "outcome_unknown")
      yield* reset
    }))
})
