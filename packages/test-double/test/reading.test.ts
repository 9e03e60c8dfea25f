/** Requests as the official clients of other languages spell them are read as Postmark reads them. */
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, FastCheck as fc, TestClock } from "effect"
import { table } from "./contract/table.ts"
import { run } from "./errorRows.ts"
import { call, layerDouble, mail, send } from "./kit.ts"

const layer = layerDouble({ autoDeliver: false })

const answered = (line: string, body?: unknown) =>
  Effect.map(run(line, body), ({ json, status, text }) => {
    assert.strictEqual(status, 200, `${line}: ${text}`)
    return json ?? {}
  })

const field = (json: Record<string, unknown>, name: string): string => String(json[name])

/** The keys of a body in another case; what stands under `opaque` ones is the caller's. */
const spelled = (value: unknown, spell: (key: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => spelled(item, spell))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      spell(key),
      ["Metadata", "TemplateModel", "TestRenderModel"].includes(key) ? item : spelled(item, spell)
    ])
  )
}

const spellings: Readonly<Record<string, (key: string) => string>> = {
  "as documented": (key) => key,
  "with a small first letter": (key) => key.slice(0, 1).toLowerCase() + key.slice(1),
  "in small letters": (key) => key.toLowerCase(),
  "in capitals": (key) => key.toUpperCase()
}

const headers = [{ Name: "X-A", Value: "b" }]
const message = {
  ...mail,
  HtmlBody: "<p>h</p>",
  Headers: headers,
  Metadata: { Order: "1" },
  Attachments: [{ Name: "a.txt", Content: "aGk=", ContentType: "text/plain", ContentID: "cid:a" }]
}
const templated = { From: mail.From, To: mail.To, TemplateAlias: "t", TemplateModel: { Name: "Ann" } }
const webhook = {
  Url: "http://localhost/",
  MessageStream: "broadcast",
  HttpAuth: { Username: "u", Password: "p" },
  HttpHeaders: headers,
  Triggers: { Open: { Enabled: true, PostFirstOpenOnly: true }, Bounce: { Enabled: true, IncludeContent: true } }
}
const suppressions = { Suppressions: [{ EmailAddress: "gone@example.com" }] }

/** Every endpoint that takes a body, in an order in which each works, and what its answer shows of the body. */
const requests: ReadonlyArray<readonly [line: string, body: unknown, shown?: string]> = [
  ["POST /templates", { Name: "t", Alias: "t", Subject: "{{Name}}", TextBody: "x" }, `"Alias":"t"`],
  ["PUT /templates/t", { Name: "named", HtmlBody: "h" }, `"Name":"named"`],
  [
    "POST /templates/validate",
    { TextBody: "{{Name}}", TestRenderModel: { Name: "Ann" }, TemplateType: "Standard" },
    `"RenderedContent":"Ann"`
  ],
  ["POST /email", message, `"Message":"OK"`],
  ["POST /email/batch", [message, message], `"Message":"OK"`],
  ["POST /email/withTemplate", templated, `"Message":"OK"`],
  ["POST /email/batchWithTemplates", { Messages: [templated] }, `"Message":"OK"`],
  [
    "POST /email/bulk",
    { From: mail.From, Subject: "s {{n}}", TextBody: "t", Messages: [{ To: mail.To, TemplateModel: { n: 1 } }] },
    `"Subject":"s {{n}}"`
  ],
  ["PUT /server", { Name: "Renamed", TrackOpens: true, TrackLinks: "HtmlOnly" }, `"TrackOpens":true`],
  ["POST /servers", { Name: "Second", DeliveryType: "Sandbox" }, `"DeliveryType":"Sandbox"`],
  ["PUT /servers/812346", { InboundSpamThreshold: 5 }, `"InboundSpamThreshold":5`],
  [
    "PUT /templates/push",
    { SourceServerID: 812_345, DestinationServerID: 812_346, PerformChanges: false },
    `"TotalCount":1`
  ],
  ["POST /triggers/inboundrules", { Rule: "a@example.com" }, `"Rule":"a@example.com"`],
  ["POST /webhooks", webhook, `"Open":{"Enabled":true,"PostFirstOpenOnly":true}`],
  ["PUT /webhooks/1000001", { Triggers: { Click: { Enabled: true } } }, `"Click":{"Enabled":true}`],
  [
    "POST /message-streams",
    {
      ID: "news",
      Name: "News",
      MessageStreamType: "Broadcasts",
      Description: "d",
      SubscriptionManagementConfiguration: { UnsubscribeHandlingType: "Postmark" }
    },
    `"Description":"d"`
  ],
  ["PATCH /message-streams/news", { Name: "Old" }, `"Name":"Old"`],
  ["POST /message-streams/outbound/suppressions", suppressions, `"Suppressed"`],
  ["POST /message-streams/outbound/suppressions/delete", suppressions, `"Deleted"`],
  ["POST /domains", { Name: "example.org", ReturnPathDomain: "pm.example.org" }, `"ReturnPathDomain":"pm.example.org"`],
  ["PUT /domains/36001", { ReturnPathDomain: "rp.example.org" }, `"ReturnPathDomain":"rp.example.org"`],
  ["POST /senders", { FromEmail: "a@example.org", Name: "a" }, `"EmailAddress":"a@example.org"`],
  ["PUT /senders/1001", { Name: "b", ReplyToEmail: "r@example.org" }, `"ReplyToEmailAddress":"r@example.org"`],
  [
    "POST /data-removals",
    { RequestedBy: "a@example.org", RequestedFor: "b@example.org", NotifyWhenCompleted: true },
    `"Pending"`
  ]
]

