import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { cases } from "./conformance/cases.ts"
import { call, layerDouble, mail } from "./kit.ts"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

const lines = cases.flatMap(({ endpoints }) => endpoints)

const needsAccount = (line: string): boolean =>
  /^\w+ \/(servers|domains|senders|data-removals|templates\/push)/.test(line)

const fill = (path: string, id: string): string => path.replaceAll(/\{\w+\}/g, id)

const account = { token: "", headers: { "x-postmark-account-token": PostmarkDouble.demoAccountToken } }

const bodies: ReadonlyArray<unknown> = [
  undefined,
  {},
  [],
  "[",
  "null",
  "7",
  { Name: 5, ID: [], Rule: {}, Suppressions: [null], Messages: [null], FromEmail: 1, HtmlBody: {} },
  { Name: "", ID: "", Rule: "", Suppressions: {}, Messages: {}, Subject: null, TemplateModel: [], Triggers: 7 },
  { Messages: [{ To: 7 }], From: "x", Name: "__proto__", Subject: "{{", HtmlBody: "{{{", TextBody: "{{#each}}{{/a}}" },
  "{\"__proto__\":{\"Name\":\"x\"},\"constructor\":1}"
]

it.effect("answers whatever comes, on every endpoint, with a status of Postmark's", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("POST", "/email", { body: mail })
    for (const line of lines) {
      const [method, path = ""] = line.split(" ")
      const known = methods.find((name) => name === method) ?? "GET"
      for (const id of ["outbound", "1", "-1", "999999999999999999999", "%", "%00", "__proto__", "constructor"]) {
        for (const [i, body] of bodies.entries()) {
          if (i > 0 && id !== "outbound") continue
          for (
            const query of i > 0
              ? [""]
              : ["", "?count=-1&offset=x&fromdate=2026-02-31&type=%ff", "?count=500&offset=0&tag=%"]
          ) {
            const target = fill(path, id) + query
            const answer = yield* call(known, target, { ...(needsAccount(line) ? account : {}), body })
            assert.include([200, 400, 404, 422], answer.status, `${line} ${id} ${JSON.stringify(body)}`)
            if (answer.status === 200) continue
            assert.isNumber(answer.json?.["ErrorCode"], `${line} ${id} ${answer.text}`)
            assert.isString(answer.json?.["Message"])
            assert.strictEqual(answer.headers["x-pm-apierrorcode"], String(answer.json?.["ErrorCode"]))
          }
        }
      }
    }
    // The server is still the first one and works.
    yield* double.reset
    assert.strictEqual((yield* call("GET", "/server")).json?.["Name"], "Demo")
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))), 60_000)

it.effect("opens nothing with the token of the other kind", () =>
  Effect.gen(function*() {
    for (const line of lines) {
      const [method, path = ""] = line.split(" ")
      const known = methods.find((name) => name === method) ?? "GET"
      const answer = yield* call(known, fill(path, "1"), needsAccount(line) ? {} : account)
      const kind = needsAccount(line) ? "Account" : "Server"
      assert.deepStrictEqual(answer.json, { ErrorCode: 10, Message: `Request does not contain a valid ${kind} token.` })
      assert.strictEqual(answer.status, 401)
    }
  }).pipe(Effect.provide(layerDouble())))

