import { NodePostmarkDouble, NodeSmtpServer, PostmarkDouble } from "@effect-postmark/test-double"
import type { WebhookSender } from "@effect-postmark/test-double/WebhookSender"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { connect } from "node:net"
import { call } from "./kit.ts"
import { envelope, layerSmtp, mail, sendMail, talk } from "./smtpKit.ts"

const { demoServerToken, PostmarkDouble: Double } = PostmarkDouble
const only = Effect.map(Effect.flatMap(Double, ({ sent }) => sent), (sent) => {
  const [message] = sent
  if (message === undefined || sent.length > 1) throw new Error(`${sent.length} messages`)
  return message
})

it.effect("reads all of a message that nodemailer writes", () =>
  Effect.gen(function*() {
    const response = yield* sendMail({
      from: "\"The Shop, Ltd.\" <shop@example.org>",
      to: "Ann Á <ann@example.com>, bob@example.com",
      cc: "cc@example.com",
      bcc: "hidden@example.com",
      replyTo: "help@example.org",
      subject: "Beleg № 7 – ö",
      text: "Grüße",
      html: "<p>Grüße <img src=\"cid:logo\"></p>",
      headers: {
        "X-PM-Tag": "receipt",
        "X-PM-TrackOpens": "true",
        "X-PM-TrackLinks": "HtmlOnly",
        "X-PM-Metadata-order": "7",
        "X-Custom": "kept"
      },
      attachments: [
        { filename: "bill.pdf", content: Buffer.from("pdf") },
        { filename: "logo.png", content: Buffer.from("png"), cid: "logo" }
      ]
    })
    const message = yield* only
    assert.strictEqual(response, `250 OK ${message.messageId}`)
    assert.deepInclude(message, {
      from: "shop@example.org",
      to: ["ann@example.com", "bob@example.com"],
      cc: ["cc@example.com"],
      bcc: ["hidden@example.com"],
      subject: "Beleg № 7 – ö",
      textBody: "Grüße",
      tag: "receipt",
      stream: "outbound",
      trackOpens: true,
      trackLinks: "HtmlOnly",
      // As nodemailer spells it.
      metadata: { Order: "7" },
      headers: [{ Name: "X-Custom", Value: "kept" }],
      // In the order of the parts: the picture is beside the HTML that shows it.
      attachments: ["logo.png", "bill.pdf"]
    })
    assert.include(message.replyTo, "help@example.org")
    assert.include(message.htmlBody, "<p>Grüße <img src=\"cid:logo\"></p>")
  }).pipe(Effect.provide(layerSmtp())))

it.effect("keeps the Message-ID only if it is asked to", () =>
  Effect.gen(function*() {
    yield* sendMail({ messageId: "<a@example.org>" })
    yield* sendMail({ messageId: "<b@example.org>", headers: { "X-PM-KeepID": "true" } })
    const { sent } = yield* Double
    assert.deepStrictEqual((yield* sent).map(({ headers }) => headers), [
      [],
      [{ Name: "Message-ID", Value: "<b@example.org>" }]
    ])
  }).pipe(Effect.provide(layerSmtp())))

it.effect("delivers to the envelope, not to the headers", () =>
  Effect.gen(function*() {
    yield* sendMail({
      to: "shown@example.com, ANN@example.com",
      envelope: { from: "shop@example.org", to: ["ann@example.com", "blind@example.com"] }
    })
    assert.deepInclude(yield* only, { to: ["ANN@example.com"], bcc: ["blind@example.com"] })
  }).pipe(Effect.provide(layerSmtp())))

it.effect("reads a body in another charset", () =>
  Effect.gen(function*() {
    const source = Buffer.from(
      "To: ann@example.com\r\nFrom: shop@example.org\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n.\r\n",
      "latin1"
    )
    const replies = yield* talk([...envelope("ann@example.com"), "DATA", source])
    assert.match(replies.at(-1) ?? "", /^250 OK /)
    assert.strictEqual((yield* only).textBody, "Grüße")
  }).pipe(Effect.provide(layerSmtp())))

const smtpTokens = [{ accessKey: "key-b", secretKey: "secret-b", stream: "broadcast" }]

it.effect("opens with a server token or an SMTP token, and refuses all else", () =>
  Effect.gen(function*() {
    const cases = [
      ["mine", "mine", /^250 /],
      ["MINE", "mine", /^250 /],
      ["key-b", "secret-b", /^250 /],
      ["POSTMARK_API_TEST", "POSTMARK_API_TEST", /^250 Test job accepted/],
      ["mine", "other", /^535 /],
      ["other", "other", /^535 /],
      ["key-b", "key-b", /^535 /],
      ["key-b", "SECRET-B", /^535 /],
      ["0a1b2c3d-0000-4000-8000-00000000cafe", "0a1b2c3d-0000-4000-8000-00000000cafe", /^535 .*looks like a real one/]
    ] as const
    for (const [user, pass, expected] of cases) {
      const response = yield* sendMail({}, { user, pass })
      assert.match(response, expected, user)
      assert.notInclude(response, "cafe")
    }
    const { sent } = yield* Double
    assert.deepStrictEqual((yield* sent).map(({ stream }) => stream), ["outbound", "outbound", "broadcast"])
    yield* call("PUT", "/server", { token: "mine", body: { SmtpApiActivated: false } })
    assert.match(yield* sendMail({}, { user: "mine", pass: "mine" }), /^535 /)
  }).pipe(Effect.provide(layerSmtp({ servers: [{ token: "mine", smtpTokens }] }))))

