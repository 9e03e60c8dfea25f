import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import { against, canary, dataOf, Double, file, message, program, silentFailureOf } from "./support/program.ts"

layer(Double, { excludeTestServices: true })("with the double", (it) => {
  it.effect("succeeds if the reader of stdout closes the pipe", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.reset
      const ended = yield* against(["send-email", ...message], { onStart: (child) => child.stdout?.destroy() })
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
      assert.lengthOf(yield* double.sent, 1)
    }))

  it.effect("reports a 429 with a Retry-After of ten minutes at once", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.reset
      yield* double.injectFault({ path: "/email", fault: { kind: "rateLimit", retryAfter: 600 } })
      const startedAt = performance.now()
      const error = silentFailureOf(yield* against(["send-email", ...message]), 5, "rate_limited")
      assert.deepInclude(error, { disposition: "notSent", retryAfterMs: 600_000 })
      // Ten minutes, or one minute, compared with the start time of a process.
      assert.isBelow(performance.now() - startedAt, 55_000)
    }))

  it.effect("ends a wait for a 429 at --timeout", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.reset
      yield* double.injectFault({ path: "/email", fault: { kind: "rateLimit", retryAfter: 4 } })
      const ended = yield* against(["send-email", ...message, "--timeout", "2"])
      assert.strictEqual(silentFailureOf(ended, 5, "rate_limited")["disposition"], "notSent")
      assert.lengthOf(yield* double.requests, 1)
      yield* double.clearFaults
    }))

  it.scoped("reads the token from stdin or a file before the environment", () =>
    Effect.gen(function*() {
      const env = { POSTMARK_SERVER_TOKEN: "wrong" }
      const path = yield* file("token", `${canary.token}\n`)
      const ended = yield* against(["get-outbound-stats", "--token-stdin"], { env, stdin: `${canary.token}\nmore\n` })
      const fromFile = yield* against(["get-outbound-stats", "--token-file", path], { env })
      for (const each of [ended, fromFile]) assert.property(dataOf(each), "sent")
    }))

  it.effect("connects only to this machine, and never prints the token, even in logs", () =>
    Effect.gen(function*() {
      const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
      const runs = [
        ["send-email", ...message, "--base-url", url, "--log-level", "all"],
        ["list-outbound-messages", "--log-level=all", "--base-url", url],
        ["get-outbound-message-details", "--message-id", "unknown", "--base-url", url, "--log-level", "all"]
      ]
      for (const args of runs) {
        const ended = yield* program(args)
        assert.include([0, 3], ended.code, ended.stderr)
        assert.isAtLeast(ended.connections.length, 1)
        assert.deepStrictEqual([...new Set(ended.connections)], ["127.0.0.1"])
        assert.include(ended.stderr, "level=DEBUG")
        assert.notInclude(ended.stdout + ended.stderr, canary.token)
        assert.notInclude(ended.stderr, canary.recipient)
      }
    }))
})

describe("without the double", () => {
  it.effect("connects only to Postmark without a base URL (the test blocks the connection)", () =>
    Effect.gen(function*() {
      const ended = yield* program(["send-email", ...message])
      silentFailureOf(ended, 5, "postmark_unavailable")
      assert.deepStrictEqual([...new Set(ended.connections)], ["api.postmarkapp.com"])
    }))

  it.scoped("130: reports an unknown outcome after SIGINT during a send", () =>
    Effect.gen(function*() {
      let interrupt = () => {}
      // Receives every request and never responds; the first request shows that the send is under way.
      const url = yield* hanging(() => interrupt())
      const ended = yield* program(["send-email", ...message], {
        url,
        onStart: (child) => (interrupt = () => child.kill("SIGINT"))
      })
      assert.strictEqual(silentFailureOf(ended, 130, "interrupted")["disposition"], "unknown")
    }))

  it.scoped("7: reports an unknown outcome if a send gets no response before --timeout", () =>
    Effect.gen(function*() {
      let requests = 0
      const url = yield* hanging(() => requests++)
      const ended = yield* program(["send-email", ...message, "--timeout", "1.5"], { url })
      assert.strictEqual(silentFailureOf(ended, 7, "outcome_unknown")["disposition"], "unknown")
      assert.strictEqual(requests, 1)
    }))

  it.scoped("130: reports notSent after SIGINT during a read", () =>
    Effect.gen(function*() {
      let interrupt = () => {}
      const url = yield* hanging(() => interrupt())
      const ended = yield* program(["get-outbound-stats"], {
        url,
        onStart: (child) => (interrupt = () => child.kill("SIGINT"))
      })
      assert.isTrue(silentFailureOf(ended, 130, "interrupted")["retryable"])
    }))
})

const hanging = (onRequest: () => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
        const server = createServer(onRequest)
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({
            url: `http://127.0.0.1:${port}`,
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          }))
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ url }) => url
  )
