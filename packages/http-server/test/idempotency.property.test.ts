/** Random sequences of requests with keys, through a whole server, while Postmark fails in its ways. */
import type * as Fault from "@effect-postmark/test-double/Fault"
import { assert, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { email, type HttpResponse, once, start, tokens } from "./support/harness.ts"

const faults = FastCheck.constantFrom<Array<Fault.Fault | undefined>>(
  undefined,
  undefined,
  { kind: "status", status: 503, body: { ErrorCode: 100, Message: "Maintenance" } },
  { kind: "status", status: 500, body: { ErrorCode: 101, Message: "Broken" } },
  { kind: "status", status: 401, body: { ErrorCode: 10, Message: "Bad token" } },
  { kind: "resetBeforeReading" },
  { kind: "resetAfterAcceptance" },
  { kind: "closeAfterAcceptance" },
  { kind: "body", body: "<html>", accept: true },
  { kind: "latency", millis: 20, phase: "after" }
)

const step = FastCheck.record({
  key: FastCheck.integer({ min: 0, max: 1 }),
  body: FastCheck.constantFrom(0, 0, 0, 1),
  together: FastCheck.constantFrom(1, 1, 3),
  fault: faults
})

const sequences = FastCheck.sample(FastCheck.array(step, { minLength: 1, maxLength: 8 }), { numRuns: 60, seed: 1042 })

it.scopedLive(
  "no sequence of repeats sends a message twice, and a kept response never changes",
  () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const id = yield* connect(tokens.acme)
      const path = `/v1/connections/${id}/actions/send-email`
      const seen = new Set<string>()
      for (const [run, sequence] of sequences.entries()) {
        const kept = new Map<number, { readonly body: number; readonly text: string; readonly status: number }>()
        for (const { body, fault, key, together } of sequence) {
          if (fault !== undefined) yield* double.injectFault({ path: "/email", first: 1, fault })
          const send = call("POST", path, {
            body: { ...email, subject: `run ${run} key ${key} body ${body}` },
            headers: { "idempotency-key": `${run}-${key}` }
          })
          const responses = yield* Effect.all(Array.from({ length: together }, () => send), {
            concurrency: "unbounded"
          })
          yield* double.clearFaults
          const first = kept.get(key)
          for (const response of responses) {
            const about = `run ${run}: ${JSON.stringify(sequence)} ${response.text}`
            seen.add(`${response.status} ${isReplayed(response) ? "replayed" : ""}`)
            if (first !== undefined) {
              const wanted = first.body === body ? [first.status, first.text] : [422, response.text]
              assert.deepStrictEqual([response.status, response.text], wanted, about)
            } else if (isKept(response)) {
              const now = kept.get(key)
              if (now !== undefined) assert.strictEqual(response.text, now.text, about)
              kept.set(key, { body, text: response.text, status: response.status })
            } else {
              assert.include([409, 424, 503], response.status, about)
            }
          }
        }
        for (const key of [0, 1]) {
          const sent = (yield* double.sent).filter(({ subject }) => subject.startsWith(`run ${run} key ${key} `))
          assert.isAtMost(sent.length, 1, `run ${run}: ${JSON.stringify(sequence)}`)
          if (kept.get(key)?.status === 200) assert.strictEqual(sent.length, 1)
        }
      }
      // The sequences reach every kind of response.
      assert.includeMembers([...seen], ["200 ", "200 replayed", "409 ", "422 ", "424 ", "503 ", "504 ", "504 replayed"])
    }),
  120_000
)

const isReplayed = ({ headers }: HttpResponse) => headers.get("idempotent-replayed") === "true"

const isKept = ({ status }: HttpResponse) => status === 200 || status === 504