/** Rows of the table of error codes, docs/postmark.md#error-codes, that a client can provoke. */
const rows: ReadonlyArray<readonly [line: string, body: unknown, code: number, status?: number]> = [
  ["GET /bounces/abc", undefined, 1002, 400],
  ["GET /bounces/18446744073709551615", undefined, 1001],
  ["GET /bounces?count=1&offset=0&type=Nope", undefined, 1000],
  ["GET /bounces?count=1&offset=0&messagestream=nope", undefined, 1226],
  ["GET /templates?count=1&offset=0&templatetype=x", undefined, 1100],
  ["POST /templates", undefined, 1109],
  ["POST /templates", { Name: "x", Subject: "s" }, 1120],
  ["POST /templates", { Name: "x".repeat(256), Subject: "s", TextBody: "t" }, 1121],
  ["POST /templates", { Name: "x", Subject: "s", TextBody: "{{#a}}" }, 1122],
  ["POST /templates", { Name: "x", Subject: "s", TextBody: "t", Alias: "1a" }, 1122],
  ["POST /templates", { Name: "x", Subject: "s", TextBody: "t", LayoutTemplate: "no" }, 1101],
  ["POST /templates", { Name: "x", Subject: "s", TextBody: "{{{ @content }}}", TemplateType: "Layout" }, 1123],
  ["POST /templates", { Name: 7 }, 403],
  ["PUT /templates/1", {}, 1101],
  ["POST /templates/validate", { HtmlBody: "x", LayoutTemplate: "no" }, 1101],
  ["GET /messages/outbound/opens?count=1", undefined, 700],
  ["GET /messages/inbound?count=1&offset=0&status=nope", undefined, 700],
  ["GET /messages/inbound/nope/details", undefined, 701],
  ["POST /triggers/inboundrules", { Rule: "not a rule" }, 813],
  ["GET /triggers/inboundrules?count=501&offset=0", undefined, 800],
  ["POST /message-streams", {}, 1222],
  ["POST /message-streams", { ID: "a", MessageStreamType: "Broadcasts" }, 1223],
  ["POST /message-streams", { ID: "a", Name: "x".repeat(101), MessageStreamType: "Broadcasts" }, 1224],
  [
    "POST /message-streams",
    { ID: "a", Name: "a", MessageStreamType: "Broadcasts", Description: "x".repeat(1001) },
    1231
  ],
  ["POST /message-streams", { ID: "all", Name: "a", MessageStreamType: "Broadcasts" }, 1237],
  ["PATCH /message-streams/broadcast", unsubscribe("Custom"), 1238],
  ["PATCH /message-streams/broadcast", unsubscribe("None"), 1239],
  ["PATCH /message-streams/broadcast", unsubscribe("Nope"), 1240],
  ["GET /message-streams/outbound/suppressions/dump?suppressionreason=x", undefined, 1404],
  ["GET /message-streams/outbound/suppressions/dump?origin=x", undefined, 1405],
  ["POST /message-streams/outbound/suppressions", {}, 1409],
  ["POST /message-streams/outbound/suppressions", { Suppressions: [{}] }, 1411],
  ["POST /webhooks", { Url: "http://localhost/", MessageStream: "nope" }, 1226],
  ["POST /webhooks/7/verify", undefined, 1352],
  ["GET /stats/outbound/sends?fromdate=2001-01-01", undefined, 1500],
  ["GET /stats/outbound/opens?todate=x", undefined, 900],
  ["PUT /server", { Name: "" }, 608],
  ["PUT /server", { InboundDomain: "x.postmarkapp.com" }, 608],
  ["PUT /server", undefined, 609],
  ["PUT /server", { TrackLinks: "x" }, 612],
  ["PUT /server", { DeliveryType: "Sandbox" }, 613],
  ["GET /email/bulk/nope", undefined, 12, 404],
  ["GET /email/bulk?paginationkey=x", undefined, 13],
  ["POST /email/bulk", {
    From: "a@example.com",
    TextBody: "t",
    Messages: [{ To: "b@example.com" }],
    MessageStream: "no"
  }, 1226],
  ["POST /email/bulk", {
    From: "a@example.com",
    TextBody: "t",
    Messages: [{ To: "b@example.com" }],
    MessageStream: "outbound"
  }, 1236],
  ["POST /email/bulk", { From: "a@example.com", Messages: [{ To: "b@example.com" }] }, 300],
  ["POST /email/bulk", { From: "a@example.com", TemplateId: 5, Messages: [{ To: "b@example.com" }] }, 1101],
  ["POST /email/bulk", { From: "a", TemplateId: 5, Messages: [{ To: "b@example.com" }] }, 11],
  ["POST /servers", undefined, 609],
  ["GET /domains?count=0&offset=0", undefined, 500],
  ["POST /domains", undefined, 502],
  ["POST /domains", { Name: `${"a".repeat(256)}.example` }, 515],
  ["POST /senders", { FromEmail: "a@example.com" }, 511],
  ["POST /senders", { FromEmail: "a@example.com", Name: "a", ConfirmationPersonalNote: "x".repeat(401) }, 521],
  ["PUT /templates/push", { SourceServerID: 812345, DestinationServerID: 812345, PerformChanges: false }, 1124]
]

function unsubscribe(UnsubscribeHandlingType: string) {
  return { SubscriptionManagementConfiguration: { UnsubscribeHandlingType } }
}

it.effect("refuses with the code that Postmark lists", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 8, 30))
    for (const [line, body, code, status] of rows) {
      const [method, path = ""] = line.split(" ")
      const known = methods.find((name) => name === method) ?? "GET"
      const answer = yield* call(known, path, { ...(needsAccount(line) ? account : {}), body })
      assert.strictEqual(answer.json?.["ErrorCode"], code, `${line} ${JSON.stringify(body)} ${answer.text}`)
      assert.strictEqual(answer.status, status ?? 422, line)
    }
  }).pipe(Effect.provide(layerDouble())))

it.effect("takes no JSON that is nested beyond all measure, and brackets in texts as what they are", () =>
  Effect.gen(function*() {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
    for (const depth of [1_001, 200_000]) {
      for (
        const [path, body] of [
          ["/email", nested(depth)],
          ["/email/batch", nested(depth)],
          ["/email/withTemplate", `{"TemplateModel":{"a":${nested(depth)}}}`],
          ["/templates/validate", `{"Subject":"{{a}}","TestRenderModel":{"a":${nested(depth)}}}`]
        ] as const
      ) {
        const answer = yield* call("POST", path, { body })
        assert.deepStrictEqual([answer.status, answer.json?.["ErrorCode"]], [422, 402], path)
      }
    }
    const fine = yield* call("POST", "/templates/validate", {
      body: `{"Subject":"{{a}}","TestRenderModel":{"a":${nested(990)}}}`
    })
    assert.strictEqual(fine.status, 200)
    for (const text of ["[{".repeat(5_000), "\\\"[".repeat(5_000), "\\".repeat(4_001) + "\"" + "[".repeat(3_000)]) {
      assert.strictEqual((yield* call("POST", "/email", { body: { ...mail, TextBody: text } })).status, 200)
    }
    const double = yield* PostmarkDouble.PostmarkDouble
    assert.strictEqual((yield* double.sent)[2]?.textBody?.length, 7_002)
  }).pipe(Effect.provide(layerDouble())))
