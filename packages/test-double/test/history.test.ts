import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { call, layerDouble, send } from "./kit.ts"

const list = (query: string) =>
  Effect.map(call("GET", `/messages/outbound?${query}`), ({ json, text }) => {
    const messages = json?.["Messages"]
    if (!Array.isArray(messages)) throw new Error(text)
    return messages.map(({ Subject }: { readonly Subject: string }) => Subject)
  })

it.effect("searches by every filter, newest first", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 8, 30, 16))
    yield* send({ Subject: "Alpha", Tag: "a", Metadata: { Order: "7", other: "x" }, From: "Shop <Shop@example.org>" })
    yield* TestClock.adjust("24 hours")
    yield* send({ Subject: "Beta", To: "bob@example.com", Cc: "ann@example.com" })
    yield* send({ Subject: "Gamma", MessageStream: "broadcast" })
    const page = "count=10&offset=0"
    assert.deepStrictEqual(yield* list(page), ["Beta", "Alpha"])
    assert.deepStrictEqual(yield* list("count=1&offset=1"), ["Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&messagestream=broadcast`), ["Gamma"])
    assert.deepStrictEqual(yield* list(`${page}&recipient=ANN@example.com`), ["Beta", "Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&recipient=bob@example.com`), ["Beta"])
    assert.deepStrictEqual(yield* list(`${page}&recipient=example.com`), [])
    assert.deepStrictEqual(yield* list(`${page}&fromEmail=shop@example.org&tag=a`), ["Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&subject=ET`), ["Beta"])
    assert.deepStrictEqual(yield* list(`${page}&metadata_order=7`), ["Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&metadata_order=8`), [])
    assert.deepStrictEqual(yield* list(`${page}&status=sent`), ["Beta", "Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&status=processed`), ["Beta", "Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&status=queued`), [])
    assert.deepStrictEqual(yield* list(`${page}&fromDate=2026-10-1`), ["Beta"])
    assert.deepStrictEqual(yield* list(`${page}&todate=2026-09-30`), ["Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&fromdate=2026-09-30T12:00:00&todate=2026-09-30T12:00:00`), ["Alpha"])
    assert.deepStrictEqual(yield* list(`${page}&fromdate=2026-09-30T12:00:01&todate=2026-10-01T11:59:59`), [])
  }).pipe(Effect.provide(layerDouble())))

it.effect("refuses bad pages, dates and filters", () =>
  Effect.gen(function*() {
    const cases = [
      ["offset=0", 700],
      ["count=10", 700],
      ["count=0&offset=0", 700],
      ["count=501&offset=0", 700],
      ["count=500&offset=9501", 700],
      ["count=1.5&offset=0", 700],
      ["count=1&offset=0&status=lost", 700],
      ["count=1&offset=0&fromdate=2026-02-30", 700],
      ["count=1&offset=0&metadata_a=1&metadata_b=2", 700],
      ["count=1&offset=0&messagestream=nope", 1226]
    ] as const
    for (const [query, code] of cases) {
      const answer = yield* call("GET", `/messages/outbound?${query}`)
      assert.strictEqual(answer.status, 422, query)
      assert.strictEqual(answer.json?.["ErrorCode"], code, query)
    }
    assert.strictEqual((yield* call("GET", "/messages/outbound?count=500&offset=9500")).status, 200)
    for (const path of ["", "/details", "/dump"]) {
      const answer = yield* call("GET", `/messages/outbound/00000000-0000-4000-8000-000000000000${path}`)
      assert.deepStrictEqual(answer.json, { ErrorCode: 701, Message: "This message was not found." })
    }
  }).pipe(Effect.provide(layerDouble())))

it.effect("tells times in New York, summer and winter", () =>
  Effect.gen(function*() {
    const receivedAt = Effect.map(
      call("GET", "/messages/outbound?count=1&offset=0"),
      ({ text }) => /"ReceivedAt":"([^"]*)"/.exec(text)?.[1]
    )
    yield* TestClock.setTime(Date.UTC(2026, 9, 1, 3, 30))
    yield* send()
    assert.match((yield* receivedAt) ?? "", /^2026-09-30T23:30:00\.000\d{4}-04:00$/)
    // The day of the change to winter time has 25 hours in New York.
    yield* TestClock.setTime(Date.UTC(2026, 10, 2, 4, 59))
    yield* send({ Subject: "late" })
    assert.deepStrictEqual(yield* list("count=9&offset=0&fromdate=2026-11-01&todate=2026-11-01"), ["late"])
    yield* TestClock.setTime(Date.UTC(2026, 11, 1, 4, 30))
    yield* send()
    assert.match((yield* receivedAt) ?? "", /^2026-11-30T23:30:00\.000\d{4}-05:00$/)
  }).pipe(Effect.provide(layerDouble())))

it.effect("describes one message in full", () =>
  Effect.gen(function*() {
    const id = yield* send({
      From: `Joe "J" Shop <shop@example.org>`,
      To: `"Ann" <ann@example.com>`,
      TextBody: undefined,
      HtmlBody: "<p>x</p>",
      Attachments: [{ Name: "a.pdf", Content: "aGk=", ContentType: "application/pdf" }]
    })
    yield* TestClock.adjust("1 second")
    const { json } = yield* call("GET", `/messages/outbound/${id.toUpperCase()}/DETAILS/`)
    assert.strictEqual(json?.["From"], `"Joe \\"J\\" Shop" <shop@example.org>`)
    assert.deepStrictEqual(json?.["To"], [{ Email: "ann@example.com", Name: "Ann" }])
    assert.deepStrictEqual(json?.["Cc"], [])
    assert.deepStrictEqual(json?.["Attachments"], ["a.pdf"])
    assert.deepStrictEqual(json?.["Metadata"], {})
    assert.strictEqual(json?.["Status"], "Sent")
    assert.isFalse(json?.["Sandboxed"])
    assert.notProperty(json, "TextBody")
    assert.notProperty(json, "Tag")
  }).pipe(Effect.provide(layerDouble())))

it.effect("counts by day, tag and stream", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const stats = (query: string) => Effect.map(call("GET", `/stats/outbound?${query}`), ({ json }) => json)
    assert.strictEqual((yield* stats(""))?.["BounceRate"], 0)
    yield* TestClock.setTime(Date.UTC(2026, 8, 30, 16))
    const id = yield* send({
      Tag: "a",
      HtmlBody: "<a href='https://x'>x</a>",
      TrackOpens: true,
      TrackLinks: "HtmlOnly"
    })
    yield* TestClock.adjust("1 day")
    const news = yield* send({ MessageStream: "broadcast", Bcc: "bob@example.com" })
    yield* double.open(id, "ann@example.com")
    yield* double.spamComplaint(id, "ann@example.com")
    yield* double.spamComplaint(news, "bob@example.com")
    const all = yield* stats("")
    assert.deepStrictEqual([all?.["Sent"], all?.["Opens"], all?.["SpamComplaints"], all?.["SpamComplaintsRate"]], [
      3,
      1,
      2,
      66.666
    ])
    assert.deepStrictEqual([
      all?.["Bounced"],
      all?.["Tracked"],
      all?.["WithLinkTracking"],
      all?.["TotalTrackedLinksSent"]
    ], [0, 1, 1, 1])
    assert.strictEqual((yield* stats("tag=a"))?.["Sent"], 1)
    assert.strictEqual((yield* stats("messagestream=broadcast"))?.["Sent"], 2)
    const first = yield* stats("fromdate=2026-09-30&todate=2026-09-30")
    assert.deepStrictEqual([first?.["Sent"], first?.["Opens"]], [1, 0])
    for (
      const [query, code] of [["fromdate=x", 900], ["messagestream=nope", 1226], ["fromdate=2025-01-01", 1500], [
        "fromdate=2026-09-30&todate=2026-09-29",
        1502
      ]] as const
    ) {
      assert.strictEqual((yield* stats(query))?.["ErrorCode"], code)
    }
  }).pipe(Effect.provide(layerDouble())))
