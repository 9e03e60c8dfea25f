import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { call, layerDouble, send } from "./kit.ts"

const page = "count=10&offset=0"

/** A message that was delivered, opened, clicked and bounced on the given stream, and an inbound one. */
const activity = (stream: string) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const id = yield* send({
      MessageStream: stream,
      HtmlBody: "<a href='https://x.example'>x</a>",
      TrackOpens: true,
      TrackLinks: "HtmlOnly"
    })
    yield* double.deliver(id, "ann@example.com")
    yield* double.open(id, "ann@example.com")
    yield* double.click(id, "ann@example.com")
    yield* double.bounce(id, "ann@example.com", { type: "SoftBounce" })
    const inbound = yield* double.receiveInbound({ from: "carol@example.com", subject: "hello" })
    const { text } = yield* call("GET", `/bounces?${page}&messagestream=${stream}`)
    return { id, inbound, bounce: /"ID":(\d+)/.exec(text)?.[1] ?? "" }
  })

const searches = (stream: string) =>
  ["messages/outbound", "messages/outbound/opens", "messages/outbound/clicks", "bounces"].map((path) =>
    `/${path}?${page}&messagestream=${stream}`
  )

const totals = (stream: string) =>
  Effect.forEach(
    [...searches(stream), `/messages/inbound?${page}`],
    (path) => Effect.map(call("GET", path), ({ json }) => json?.["TotalCount"])
  )

const lookups = (id: string, bounce: string, inbound: string) =>
  [
    ["GET", `/messages/outbound/${id}`, 701],
    ["GET", `/messages/outbound/${id}/details`, 701],
    ["GET", `/messages/outbound/${id}/dump`, 701],
    ["GET", `/messages/outbound/opens/${id}?${page}`, 701],
    ["GET", `/messages/outbound/clicks/${id}?${page}`, 701],
    ["GET", `/bounces/${bounce}`, 1001],
    ["GET", `/bounces/${bounce}/dump`, 1001],
    ["PUT", `/bounces/${bounce}/activate`, 1001],
    ["GET", `/messages/inbound/${inbound}/details`, 701],
    ["PUT", `/messages/inbound/${inbound}/bypass`, 701],
    ["PUT", `/messages/inbound/${inbound}/retry`, 701]
  ] as const

const nowhere = "00000000-0000-4000-8000-000000000000"

it.effect("forgets activity and bounces after 45 days, and their dumps after 30", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { bounce, id, inbound } = yield* activity("outbound")
    yield* TestClock.adjust("30 days")
    assert.strictEqual((yield* call("GET", `/bounces/${bounce}/dump`)).status, 200)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual((yield* call("GET", `/bounces/${bounce}/dump`)).json?.["ErrorCode"], 1001)
    assert.strictEqual((yield* call("GET", `/bounces/${bounce}`)).json?.["DumpAvailable"], false)
    yield* TestClock.adjust("14 days")
    assert.deepStrictEqual(yield* totals("outbound"), [1, 1, 1, 1, 1])
    assert.strictEqual((yield* call("GET", `/messages/outbound/${id}/details`)).status, 200)
    assert.strictEqual((yield* call("GET", `/messages/inbound/${inbound}/details`)).status, 200)
    const statistics = yield* Effect.forEach(["", "/opens", "/clicks", "/bounces"], (path) =>
      Effect.map(call("GET", `/stats/outbound${path}`), ({ json }) => json))
    yield* TestClock.adjust("1 day")
    const fresh = yield* send({ Subject: "fresh" })
    assert.deepStrictEqual(yield* totals("outbound"), [1, 0, 0, 0, 0])
    const known = lookups(id, bounce, inbound)
    const unknown = lookups(nowhere, "7", nowhere)
    for (const [i, [method, path, code]] of known.entries()) {
      const answer = yield* call(method, path)
      assert.strictEqual(answer.json?.["ErrorCode"], code, path)
      assert.strictEqual(answer.text, (yield* call(method, unknown[i]?.[1] ?? "")).text, path)
    }
    assert.strictEqual((yield* call("GET", `/messages/outbound/${fresh}/details`)).status, 200)
    const [all, ...series] = yield* Effect.forEach(["", "/opens", "/clicks", "/bounces"], (path) =>
      Effect.map(call("GET", `/stats/outbound${path}`), ({ json }) =>
        json))
    assert.deepStrictEqual(series, statistics.slice(1))
    assert.deepStrictEqual([all?.["Sent"], all?.["Opens"], all?.["TotalClicks"]], [2, 1, 1])
    assert.deepStrictEqual((yield* call("GET", "/deliverystats")).json?.["Bounces"], [
      { Name: "All", Count: 1 },
      { Type: "SoftBounce", Name: "Soft bounce", Count: 1 }
    ])
    assert.deepStrictEqual(
      (yield* double.sent).map(({ messageId }) =>
        messageId
      ),
      [id, fresh]
    )
    assert.strictEqual((yield* double.sent)[0]?.events.length, 4)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("remembers for as long as it is told to", () =>
  Effect.gen(function*() {
    const { bounce } = yield* activity("outbound")
    yield* TestClock.adjust("7 days")
    assert.deepStrictEqual(yield* totals("outbound"), [1, 1, 1, 1, 1])
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(yield* totals("outbound"), [0, 0, 0, 0, 0])
    assert.strictEqual((yield* call("GET", `/bounces/${bounce}`)).json?.["ErrorCode"], 1001)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false, retention: "7 days" }))))

