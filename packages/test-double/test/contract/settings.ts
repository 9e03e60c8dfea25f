import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { aSecond, at, type Case, mail, ok, refused, send, tracked } from "./case.ts"

const everyTrigger = Object.fromEntries(
  ["Open", "Click", "Delivery", "Bounce", "SpamComplaint", "SubscriptionChange"].map((
    name
  ) => [name, { Enabled: true }])
)

export const settings: ReadonlyArray<Case> = [
  {
    name: "message streams",
    endpoints: [
      "GET /message-streams",
      "POST /message-streams",
      "GET /message-streams/:id",
      "PATCH /message-streams/:id",
      "POST /message-streams/:id/archive",
      "POST /message-streams/:id/unarchive"
    ],
    run: ({ call }) =>
      Effect.gen(function*() {
        ok(yield* call("GET", "/message-streams"), {
          TotalCount: 3,
          MessageStreams: [{ ID: "outbound" }, { ID: "inbound" }, { ID: "broadcast" }]
        })
        const stream = { ID: "news", Name: "News", MessageStreamType: "Broadcasts" }
        ok(yield* call("POST", "/message-streams", { body: stream }), { ...stream, UpdatedAt: null, ArchivedAt: null })
        ok(yield* call("PATCH", "/message-streams/news", { body: { Name: "Paper" } }), { Name: "Paper" })
        ok(yield* call("POST", "/message-streams/news/archive"), { ID: "news", ExpectedPurgeDate: expect.any(String) })
        ok(yield* call("GET", "/message-streams?messagestreamtype=broadcasts"), { TotalCount: 1 })
        ok(yield* call("GET", "/message-streams?includearchivedstreams=true"), { TotalCount: 4 })
        ok(yield* call("POST", "/message-streams/news/unarchive"), { ID: "news", ArchivedAt: null })
        ok(yield* call("GET", "/message-streams/news"), { Name: "Paper" })
        refused(yield* call("POST", "/message-streams", { body: stream }), 1230)
        refused(yield* call("POST", "/message-streams/outbound/archive"), 1229)
        refused(yield* call("GET", "/message-streams/nope"), 1226)
      })
  },
  {
    name: "suppressions",
    endpoints: [
      "GET /message-streams/:id/suppressions/dump",
      "POST /message-streams/:id/suppressions",
      "POST /message-streams/:id/suppressions/delete"
    ],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        const entries = (...emails: ReadonlyArray<string>) => ({
          Suppressions: emails.map((EmailAddress) => ({ EmailAddress }))
        })
        const made = yield* call("POST", "/message-streams/outbound/suppressions", {
          body: entries("Gone@example.com", "nobody")
        })
        ok(made, { Suppressions: [{ Status: "Suppressed", Message: null }, { Status: "Failed" }] })
        refused(yield* call("POST", "/email", { body: { ...mail, To: "gone@example.com" } }), 406)
        yield* double.suppress("angry@example.com", { reason: "SpamComplaint" })
        ok(yield* call("GET", "/message-streams/outbound/suppressions/dump?suppressionreason=ManualSuppression"), {
          Suppressions: [{ EmailAddress: expect.stringMatching(/^gone@/i), Origin: "Customer" }]
        })
        const deleted = yield* call("POST", "/message-streams/outbound/suppressions/delete", {
          body: entries("gone@example.com", "angry@example.com")
        })
        ok(deleted, { Suppressions: [{ Status: "Deleted" }, { Status: "Failed" }] })
        ok(yield* call("POST", "/email", { body: { ...mail, To: "gone@example.com" } }), { ErrorCode: 0 })
        const many = Array.from({ length: 51 }, (_, i) => `a${i}@example.com`)
        refused(yield* call("POST", "/message-streams/outbound/suppressions", { body: entries(...many) }), 1410)
        refused(yield* call("GET", "/message-streams/nope/suppressions/dump"), 1226)
      })
  },
  {
    name: "webhooks",
    endpoints: [
      "GET /webhooks",
      "POST /webhooks",
      "GET /webhooks/:id",
      "PUT /webhooks/:id",
      "DELETE /webhooks/:id",
      "POST /webhooks/:id/verify",
      "GET /webhooks/:id/statistics"
    ],
    run: (world) =>
      Effect.gen(function*() {
        const { call, double, posts, receiver } = world
        const made = yield* call("POST", "/webhooks", {
          body: {
            Url: "http://localhost/hooks",
            HttpAuth: { Username: "u", Password: "p" },
            HttpHeaders: [{ Name: "X-Own", Value: "mine" }],
            Triggers: everyTrigger
          }
        })
        ok(made, { ID: expect.any(Number), Url: "http://localhost/hooks", MessageStream: "outbound" })
        const path = `/webhooks/${String(at(made, "ID"))}`
        ok(yield* call("GET", path), Object(made.json))
        ok(yield* call("GET", "/webhooks?messagestream=outbound"), { Webhooks: [{ ID: at(made, "ID") }] })
        const id = yield* send(world, tracked)
        yield* aSecond(world)
        yield* double.open(id, "ann@example.com")
        yield* double.click(id, "ann@example.com")
        yield* double.bounce(id, "ann@example.com")
        yield* double.spamComplaint(id, "ann@example.com")
        yield* double.settled
        expect(posts.map(({ body }) => [JSON.parse(body).RecordType, JSON.parse(body).MessageID])).toEqual([
          ["Delivery", id],
          ["Open", id],
          ["Click", id],
          ["Bounce", id],
          ["SubscriptionChange", id],
          ["SpamComplaint", id],
          ["SubscriptionChange", id]
        ])
        expect(posts.every(({ headers }) => headers["Authorization"] === "Basic dTpw" && headers["X-Own"] === "mine"))
          .toBe(true)
        ok(yield* call("GET", `${path}/statistics`), { Statuses: { Delivery: "verified" } })
        receiver.status = 503
        ok(yield* call("POST", `${path}/verify`), { Success: false, Message: "0/6 triggers verified successfully" })
        ok(yield* call("PUT", path, { body: { Triggers: { Open: { Enabled: false } } } }), {
          Triggers: { Open: { Enabled: false }, Click: { Enabled: true } }
        })
        ok(yield* call("DELETE", path), { Message: `Webhook ${String(at(made, "ID"))} removed.` })
        refused(yield* call("GET", path), 1352)
        refused(yield* call("POST", "/webhooks", { body: { Url: "nope" } }), 1354)
      })
  },
  {
    name: "the server's own settings",
    endpoints: ["GET /server", "PUT /server"],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        ok(yield* call("GET", "/server"), { Name: "Demo", ApiTokens: ["double-demo-server-token"], TrackOpens: false })
        ok(yield* call("PUT", "/server", { body: { Color: "red", TrackOpens: true, TrackLinks: "TextOnly" } }), {
          Color: "red",
          TrackOpens: true
        })
        const id = yield* send(world)
        ok(yield* call("GET", `/messages/outbound/${id}/details`), { TrackOpens: true, TrackLinks: "TextOnly" })
        refused(yield* call("PUT", "/server", { body: { Color: "pink" } }), 607)
        refused(yield* call("PUT", "/server", { body: { BounceHookUrl: "nope" } }), 606)
      })
  }
]
