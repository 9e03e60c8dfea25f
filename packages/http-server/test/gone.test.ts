import * as Metrics from "@effect-postmark/core/Metrics"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { start, tokens } from "./support/harness.ts"
import { exchange, message } from "./support/table.ts"

const secret = "Bearer abcdefghij"

/** A server in a scope of its own, so that a test sees it end. */
const inScope = (options: Parameters<typeof start>[0]) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const server = yield* Scope.extend(start(options), scope)
    const id = yield* server.connect(tokens.acme)
    return { ...server, id, close: Scope.close(scope, Exit.void) }
  })

describe("a shutdown", () => {
  for (const way of ["in front of the router", "behind the router"]) {
    it.live(`does not wait for a webhook whose client has gone, ${way}`, () =>
      Effect.gen(function*() {
        const { call, close, id, url } = yield* inScope({
          server: { drainTimeout: "1 hour" },
          limits: { headersTimeout: "500 millis", requestTimeout: "500 millis" }
        })
        yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "email-delivered", secret } })
        const path = `/v1/webhooks/${way.startsWith("in") ? id : id.replace("_", "%5F")}`
        const reply = yield* exchange(url, message(`POST ${path} HTTP/1.1`, [`Authorization: ${secret}`], "{", 1_000))
        assert.strictEqual(reply.status, 408)
        yield* close
      }), 60_000)
  }

  it.live("ends at its limit, whatever is in flight", () =>
    Effect.gen(function*() {
      const { call, close, id, url } = yield* inScope({ server: { drainTimeout: "300 millis" } })
      yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "email-delivered", secret } })
      const half = message(`POST /v1/webhooks/${id} HTTP/1.1`, [`Authorization: ${secret}`], "{", 1_000)
      yield* Effect.forkDaemon(exchange(url, half))
      while (Metrics.webhooksPending.unsafeValue([]).value === 0) yield* call("GET", "/healthz")
      yield* close
    }), 60_000)
})