it.effect("purges a stream 45 days after it was archived, with what hangs on it", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { bounce, id, inbound } = yield* activity("broadcast")
    yield* double.suppress("gone@example.com", { stream: "broadcast" })
    const hook = yield* call("POST", "/webhooks", { body: { Url: "http://localhost/", MessageStream: "broadcast" } })
    yield* call("POST", "/message-streams/broadcast/archive")
    const before = yield* call("GET", "/stats/outbound")
    const listed = call("GET", "/message-streams?includeArchivedStreams=true")
    yield* TestClock.adjust("45 days")
    assert.strictEqual((yield* listed).json?.["TotalCount"], 3)
    assert.deepStrictEqual(yield* totals("broadcast"), [1, 1, 1, 1, 1])
    yield* TestClock.adjust("1 second")
    assert.strictEqual((yield* listed).json?.["TotalCount"], 2)
    for (
      const path of [
        "/message-streams/broadcast",
        ...searches("broadcast"),
        "/message-streams/broadcast/suppressions/dump",
        "/stats/outbound?messagestream=broadcast",
        "/webhooks?messagestream=broadcast"
      ]
    ) assert.strictEqual((yield* call("GET", path)).json?.["ErrorCode"], 1226, path)
    for (const [method, path, code] of lookups(id, bounce, inbound).slice(0, 8)) {
      assert.strictEqual((yield* call(method, path)).json?.["ErrorCode"], code, path)
    }
    assert.strictEqual((yield* call("GET", `/webhooks/${hook.json?.["ID"]}`)).json?.["ErrorCode"], 1352)
    assert.strictEqual((yield* call("POST", "/message-streams/broadcast/unarchive")).json?.["ErrorCode"], 1232)
    assert.deepStrictEqual((yield* call("GET", "/stats/outbound")).json, before.json)
    assert.strictEqual((yield* double.sent).length, 1)
    // A new stream of that name starts afresh.
    const again = { ID: "broadcast", Name: "New", MessageStreamType: "Broadcasts" }
    assert.strictEqual((yield* call("POST", "/message-streams", { body: again })).status, 200)
    assert.deepStrictEqual(yield* totals("broadcast"), [0, 0, 0, 0, 1])
    assert.deepStrictEqual((yield* call("GET", "/message-streams/broadcast/suppressions/dump")).json, {
      Suppressions: []
    })
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false, retention: "365 days" }))))
