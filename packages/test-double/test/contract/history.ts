import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { aSecond, at, type Case, mail, ok, refused, send, tracked } from "./case.ts"
import type { World } from "./wire.ts"

const page = "count=10&offset=0"

/** A message that was delivered, opened twice and clicked; a hard bounce; a spam complaint. */
const busyDay = (world: World) =>
  Effect.gen(function*() {
    const { double } = world
    const id = yield* send(world, { ...tracked, Cc: "bob@example.com", Tag: "busy" })
    yield* send(world, { To: "hardbounce@bounce-testing.postmarkapp.com" })
    yield* aSecond(world)
    const reader = { client: { Name: "Firefox 130", Company: "Mozilla", Family: "Firefox" }, platform: "Desktop" }
    yield* double.open(id, "ann@example.com", { ...reader, readSeconds: 9 })
    yield* double.open(id, "ann@example.com", { platform: "Mobile", readSeconds: 60 })
    yield* double.click(id, "ann@example.com", { reader })
    yield* double.spamComplaint(id, "bob@example.com")
    return id
  })

const series: ReadonlyArray<readonly [name: string, counts: object]> = [
  ["sends", { Sent: 3 }],
  ["bounces", { HardBounce: 1 }],
  ["spam", { SpamComplaint: 1 }],
  ["tracked", { Tracked: 2 }],
  ["opens", { Opens: 2, Unique: 1 }],
  ["opens/platforms", { Desktop: 1, Mobile: 1 }],
  ["opens/emailclients", { Firefox: 1, unknown: 1 }],
  ["opens/readtimes", { "8s": 1, "20s+": 1 }],
  ["clicks", { Clicks: 1, Unique: 1 }],
  ["clicks/browserfamilies", { Firefox: 1 }],
  ["clicks/platforms", { Desktop: 1 }],
  ["clicks/location", { HTML: 1 }]
]