describe("keys of a body", () => {
  for (const [name, spell] of Object.entries(spellings)) {
    it.effect(`are read ${name}, at every endpoint`, () =>
      Effect.gen(function*() {
        for (const [line, body, shown = ""] of requests) {
          const answer = yield* run(line, spelled(body, spell))
          assert.strictEqual(answer.status, 200, `${line}: ${answer.text}`)
          assert.include(answer.text, shown, line)
        }
        const [sent] = yield* (yield* PostmarkDouble.PostmarkDouble).sent
        assert.deepStrictEqual(sent?.metadata, { Order: "1" })
        assert.deepStrictEqual(sent?.headers, headers)
        assert.strictEqual(sent?.attachments.length, 1)
      }).pipe(Effect.provide(layer)))
  }

  it("are asked of every endpoint that takes a body", () => {
    const asked = requests.map(([line]) => line.toLowerCase().replace(/\/(t|news|outbound|\d+)(?=\/|$)/, "/:id"))
    const bodiless = /archive|\/verify|resend|dkim|activate|bypass|retry/
    const takers = table.filter((line) => /^(POST|PUT|PATCH) /.test(line) && !bodiless.test(line))
    assert.deepStrictEqual(asked.sort(), takers.map((line) => line.toLowerCase()).sort())
  })

  it.effect("mean the same as the documented ones in any mixture of cases", () =>
    Effect.gen(function*() {
      const mixed = fc.sample(fc.infiniteStream(fc.boolean()), { numRuns: 20, seed: 7 })
      for (const upper of mixed) {
        const spell = (key: string) =>
          [...key].map((letter) => upper.next().value === true ? letter.toUpperCase() : letter.toLowerCase()).join("")
        yield* answered("POST /email", spelled(message, spell))
      }
    }).pipe(Effect.provide(layer)))

  it.effect("inside of what is the caller's own stay as they are", () =>
    Effect.gen(function*() {
      yield* answered("POST /templates", { Name: "t", Alias: "t", Subject: "{{subject}}{{Subject}}", TextBody: "x" })
      yield* answered("POST /email/withTemplate", {
        ...templated,
        templateModel: { subject: "small", Subject: "Big" },
        Metadata: { subject: "a", Tag: "b" }
      })
      const [sent] = yield* (yield* PostmarkDouble.PostmarkDouble).sent
      assert.strictEqual(sent?.subject, "smallBig")
      assert.deepStrictEqual(sent?.metadata, { subject: "a", Tag: "b" })
    }).pipe(Effect.provide(layer)))

  it.effect("that come twice count as the last one says", () =>
    Effect.gen(function*() {
      yield* answered("POST /email", { ...mail, subject: "second" })
      assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent)[0]?.subject, "second")
    }).pipe(Effect.provide(layer)))
})