it.effect("refuses an SMTP token that looks real in its options", () =>
  Effect.gen(function*() {
    const secretKey = "0a1b2c3d-0000-4000-8000-00000000cafe"
    const exit = yield* Effect.exit(
      PostmarkDouble.make({ servers: [{ token: "t", smtpTokens: [{ accessKey: "a", secretKey }] }] })
    )
    assert.include(String(exit), "servers[0].smtpTokens[0].secretKey looks like a real token")
    assert.notInclude(String(exit), "cafe")
  }).pipe(Effect.scoped))

it.effect("logs in by CRAM-MD5", () =>
  Effect.gen(function*() {
    const { host, port } = yield* NodeSmtpServer.NodeSmtpServer
    const { createTransport } = yield* Effect.promise(() => import("nodemailer"))
    const transport = createTransport({
      host,
      port,
      authMethod: "CRAM-MD5",
      auth: { user: demoServerToken, pass: demoServerToken }
    })
    const { response } = yield* Effect.promise(() => transport.sendMail(mail))
    assert.match(response, /^250 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("sends through the stream that a header names", () =>
  Effect.gen(function*() {
    yield* sendMail({ headers: { "X-PM-Message-Stream": "broadcast" } })
    assert.strictEqual((yield* only).stream, "broadcast")
    const response = yield* sendMail({ headers: { "X-PM-Message-Stream": "nowhere" } })
    assert.match(response, /^550 The stream provided: 'nowhere' does not exist/)
  }).pipe(Effect.provide(layerSmtp())))

const webhook = { url: "http://127.0.0.1:9/hook", triggers: ["Delivery", "Bounce"] } as const

it.effect("posts webhooks of a message that came by SMTP", () =>
  Effect.gen(function*() {
    yield* sendMail()
    const { settled, webhookAttempts } = yield* Double
    yield* settled
    const attempts = yield* webhookAttempts
    assert.deepStrictEqual(attempts.map(({ messageId, recordType }) => [recordType, messageId]), [
      ["Delivery", (yield* only).messageId]
    ])
  }).pipe(
    Effect.provide(layerSmtp({ servers: [{ token: demoServerToken, webhooks: [webhook] }], webhookSender: taken }))
  ))

const taken: WebhookSender = () => Effect.succeed(200)

for (const hooks of [false, true]) {
  it.effect(`answers a suppressed recipient with an SMTPApiError, ${hooks ? "and" : "but without"} a webhook`, () =>
    Effect.gen(function*() {
      const { settled, webhookAttempts } = yield* Double
      assert.match(yield* sendMail({ to: "gone@example.com" }), /^250 /)
      yield* settled
      const bounces = (yield* call("GET", "/bounces?count=10&offset=0")).json?.["Bounces"]
      const [bounce, ...others] = Array.isArray(bounces) ? bounces : []
      assert.deepStrictEqual([bounce.Type, bounce.TypeCode, bounce.Email, others.length], [
        "SMTPApiError",
        100_007,
        "gone@example.com",
        0
      ])
      assert.deepInclude((yield* call("GET", "/stats/outbound")).json, { SMTPApiErrors: 1, Bounced: 0 })
      assert.deepStrictEqual((yield* webhookAttempts).map(({ recordType }) => recordType), hooks ? ["Bounce"] : [])
    }).pipe(Effect.provide(layerSmtp({
      servers: [{
        token: demoServerToken,
        webhooks: [webhook],
        enableSmtpApiErrorHooks: hooks,
        suppressions: [{ email: "gone@example.com" }]
      }],
      webhookSender: taken
    }))))
}

it.effect("takes 50 recipients, and no more", () =>
  Effect.gen(function*() {
    const many = Array.from({ length: 51 }, (_, i) => `r${i}@example.com`)
    const replies = yield* talk(envelope(...many))
    assert.deepStrictEqual(replies.slice(4).map((reply) => reply.slice(0, 3)), [...Array(50).fill("250"), "452"])
  }).pipe(Effect.provide(layerSmtp())))

const start = "From: shop@example.org\r\nTo: ann@example.com\r\n"
const hostile = {
  "a header beyond the limit": [`${start}X-A: ${"a".repeat(300_000)}\r\n\r\nt`, /^554 /],
  "parts nested too deeply": [
    `${start}${
      Array.from({ length: 100 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join("")
    }\r\nt`,
    /^554 /
  ],
  "no body": [`${start}\r\n`, /^550 Provide either email TextBody or HtmlBody/],
  "no From": ["To: ann@example.com\r\n\r\nt", /^550 Invalid 'From' value/],
  "nothing at all": ["", /^550 /],
  "bytes at random": [String.fromCharCode(...Array.from({ length: 500 }, (_, i) => (i * 7919) % 256 || 1)), /^55[04] /],
  "a forbidden attachment": [
    `${start}Content-Type: application/octet-stream; name=a.exe\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nt`,
    /^550 /
  ],
  "more than the size": [`${start}\r\n${"a\r\n".repeat(200_000)}`, /^552 .*larger than 500000 bytes/]
} as const
for (const [name, [source, expected]] of Object.entries(hostile)) {
  it.effect(`refuses ${name}, and takes the next good message`, () =>
    Effect.gen(function*() {
      const replies = yield* talk([...envelope("ann@example.com"), "DATA", Buffer.from(`${source}\r\n.\r\n`, "latin1")])
      assert.match(replies.at(-1) ?? "", expected)
      assert.match(yield* sendMail(), /^250 /)
      yield* only
    }).pipe(Effect.provide(layerSmtp({}, { maxBytes: 500_000 }))))
}

it.effect("refuses commands out of turn, and recipients that are no addresses", () =>
  Effect.gen(function*() {
    const cases = [
      [["EHLO a", "MAIL FROM:<shop@example.org>"], /^530 /],
      [["EHLO a", "STARTTLS"], /^50[02] /],
      [["EHLO a", "MAIL FROM:<shop@example.org> SIZE=99999999999"], /^5/],
      [[...envelope("none")], /^5/],
      [[...envelope(), "DATA"], /^503 /],
      [["EHLO a", "x".repeat(40_000)], /^[45]|^250/]
    ] as const
    for (const [lines, expected] of cases) assert.match((yield* talk(lines)).at(-1) ?? "", expected, lines.at(-1))
    assert.match(yield* sendMail(), /^250 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("serves others while one client is silent in the middle of its message", () =>
  Effect.gen(function*() {
    const { host, port } = yield* NodeSmtpServer.NodeSmtpServer
    const silent = connect(port, host)
    silent.on("error", () => {})
    yield* Effect.async<void>((resume) => void silent.once("data", () => resume(Effect.void)))
    silent.write("EHLO a\r\nMAIL")
    assert.match(yield* sendMail(), /^250 /)
    silent.resetAndDestroy()
    assert.match(yield* sendMail(), /^250 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("keeps nothing of a message whose client goes away before its end", () =>
  Effect.gen(function*() {
    const { host, port } = yield* NodeSmtpServer.NodeSmtpServer
    const socket = connect(port, host)
    const lines = [...envelope("ann@example.com"), "DATA", `${start}\r\nhalf`]
    yield* Effect.async<void>((resume) => {
      socket.on("data", (chunk) => {
        if (/^\d{3}-/.test(String(chunk)) && !/\r\n\d{3} [^\n]*\n$/.test(String(chunk))) return
        const next = lines.shift()
        socket.write(`${next}\r\n`)
        if (lines.length === 0) socket.end()
      })
      socket.on("close", () => resume(Effect.void))
    })
    const { sent } = yield* Double
    assert.deepStrictEqual(yield* sent, [])
    assert.match(yield* sendMail(), /^250 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("closes a connection that says nothing", () =>
  Effect.gen(function*() {
    const { host, port } = yield* NodeSmtpServer.NodeSmtpServer
    const text = yield* Effect.async<string>((resume) => {
      let text = ""
      connect(port, host).on("data", (chunk) => text += chunk).on("close", () => resume(Effect.succeed(text)))
    })
    assert.match(text, /(^|\r\n)421 /)
  }).pipe(Effect.provide(layerSmtp({}, { idleTimeout: 20 }))))

it.effect("stops at once beside an idle client, and frees the port", () =>
  Effect.gen(function*() {
    const double = yield* Double
    const scope = yield* Scope.make()
    const make = (port: number) => NodeSmtpServer.make({ port }).pipe(Effect.provideService(Double, double))
    const { host, port } = yield* Scope.extend(make(0), scope)
    const socket = connect(port, host)
    socket.on("error", () => {})
    yield* Effect.async<void>((resume) => void socket.once("data", () => resume(Effect.void)))
    assert.strictEqual((yield* Effect.flip(make(port)))._tag, "ServeError")
    yield* Scope.close(scope, Exit.void)
    assert.strictEqual((yield* make(port)).port, port)
  }).pipe(Effect.scoped, Effect.provide(PostmarkDouble.layerTest())))

it.effect("shows the message on the page of the double beside it", () =>
  Effect.gen(function*() {
    const { smtp, url } = yield* NodePostmarkDouble.NodePostmarkDouble
    if (smtp === undefined) return assert.fail("no SMTP")
    yield* Effect.provideService(sendMail(), NodeSmtpServer.NodeSmtpServer, smtp)
    const ask = (path: string) => Effect.promise(async () => (await fetch(url + path)).text())
    assert.include(yield* ask("/_double/inbox"), "Your receipt")
    assert.include(yield* ask("/_double/messages"), "Your receipt")
  }).pipe(Effect.provide(
    Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0, smtp: { port: 0 } }), PostmarkDouble.layerTest())
  )))
