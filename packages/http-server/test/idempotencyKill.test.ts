import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "./support/bundle.ts"
import { freePort, run } from "./support/child.ts"
import {
  caller,
  codeOf,
  email,
  type HttpResponse,
  idOf,
  startDouble,
  temporaryDirectory,
  tokens
} from "./support/harness.ts"

const apiKey = "an-admin-key-from-outside"

/** What the repeat must get, and how often Postmark accepted each message. */
const steps = [
  { killAt: "before reserve", status: 200, isReplayed: false, accepted: 1 },
  { killAt: "after reserve", status: 200, isReplayed: false, accepted: 1 },
  { killAt: "before begin", status: 200, isReplayed: false, accepted: 1 },
  // Nothing was written, but the next process cannot know it.
  { killAt: "after begin", status: 504, isReplayed: true, accepted: 0, batch: true },
  { killAt: "accepted", status: 200, isReplayed: true, accepted: 1, batch: true },
  { killAt: "before finish", status: 200, isReplayed: true, accepted: 1, batch: true },
  { killAt: "after finish", status: 200, isReplayed: true, accepted: 1 }
] as const

const requests = {
  "send-email": { path: "/email", body: email, messages: 1 },
  "send-email-batch": {
    path: "/email/batch",
    body: { messages: [1, 2, 3].map((number) => ({ ...email, to: `reader-${number}@example.org` })) },
    messages: 3
  }
} as const

describe("SIGKILL while a request with an Idempotency-Key is in progress", () => {
  it.scopedLive("never makes a repeat send twice, and its response is true", () =>
    Effect.gen(function*() {
      const program = yield* Effect.promise(() => bundle("test/fixtures/idempotencyServer.ts"))
      const port = yield* freePort
      const { control, url: apiUrl } = yield* startDouble()
      const directory = yield* temporaryDirectory
      const killFile = join(directory, "kill")
      const killAt = (step: string) => Effect.sync(() => writeFileSync(killFile, step))
      const call = caller(`http://127.0.0.1:${port}`, apiKey)
      const start = killAt("").pipe(
        Effect.zipRight(run(program, {
          PORT: String(port),
          DATABASE: join(directory, "data.db"),
          API_URL: apiUrl,
          API_KEY: apiKey,
          KILL_FILE: killFile
        })),
        Effect.tap(({ says }) => says("ready "))
      )
      let child = yield* start
      const connected = yield* call("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })
      const id = idOf(connected.json)
      const sent = Effect.map(control.sent, (all) => all.length)

      for (const [action, { body, messages, path }] of Object.entries(requests)) {
        for (const step of steps) {
          if (messages > 1 && !("batch" in step)) continue
          const before = yield* sent
          const send = call("POST", `/v1/connections/${id}/actions/${action}`, {
            body,
            headers: { "idempotency-key": step.killAt }
          })
          yield* killAt(step.killAt)
          if (step.killAt === "accepted") {
            yield* control.injectFault({ path, first: 1, fault: { kind: "latency", millis: 600_000, phase: "after" } })
            yield* Effect.fork(Effect.zipRight(
              control.waitFor((view) => view.sent.length === before + messages),
              Effect.sync(() => child.process.kill("SIGKILL"))
            ))
          }
          yield* Effect.fork(Effect.ignore(Effect.sandbox(send)))
          assert.strictEqual((yield* child.exit).signal, "SIGKILL", step.killAt)
          yield* control.clearFaults

          child = yield* start
          const response = yield* settled(send)
          const about = `${action} ${step.killAt}: ${response.text}`
          assert.strictEqual(response.status, step.status, about)
          assert.strictEqual(response.headers.get("idempotent-replayed") === "true", step.isReplayed, about)
          assert.strictEqual(yield* sent, before + step.accepted * messages, about)
          if (response.status === 504) {
            assert.strictEqual(codeOf(response), "outcome_unknown")
            const found = yield* call("GET", String(Object(response.json).links.reconcile))
            assert.strictEqual(Object(found.json).stillUnknown, messages)
          } else {
            const now = (yield* control.sent).slice(before).map(({ messageId }) => messageId)
            for (const messageId of now) assert.include(response.text, messageId, about)
          }
          const again = yield* settled(send)
          assert.strictEqual(again.status, step.status, about)
          if (again.status === 200) assert.strictEqual(again.text, response.text, about)
          assert.strictEqual(yield* sent, before + step.accepted * messages, about)
        }
      }
    }), 400_000)
})

/** Repeats as a client does that honours 409 and Retry-After, only faster. */
const settled = (send: Effect.Effect<HttpResponse>): Effect.Effect<HttpResponse> =>
  Effect.flatMap(
    send,
    (response) =>
      response.status === 409 ? Effect.zipRight(Effect.sleep("50 millis"), settled(send)) : Effect.succeed(response)
  )