describe("numbers and flags", () => {
  it.effect("may be text", () =>
    Effect.gen(function*() {
      yield* answered("POST /templates", { Name: "t", Alias: "t", Subject: "s", TextBody: "x" })
      yield* answered("POST /email/withTemplate", {
        ...templated,
        TemplateAlias: undefined,
        TemplateId: "1003801",
        TrackOpens: "true",
        InlineCss: "False"
      })
      assert.isTrue((yield* (yield* PostmarkDouble.PostmarkDouble).sent)[0]?.trackOpens)
      const server = yield* answered("PUT /server", {
        EnableSmtpApiErrorHooks: "true",
        RawEmailEnabled: "TRUE",
        SmtpApiActivated: "false",
        InboundSpamThreshold: "7"
      })
      assert.deepInclude(server, {
        EnableSmtpApiErrorHooks: true,
        RawEmailEnabled: true,
        SmtpApiActivated: false,
        InboundSpamThreshold: 7
      })
      yield* answered("POST /servers", { Name: "Second" })
      const pushed = yield* answered("PUT /templates/push", {
        SourceServerID: "812345",
        DestinationServerID: "812346",
        PerformChanges: "false"
      })
      assert.strictEqual(pushed["TotalCount"], 1)
      const made = yield* run("POST /webhooks", { Url: "http://localhost/", Triggers: { Open: { Enabled: "true" } } })
      assert.include(made.text, `"Open":{"Enabled":true`)
    }).pipe(Effect.provide(layer)))

  it.effect("that are neither are still refused", () =>
    Effect.gen(function*() {
      for (const body of [{ TrackOpens: "perhaps" }, { InboundSpamThreshold: "7 points" }, { TrackOpens: 3 }]) {
        const { json } = yield* run("PUT /server", body)
        assert.strictEqual(json?.["ErrorCode"], 403, JSON.stringify(body))
      }
    }).pipe(Effect.provide(layer)))

  it.effect("that are empty are absent", () =>
    Effect.gen(function*() {
      yield* answered("PUT /server", { TrackOpens: "", InboundSpamThreshold: "" })
      yield* answered("POST /email", { ...mail, TrackOpens: "", TrackLinks: "" })
    }).pipe(Effect.provide(layer)))
})

it.effect("takes the template id 0 as none, and an empty list as an empty model", () =>
  Effect.gen(function*() {
    yield* answered("POST /templates", { Name: "t", Alias: "t", Subject: "s", TextBody: "x" })
    yield* answered("POST /email/withTemplate", { ...templated, TemplateId: 0, TemplateModel: [], Metadata: [] })
    yield* answered("POST /email/batchWithTemplates", {
      Messages: [{ ...templated, TemplateId: 0, TemplateModel: [] }]
    })
    yield* answered("POST /templates/validate", { TextBody: "x", TestRenderModel: [] })
    const { json } = yield* run("POST /email/withTemplate", { ...templated, TemplateAlias: "", TemplateId: 0 })
    assert.strictEqual(json?.["ErrorCode"], 1101)
  }).pipe(Effect.provide(layer)))

it.effect("takes the words of a list in any case", () =>
  Effect.gen(function*() {
    yield* answered("POST /email", { ...mail, TrackLinks: "htmlonly" })
    assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent)[0]?.trackLinks, "HtmlOnly")
    const made = yield* answered("POST /templates", { Name: "l", TextBody: "{{{@content}}}", TemplateType: "layout" })
    assert.strictEqual(made["TemplateType"], "Layout")
  }).pipe(Effect.provide(layer)))

it.effect("takes flags of a query as words and digits, and empty ones as absent", () =>
  Effect.gen(function*() {
    const { bounce } = yield* PostmarkDouble.PostmarkDouble
    yield* bounce(yield* send(), mail.To)
    yield* bounce(yield* send({ To: "bob@example.com" }), "bob@example.com", { type: "SoftBounce" })
    const count = (query: string) =>
      Effect.map(answered(`GET /bounces?count=9&offset=0&${query}`), (json) => json["TotalCount"])
    for (const yes of ["inactive=1", "inactive=True", "inactive=true"]) assert.strictEqual(yield* count(yes), 1, yes)
    for (const no of ["inactive=0", "Inactive=FALSE"]) assert.strictEqual(yield* count(no), 1, no)
    assert.strictEqual(yield* count("inactive=&type=&tag="), 2)
    assert.strictEqual((yield* run("GET /bounces?count=9&offset=0&inactive=maybe")).json?.["ErrorCode"], 1000)
    yield* answered("POST /message-streams/broadcast/archive")
    const streams = (query: string) =>
      Effect.map(answered(`GET /message-streams?${query}`), (json) => json["TotalCount"])
    assert.strictEqual(yield* streams("IncludeArchivedStreams=1"), 3)
    assert.strictEqual(yield* streams("includeArchivedStreams=0"), 2)
    assert.strictEqual(yield* streams("includeArchivedStreams="), 2)
    const { text } = yield* run("POST /webhooks?verify=0", {
      Url: "http://localhost/",
      Triggers: { Open: { Enabled: true } }
    })
    assert.include(text, `"unverified"`)
  }).pipe(Effect.provide(layer)))