export const history: ReadonlyArray<Case> = [
  {
    name: "outbound messages",
    endpoints: [
      "GET /messages/outbound",
      "GET /messages/outbound/:id",
      "GET /messages/outbound/:id/details",
      "GET /messages/outbound/:id/dump"
    ],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        const id = yield* send(world, { Tag: "one", Metadata: { order: "007" } })
        yield* send(world, { Tag: "two" })
        yield* aSecond(world)
        ok(yield* call("GET", `/messages/outbound?${page}&tag=one&metadata_order=007`), {
          TotalCount: 1,
          Messages: [{ MessageID: id, Status: "Sent", Metadata: { order: "007" } }]
        })
        ok(yield* call("GET", `/messages/outbound?${page}`), { TotalCount: 2 })
        ok(yield* call("GET", `/messages/outbound?${page}&todate=2026-09-29`), { TotalCount: 0, Messages: [] })
        const details = yield* call("GET", `/messages/outbound/${id}/details`)
        ok(details, { TextBody: "Thanks.", MessageEvents: [{ Type: "Delivered", Recipient: "ann@example.com" }] })
        expect((yield* call("GET", `/messages/outbound/${id}`)).text).toBe(details.text)
        ok(yield* call("GET", `/messages/outbound/${id}/dump`), { Body: expect.stringMatching(/^From: /) })
        refused(yield* call("GET", "/messages/outbound/nope/details"), 701)
        refused(yield* call("GET", "/messages/outbound?count=501&offset=0"), 700)
      })
  },
  {
    name: "opens and clicks",
    endpoints: [
      "GET /messages/outbound/opens",
      "GET /messages/outbound/opens/:id",
      "GET /messages/outbound/clicks",
      "GET /messages/outbound/clicks/:id"
    ],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        const id = yield* busyDay(world)
        // Of a message's opens by one recipient, only the first is kept.
        ok(yield* call("GET", `/messages/outbound/opens?${page}`), { TotalCount: 1 })
        ok(yield* call("GET", `/messages/outbound/opens?${page}&client_family=Outlook`), { TotalCount: 0, Opens: [] })
        ok(yield* call("GET", `/messages/outbound/opens?${page}&client_family=Firefox`), {
          TotalCount: 1,
          Opens: [{ MessageID: id, Recipient: "ann@example.com", Platform: "Desktop", Tag: "busy" }]
        })
        ok(yield* call("GET", `/messages/outbound/opens/${id}?${page}`), { TotalCount: 1 })
        const click = { MessageID: id, ClickLocation: "HTML", OriginalLink: "https://shop.example.org/?a=1&b=2" }
        ok(yield* call("GET", `/messages/outbound/clicks?${page}`), { TotalCount: 1, Clicks: [click] })
        ok(yield* call("GET", `/messages/outbound/clicks/${id}?${page}`), { TotalCount: 1, Clicks: [click] })
        refused(yield* call("GET", `/messages/outbound/opens/nope?${page}`), 701)
        refused(yield* call("GET", "/messages/outbound/clicks?count=501&offset=0"), 700)
      })
  },
  {
    name: "bounces",
    endpoints: [
      "GET /deliverystats",
      "GET /bounces",
      "GET /bounces/tags",
      "GET /bounces/:id",
      "GET /bounces/:id/dump",
      "PUT /bounces/:id/activate"
    ],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        const to = "hardbounce@bounce-testing.postmarkapp.com"
        const id = yield* send(world, { To: to, Tag: "b" })
        yield* aSecond(world)
        yield* send(world, { To: "softbounce@bounce-testing.postmarkapp.com" })
        yield* aSecond(world)
        ok(yield* call("GET", "/deliverystats"), {
          InactiveMails: 1,
          Bounces: [{ Name: "All", Count: 2 }, { Type: "HardBounce", Count: 1 }, { Type: "SoftBounce", Count: 1 }]
        })
        const listed = yield* call("GET", `/bounces?${page}&type=HardBounce&inactive=true`)
        ok(listed, { TotalCount: 1, Bounces: [{ MessageID: id, Type: "HardBounce", Email: to, CanActivate: true }] })
        expect((yield* call("GET", "/bounces/tags")).json).toEqual(["b"])
        const bounce = String(at(listed, "Bounces", 0, "ID"))
        ok(yield* call("GET", `/bounces/${bounce}`), { Tag: "b", Inactive: true })
        ok(yield* call("GET", `/bounces/${bounce}/dump`), { Body: expect.stringMatching(/^From: /) })
        refused(yield* call("POST", "/email", { body: { ...mail, To: to } }), 406)
        ok(yield* call("PUT", `/bounces/${bounce}/activate`), { Message: "OK", Bounce: { Inactive: false } })
        ok(yield* call("POST", "/email", { body: { ...mail, To: to } }), { ErrorCode: 0 })
        refused(yield* call("GET", "/bounces/1"), 1001)
        refused(yield* call("GET", "/bounces?count=600&offset=0"), 1000)
      })
  },
  {
    name: "statistics",
    endpoints: ["GET /stats/outbound", ...series.map(([name]) => `GET /stats/outbound/${name}`)],
    run: (world) =>
      Effect.gen(function*() {
        const { call } = world
        ok(yield* call("GET", "/stats/outbound/sends"), { Days: [] })
        yield* busyDay(world)
        for (const [name, counts] of series) {
          const answer = yield* call("GET", `/stats/outbound/${name}`)
          expect(answer.json, name).toMatchObject({ Days: [{ Date: "2026-09-30", ...counts }], ...counts })
        }
        ok(yield* call("GET", "/stats/outbound?fromdate=2026-09-30&todate=2026-09-30"), {
          Sent: 3,
          Bounced: 1,
          BounceRate: 33.333,
          SpamComplaints: 1,
          Opens: 2,
          UniqueOpens: 1,
          TotalClicks: 1
        })
        ok(yield* call("GET", "/stats/outbound?tag=busy"), { Sent: 2 })
        refused(yield* call("GET", "/stats/outbound/sends?fromdate=yesterday"), 900)
        refused(yield* call("GET", "/stats/outbound?messagestream=nope"), 1226)
      })
  },
  {
    name: "inbound messages",
    endpoints: [
      "GET /messages/inbound",
      "GET /messages/inbound/:id/details",
      "PUT /messages/inbound/:id/bypass",
      "PUT /messages/inbound/:id/retry",
      "GET /triggers/inboundrules",
      "POST /triggers/inboundrules",
      "DELETE /triggers/inboundrules/:id"
    ],
    run: (world) =>
      Effect.gen(function*() {
        const { call, double, posts, receiver } = world
        const mailIn = { from: "\"Carol\" <carol@example.com>", mailboxHash: "42", subject: "Re", textBody: "hi" }
        const id = yield* double.receiveInbound(mailIn)
        ok(yield* call("GET", `/messages/inbound?${page}&mailboxhash=42`), {
          TotalCount: 1,
          InboundMessages: [{ MessageID: id, From: "carol@example.com", Subject: "Re" }]
        })
        ok(yield* call("GET", `/messages/inbound/${id}/details`), { TextBody: "hi", Status: "Processed" })
        const rule = yield* call("POST", "/triggers/inboundrules", { body: { Rule: "example.com" } })
        ok(rule, { ID: expect.any(Number), Rule: "example.com" })
        ok(yield* call("GET", `/triggers/inboundrules?${page}`), {
          TotalCount: 1,
          InboundRules: [{ Rule: "example.com" }]
        })
        const blocked = yield* double.receiveInbound(mailIn)
        ok(yield* call("GET", `/messages/inbound?${page}&status=blocked`), { TotalCount: 1 })
        ok(yield* call("PUT", `/messages/inbound/${blocked}/bypass`), {
          ErrorCode: 0,
          Message: `Successfully bypassed message: ${blocked}.`
        })
        refused(yield* call("PUT", `/messages/inbound/${blocked}/bypass`), 701)
        ok(yield* call("DELETE", `/triggers/inboundrules/${String(at(rule, "ID"))}`), {
          Message: "Rule example.com removed."
        })
        ok(yield* call("PUT", "/server", { body: { InboundHookUrl: "http://localhost/inbound" } }), {})
        receiver.status = 403
        const failing = yield* double.receiveInbound(mailIn)
        yield* double.settled
        receiver.status = 200
        ok(yield* call("GET", `/messages/inbound/${failing}/details`), { Status: "Failed" })
        ok(yield* call("PUT", `/messages/inbound/${failing}/retry`), { ErrorCode: 0 })
        yield* double.settled
        ok(yield* call("GET", `/messages/inbound/${failing}/details`), { Status: "Processed" })
        expect(posts.map(({ url }) => url)).toEqual(["http://localhost/inbound", "http://localhost/inbound"])
        refused(yield* call("DELETE", "/triggers/inboundrules/7"), 812)
        refused(yield* call("GET", "/messages/inbound/nope/details"), 701)
      })
  }
]
