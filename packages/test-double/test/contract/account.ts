import { expect } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { at, type Case, mail, ok, refused, send } from "./case.ts"

const page = "count=10&offset=0"

export const account: ReadonlyArray<Case> = [
  {
    name: "servers",
    endpoints: ["GET /servers", "POST /servers", "GET /servers/:id", "PUT /servers/:id", "DELETE /servers/:id"],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        const made = yield* call("POST", "/servers", { account: true, body: { Name: "Made", DeliveryType: "Sandbox" } })
        ok(made, { Name: "Made", DeliveryType: "Sandbox", ApiTokens: [expect.any(String)] })
        const path = `/servers/${String(at(made, "ID"))}`
        const token = String(at(made, "ApiTokens", 0))
        const id = yield* send(world, {}, token)
        ok(yield* call("GET", `/messages/outbound/${id}/details`, { token }), { Sandboxed: true })
        refused(yield* call("GET", `/messages/outbound/${id}/details`), 701)
        ok(yield* call("GET", path, { account: true }), Object(made.json))
        ok(yield* call("GET", `/servers?${page}&name=ade`, { account: true }), { TotalCount: 1 })
        ok(yield* call("PUT", path, { account: true, body: { Name: "Remade" } }), { Name: "Remade" })
        refused(yield* call("POST", "/servers", { account: true, body: { Name: "remade" } }), 603)
        ok(yield* call("DELETE", path, { account: true }), { Message: "Server Remade removed." })
        refused(yield* call("POST", "/email", { token, body: mail }), 10, 401)
        refused(yield* call("GET", path, { account: true }), 601)
      })
  },
  {
    name: "domains",
    endpoints: [
      "GET /domains",
      "POST /domains",
      "GET /domains/:id",
      "PUT /domains/:id",
      "DELETE /domains/:id",
      "PUT /domains/:id/verifydkim",
      "PUT /domains/:id/verifyreturnpath",
      "POST /domains/:id/verifyspf",
      "POST /domains/:id/rotatedkim"
    ],
    run: ({ call }) =>
      Effect.gen(function*() {
        const made = yield* call("POST", "/domains", { account: true, body: { Name: "example.org" } })
        ok(made, { Name: "example.org", DKIMVerified: false, DKIMUpdateStatus: "Pending" })
        const path = `/domains/${String(at(made, "ID"))}`
        ok(yield* call("GET", `/domains?${page}`, { account: true }), { TotalCount: 1 })
        ok(yield* call("PUT", `${path}/verifyDkim`, { account: true }), { DKIMVerified: true })
        ok(yield* call("PUT", path, { account: true, body: { ReturnPathDomain: "pm.example.org" } }), {
          ReturnPathDomain: "pm.example.org",
          ReturnPathDomainVerified: false
        })
        ok(yield* call("PUT", `${path}/verifyReturnPath`, { account: true }), { ReturnPathDomainVerified: true })
        ok(yield* call("POST", `${path}/verifySpf`, { account: true }), { SPFVerified: true })
        ok(yield* call("POST", `${path}/rotateDkim`, { account: true }), { DKIMUpdateStatus: "Pending" })
        refused(yield* call("POST", `${path}/rotateDkim`, { account: true }), 505)
        ok(yield* call("GET", path, { account: true }), { Name: "example.org" })
        refused(yield* call("POST", "/domains", { account: true, body: { Name: "gmail.com" } }), 503)
        ok(yield* call("DELETE", path, { account: true }), { Message: "Domain example.org removed." })
        refused(yield* call("GET", path, { account: true }), 510)
      })
  },
  {
    name: "sender signatures",
    endpoints: [
      "GET /senders",
      "POST /senders",
      "GET /senders/:id",
      "PUT /senders/:id",
      "DELETE /senders/:id",
      "POST /senders/:id/resend",
      "POST /senders/:id/verifyspf",
      "POST /senders/:id/requestnewdkim"
    ],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        ok(yield* call("POST", "/domains", { account: true, body: { Name: "signed.example" } }), {})
        const body = { Name: "Ann", FromEmail: "ann@signed.example", ReplyToEmail: "reply@signed.example" }
        const made = yield* call("POST", "/senders", { account: true, body })
        ok(made, { EmailAddress: "ann@signed.example", Confirmed: false })
        const path = `/senders/${String(at(made, "ID"))}`
        ok(yield* call("GET", `/senders?${page}`, { account: true }), { TotalCount: 1 })
        ok(yield* call("POST", `${path}/resend`, { account: true }), { ErrorCode: 0 })
        yield* double.confirmSender("ann@signed.example")
        refused(yield* call("POST", `${path}/resend`, { account: true }), 506)
        ok(yield* call("PUT", path, { account: true, body: { Name: "Bea" } }), { Name: "Bea" })
        ok(yield* call("POST", `${path}/verifySpf`, { account: true }), { SPFVerified: true })
        ok(yield* call("PUT", "/domains/36001/verifyDkim", { account: true }), {})
        ok(yield* call("POST", `${path}/requestNewDkim`, { account: true }), { DKIMUpdateStatus: "Pending" })
        ok(yield* call("GET", path, { account: true }), { Confirmed: true })
        refused(yield* call("POST", "/senders", { account: true, body }), 504)
        ok(yield* call("DELETE", path, { account: true }), { Message: "Signature ann@signed.example removed." })
        refused(yield* call("GET", path, { account: true }), 501)
      })
  },
  {
    name: "data removals",
    endpoints: ["POST /data-removals", "GET /data-removals/:id"],
    run: ({ call }) =>
      Effect.gen(function*() {
        const body = { RequestedBy: "admin@example.org", RequestedFor: "ann@example.com", NotifyWhenCompleted: true }
        const made = yield* call("POST", "/data-removals", { account: true, body })
        ok(made, { ID: expect.any(Number), Status: "Pending" })
        const path = `/data-removals/${String(at(made, "ID"))}`
        ok(yield* call("GET", path, { account: true }), { Status: "Pending" })
        yield* TestClock.adjust("1 hour")
        ok(yield* call("GET", path, { account: true }), { Status: "Done" })
        refused(yield* call("POST", "/data-removals", { account: true, body: { ...body, RequestedFor: "" } }), 1300)
        refused(yield* call("GET", "/data-removals/1", { account: true }), 1301)
      })
  }
]
