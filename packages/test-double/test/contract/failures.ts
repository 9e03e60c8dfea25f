import type * as Fault from "@effect-postmark/test-double/Fault"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { type Case, mail, ok, refused, send } from "./case.ts"
import { sleeping } from "./wire.ts"

/** What each fault does to a send: whether it is accepted, and what its client sees. */
const faults: ReadonlyArray<
  readonly [fault: Fault.Fault, accepted: boolean, status: number, text?: string | undefined, headers?: object]
> = [
  [{ kind: "status", status: 500 }, false, 500, "{\"ErrorCode\":101,\"Message\":\"Unexpected internal error.\"}"],
  [{ kind: "status", status: 204 }, false, 204, ""],
  [{ kind: "status", status: 418, body: "no", headers: { "X-Own": "1" } }, false, 418, "no", { "x-own": "1" }],
  [{ kind: "status", status: 302, headers: { Location: "/" } }, false, 302, undefined, { location: "/" }],
  [{ kind: "rateLimit", retryAfter: 3 }, false, 429, undefined, { "retry-after": "3" }],
  [{ kind: "resetBeforeReading" }, false, 0],
  [{ kind: "resetAfterAcceptance" }, true, 0],
  [{ kind: "closeAfterAcceptance" }, true, 0],
  [{ kind: "cutShort", length: 9 }, true, 0],
  [{ kind: "cutShort", length: 9, end: "reset" }, true, 0],
  [{ kind: "truncate", length: 9 }, true, 200, "{\"To\":\"an"],
  [{ kind: "body", body: "<html>" }, false, 200, "<html>", { "content-type": "text/html" }],
  [{ kind: "body", body: "", status: 201, accept: true, contentType: "text/plain" }, true, 201, ""]
]

export const failures: ReadonlyArray<Case> = [
  {
    name: "requests that are refused before their endpoint sees them",
    endpoints: [],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        const unknown = yield* call("GET", "/nothing")
        expect([unknown.status, unknown.json]).toEqual([404, { Message: expect.stringContaining("/nothing") }])
        const wrongMethod = yield* call("DELETE", "/email")
        expect([wrongMethod.status, wrongMethod.text]).toEqual([405, ""])
        refused(yield* call("GET", "/server", { token: "nobody" }), 10, 401)
        refused(yield* call("GET", "/server", { account: true }), 10, 401)
        refused(yield* call("GET", "/servers?count=1&offset=0"), 10, 401)
        refused(yield* call("GET", "/server", { token: "POSTMARK_API_TEST" }), 10, 401)
        for (const headers of [{ "content-type": "text/plain" }, { accept: "text/html" }]) {
          expect((yield* call("POST", "/email", { body: mail, headers })).status).toBe(415)
        }
        refused(yield* call("POST", "/email", { body: "{" }), 402)
        refused(yield* call("POST", "/email"), 402)
        refused(yield* call("POST", "/email", { body: "[]" }), 403)
        const large = "x".repeat(10 * 1024 * 1024)
        expect((yield* call("POST", "/email", { body: `"${large}"` })).status).toBe(413)
        expect((yield* double.requests).map(({ status }) => status)).toEqual(
          [404, 405, 401, 401, 401, 401, 415, 415, 422, 422, 422, 413]
        )
      })
  },
  {
    name: "faults",
    endpoints: [],
    run: (world) =>
      Effect.gen(function*() {
        const { call, double } = world
        for (const [fault, accepted, status, text, headers] of faults) {
          const before = (yield* double.sent).length
          yield* double.injectFault({ method: "POST", path: "/email", first: 1, fault })
          const answer = yield* call("POST", "/email", { body: mail })
          expect(answer.status, fault.kind).toBe(status)
          if (text !== undefined) expect(answer.text, fault.kind).toBe(text)
          expect(answer.headers, fault.kind).toMatchObject(headers ?? {})
          expect((yield* double.sent).length - before, fault.kind).toBe(accepted ? 1 : 0)
          ok(yield* call("GET", "/server"), {})
        }
        yield* double.injectFault({ path: "/messages/*", nth: 2, fault: { kind: "rateLimit" } })
        const search = () => call("GET", "/messages/outbound?count=1&offset=0")
        expect([(yield* search()).status, (yield* search()).status, (yield* search()).status]).toEqual([200, 429, 200])
        yield* double.injectFault({ fault: { kind: "status", status: 503 } })
        refused(yield* call("GET", "/server"), 100, 503)
        yield* double.clearFaults
        ok(yield* call("GET", "/server"), {})
      })
  },
  {
    name: "slow answers",
    endpoints: [],
    run: (world) =>
      Effect.gen(function*() {
        const { call, double } = world
        yield* double.injectFault({ nth: 1, fault: { kind: "latency", millis: 7_000 } })
        ok(yield* sleeping(7_000, call("POST", "/email", { body: mail })), {
          SubmittedAt: expect.stringMatching(/^2026-09-30T16:04:15\.512/)
        })
        yield* double.clearFaults
        yield* double.injectFault({ nth: 1, fault: { kind: "latency", millis: 8_000, phase: "after" } })
        ok(yield* sleeping(8_000, call("POST", "/email", { body: mail })), {
          SubmittedAt: expect.stringMatching(/^2026-09-30T16:04:15\.512/)
        })
        yield* double.clearFaults
        yield* send(world)
        expect((yield* double.sent).at(-1)?.submittedAt).toMatch(/^2026-09-30T16:04:23\.512/)
      })
  },
  {
    name: "an account that waits for approval, and acceptance that is delayed",
    endpoints: [],
    options: { servers: [{ token: "pending", pendingApproval: true }, { token: "delayed", delayedAccept: true }] },
    run: ({ call }) =>
      Effect.gen(function*() {
        refused(yield* call("POST", "/email", { token: "pending", body: mail }), 412)
        ok(yield* call("POST", "/email", { token: "PENDING", body: { ...mail, To: "x@example.org" } }), {
          ErrorCode: 0
        })
        const delayed = yield* call("POST", "/email", { token: "delayed", body: mail })
        ok(delayed, { Message: "Message accepted, but delivery may be delayed." })
        expect(delayed.json).not.toHaveProperty("ErrorCode")
      })
  }
]