describe("dates of a query", () => {
  // 13:00:00.500 in New York.
  const sentAt = "2026-11-01T18:00:00.500Z"
  const cases: ReadonlyArray<readonly [query: string, found: number]> = [
    ["fromdate=2026-11-01T13:00:00", 1],
    ["fromdate=2026-11-01T13:00:00.0000000", 1],
    ["fromdate=2026-11-01T13:00:00.5010000", 0],
    ["todate=2026-11-01T13:00:00", 1],
    ["todate=2026-11-01T13:00:00.0000000", 0],
    ["todate=2026-11-01T13:00:00.5", 1],
    ["fromdate=2026-11-01T18:00:00.000Z", 1],
    ["fromdate=2026-11-01T18:00:01Z", 0],
    ["todate=2026-11-01T17:59:59Z", 0],
    ["fromdate=2026-11-01T20:00:00%2B02:00", 1],
    ["fromdate=2026-11-01T20:00:00+02:00", 1],
    ["fromdate=2026-11-01T20:00:01%2B0200", 0],
    ["fromdate=2026-11-01T13:00:00-05:00", 1],
    ["fromdate=2026-11-1&todate=2026-11-1", 1],
    ["fromdate=2026-11-2", 0],
    ["fromdate=", 1]
  ]
  for (const [query, found] of cases) {
    it.effect(`${query} ${found === 1 ? "covers" : "leaves out"} ${sentAt}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(DateTime.unsafeMake(sentAt).epochMillis)
        yield* send()
        const json = yield* answered(`GET /messages/outbound?count=9&offset=0&${query}`)
        assert.strictEqual(json["TotalCount"], found)
        const stats = yield* answered(`GET /stats/outbound?${query}`)
        assert.strictEqual(stats["Sent"], found)
      }).pipe(Effect.provide(layer)))
  }

  it.effect("that are none are refused", () =>
    Effect.gen(function*() {
      for (
        const text of ["2026-02-30", "2026-11-01T25:00:00Z", "2026-11-01T12:00:00%2B15:00", "yesterday", "2026-11-01Z"]
      ) {
        const { json } = yield* run(`GET /messages/outbound?count=9&offset=0&fromdate=${text}`)
        assert.strictEqual(json?.["ErrorCode"], 700, text)
      }
    }).pipe(Effect.provide(layer)))
})

it.effect("takes base64 with line breaks, wherever an attachment is", () =>
  Effect.gen(function*() {
    const content = `${btoa("x".repeat(45))}\n`.replace(/(.{20})/g, "$1\r\n")
    const Attachments = [{ Name: "a.txt", Content: content, ContentType: "text/plain" }]
    yield* answered("POST /templates", { Name: "t", Alias: "t", Subject: "s", TextBody: "x" })
    yield* answered("POST /email", { ...mail, Attachments })
    yield* answered("POST /email/withTemplate", { ...templated, Attachments })
    for (
      const [line, body] of [["POST /email/batch", [{ ...mail, Attachments }]], [
        "POST /email/batchWithTemplates",
        { Messages: [{ ...templated, Attachments }] }
      ]] as const
    ) {
      const { text } = yield* run(line, body)
      assert.include(text, `"Message":"OK"`, line)
    }
    assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent).length, 4)
    const bad = yield* run("POST /email", { ...mail, Attachments: [{ ...Attachments[0], Content: "a\nb" }] })
    assert.strictEqual(bad.json?.["ErrorCode"], 300)
  }).pipe(Effect.provide(layer)))

it.effect("posts the base64 of an inbound mail without its line breaks", () => {
  const posted: Array<string> = []
  return Effect.gen(function*() {
    const { receiveInbound, settled } = yield* PostmarkDouble.PostmarkDouble
    yield* answered("PUT /server", { InboundHookUrl: "http://localhost/" })
    const attachments = [{ name: "a.txt", content: "aGVs\r\nbG8=\n", contentType: "text/plain" }]
    yield* receiveInbound({ from: "carol@example.com", attachments })
    yield* settled
    assert.match(posted[0] ?? "", /"Content":"aGVsbG8=","ContentType":"text\/plain","ContentLength":5/)
  }).pipe(Effect.provide(layerDouble({
    webhookSender: ({ body }) =>
      Effect.sync(() => {
        posted.push(body)
        return 200
      })
  })))
})

describe("answers that clients match on", () => {
  it.effect("a new stream cannot be archived for as long as the option says", () =>
    Effect.gen(function*() {
      yield* answered("POST /message-streams", { ID: "news", Name: "News", MessageStreamType: "Broadcasts" })
      const early = yield* run("POST /message-streams/news/archive")
      assert.strictEqual(early.json?.["ErrorCode"], 1241)
      assert.include(early.text, "unable to be archived")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* run("POST /message-streams/news/archive")).json?.["ErrorCode"], 1241)
      yield* TestClock.adjust("1 second")
      yield* answered("POST /message-streams/news/archive")
    }).pipe(Effect.provide(layerDouble({ archiveDelay: "3 seconds" }))))

  it.effect("a layout without an alias gets one, and a template does not", () =>
    Effect.gen(function*() {
      const layout = { Name: "l", TextBody: "{{{ @content }}}", TemplateType: "Layout", Alias: null }
      const first = yield* answered("POST /templates", layout)
      const second = yield* answered("POST /templates", layout)
      assert.notStrictEqual(first["Alias"], second["Alias"])
      const body = { Name: "t", Subject: "s", TextBody: "t", LayoutTemplate: first["Alias"] }
      const template = yield* answered("POST /templates", body)
      assert.deepInclude(template, { Alias: null, LayoutTemplate: first["Alias"] })
      yield* answered(`PUT /templates/${field(first, "TemplateId")}`, { Name: "renamed" })
    }).pipe(Effect.provide(layer)))

  it.effect("every template gets an alias if it is asked for, and no two the same", () =>
    Effect.gen(function*() {
      const template = { Name: "t", Subject: "s", TextBody: "t" }
      const taken = yield* answered("POST /templates", { ...template, Alias: "standard-1003802" })
      const { Alias } = yield* answered("POST /templates", template)
      assert.isString(Alias)
      assert.notStrictEqual(Alias, taken["Alias"])
    }).pipe(Effect.provide(layerDouble({ templateAliases: "all" }))))

  it.effect("templates are listed by name", () =>
    Effect.gen(function*() {
      for (const Name of ["c", "a", "b"]) yield* answered("POST /templates", { Name, Subject: "s", TextBody: "t" })
      const { text } = yield* run("GET /templates?count=9&offset=0")
      assert.deepStrictEqual(text.match(/"Name":"\w"/g), [`"Name":"a"`, `"Name":"b"`, `"Name":"c"`])
    }).pipe(Effect.provide(layer)))

  it.effect("looking at the SPF record of a domain tells of it alone", () =>
    Effect.gen(function*() {
      const { ID } = yield* answered("POST /domains", { Name: "example.org" })
      const json = yield* answered(`POST /domains/${ID}/verifyspf`)
      assert.deepStrictEqual(Object.keys(json), ["SPFHost", "SPFVerified", "SPFTextValue"])
      assert.strictEqual((yield* answered(`GET /domains/${ID}`))["SPFVerified"], true)
    }).pipe(Effect.provide(layer)))

  it.effect("the tags of bounces are a list, each once", () =>
    Effect.gen(function*() {
      const { bounce } = yield* PostmarkDouble.PostmarkDouble
      for (const Tag of ["b", "a", "b", ""]) {
        yield* bounce(yield* send({ Tag, MessageStream: "broadcast" }), mail.To, { type: "SoftBounce" })
      }
      yield* send({ Tag: "unbounced" })
      assert.strictEqual((yield* run("GET /bounces/tags")).text, `["a","b"]`)
    }).pipe(Effect.provide(layer)))

  it.effect("statistics count the opens with a read time", () =>
    Effect.gen(function*() {
      const { open } = yield* PostmarkDouble.PostmarkDouble
      const id = yield* send({ HtmlBody: "<p>h</p>", TrackOpens: true })
      yield* open(id, mail.To)
      assert.strictEqual((yield* answered("GET /stats/outbound"))["WithReadTimeRecorded"], 1)
    }).pipe(Effect.provide(layer)))

  it.effect("the time of a send has no zeros at the end of its fraction", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(DateTime.unsafeMake("2026-09-30T16:04:08.500Z").epochMillis)
      const { text } = yield* call("POST", "/email/batch", { body: Array.from({ length: 20 }, () => mail) })
      const times = text.match(/"SubmittedAt":"[^"]*"/g) ?? []
      assert.strictEqual(times[9], `"SubmittedAt":"2026-09-30T16:04:08.500001Z"`)
      assert.strictEqual(times[10], `"SubmittedAt":"2026-09-30T16:04:08.5000011Z"`)
      assert.strictEqual(times[19], `"SubmittedAt":"2026-09-30T16:04:08.500002Z"`)
    }).pipe(Effect.provide(layer)))

  it.effect("a webhook on an inbound stream is refused with the code that is asked for", () =>
    Effect.gen(function*() {
      const { json } = yield* run("POST /webhooks", { Url: "http://localhost/", MessageStream: "inbound" })
      assert.strictEqual(json?.["ErrorCode"], 1301)
    }).pipe(Effect.provide(layerDouble({ inboundWebhookCode: 1301 }))))
})

describe("sender verification", () => {
  const verified = layerDouble({
    autoDeliver: false,
    senderVerification: true,
    servers: [
      { token: PostmarkDouble.demoServerToken, name: "One" },
      { token: "two", name: "Two", allowedSenders: ["example.net"] }
    ]
  })
  const codeOf = (From: string, token?: string) =>
    Effect.map(
      call("POST", "/email", { body: { ...mail, From }, ...(token === undefined ? {} : { token }) }),
      ({ json }) => json?.["ErrorCode"]
    )

  it.effect("refuses a sender that no confirmed signature and no verified domain covers", () =>
    Effect.gen(function*() {
      const answer = yield* run("POST /email", { ...mail, From: "Shop <shop@example.org>" })
      assert.strictEqual(answer.status, 422)
      assert.deepStrictEqual(answer.json, {
        ErrorCode: 400,
        Message:
          "The 'From' address you supplied (Shop <shop@example.org>) is not a Sender Signature on your account. " +
          "Please add and confirm this address in order to be able to use it in the 'From' field of your messages."
      })
    }).pipe(Effect.provide(verified)))

  it.effect("takes a signature once it is confirmed, for that address only", () =>
    Effect.gen(function*() {
      yield* answered("POST /senders", { FromEmail: "shop@example.org", Name: "Shop" })
      assert.strictEqual(yield* codeOf("shop@example.org"), 400)
      yield* (yield* PostmarkDouble.PostmarkDouble).confirmSender("shop@example.org")
      assert.strictEqual(yield* codeOf("Shop <SHOP@example.org>"), 0)
      assert.strictEqual(yield* codeOf("other@example.org"), 400)
    }).pipe(Effect.provide(verified)))

  it.effect("takes every address of a domain once its DKIM is verified", () =>
    Effect.gen(function*() {
      const { ID } = yield* answered("POST /domains", { Name: "example.org" })
      assert.strictEqual(yield* codeOf("any@example.org"), 400)
      yield* answered(`PUT /domains/${ID}/verifyDkim`)
      assert.strictEqual(yield* codeOf("any@example.org"), 0)
      assert.strictEqual(yield* codeOf("any@sub.example.org"), 400)
    }).pipe(Effect.provide(verified)))

  it.effect("takes what the server's settings allow, and the test token takes all", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* codeOf("a@example.net", "two"), 0)
      assert.strictEqual(yield* codeOf("a@example.net"), 400)
      assert.strictEqual(yield* codeOf("a@example.net", "POSTMARK_API_TEST"), 0)
    }).pipe(Effect.provide(verified)))

  it.effect("is off by default", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* codeOf("anybody@example.edu"), 0)
    }).pipe(Effect.provide(layer)))
})
