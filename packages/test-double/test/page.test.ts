import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Chunk, Context, Effect, Exit, Fiber, Layer, Option, Scope, Stream, TestClock } from "effect"
import { connect } from "node:net"
import { layerDouble, mail, send } from "./kit.ts"

const layerServer = (options: PostmarkDouble.Options = {}) =>
  NodePostmarkDouble.layerServer({ port: 0 }).pipe(
    Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false, ...options }))
  )

const get = (path: string, method = "GET") =>
  Effect.gen(function*() {
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    return yield* Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, { method })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text }
    })
  })

const post = (fields: object) =>
  Effect.gen(function*() {
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const text = yield* Effect.promise(async () => {
      const response = await fetch(`${url}/email`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
        body: JSON.stringify({ ...mail, ...fields })
      })
      return response.text()
    })
    return /"MessageID":"([^"]*)"/.exec(text)?.[1] ?? text
  })

const guards = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store"
}

const assertGuarded = (headers: Headers) => {
  for (const [name, value] of Object.entries(guards)) assert.strictEqual(headers.get(name), value)
}

it.scopedLive("serves the page and its files, and no other file", () =>
  Effect.gen(function*() {
    const page = yield* get("/")
    assert.strictEqual(page.status, 200)
    assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
    assert.strictEqual(
      page.headers.get("content-security-policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assertGuarded(page.headers)
    const head = yield* get("/", "HEAD")
    assert.deepStrictEqual([head.status, head.text, head.headers.get("content-type")], [
      200,
      "",
      "text/html; charset=utf-8"
    ])
    // Every file that the page or one of its modules names is there.
    const files = new Set(Array.from(page.text.matchAll(/"(\/_double\/page\/[^"]+)"/g), ([, path]) => path ?? ""))
    for (const path of files) {
      const file = yield* get(path)
      assert.strictEqual(file.status, 200, path)
      assertGuarded(file.headers)
      for (const [, name] of file.text.matchAll(/^import .* from "\.\/(.+)"$/gm)) files.add(`/_double/page/${name}`)
    }
    assert.isAbove(files.size, 15)
    for (
      const path of [
        "/_double/page/",
        "/_double/page/index.html",
        "/_double/page/%2e%2e%2fpackage.json",
        "/_double/page/..%2f..%2fpackage.json",
        "/_double/page/toString"
      ]
    ) assert.strictEqual((yield* get(path)).status, 404, path)
    // What a program sends here by mistake is Postmark's business.
    assert.strictEqual((yield* get("/", "POST")).status, 404)
    const { requests } = yield* PostmarkDouble.PostmarkDouble
    assert.deepStrictEqual((yield* requests).map(({ method, path }) => `${method} ${path}`), ["POST /"])
  }).pipe(Effect.provide(layerServer())))

it.scopedLive("lists messages by the page, newest first", () =>
  Effect.gen(function*() {
    for (let i = 1; i <= 5; i++) yield* post({ Subject: `s${i}`, Tag: i % 2 === 0 ? "even" : "odd" })
    const list = (query: string) =>
      Effect.map(get(`/_double/inbox${query}`), ({ text }) => {
        const { messages, total }: { readonly messages: ReadonlyArray<{ readonly subject: string }>; total: number } =
          JSON.parse(text)
        return [total, messages.map(({ subject }) => subject).join(" ")]
      })
    assert.deepStrictEqual(yield* list(""), [5, "s5 s4 s3 s2 s1"])
    assert.deepStrictEqual(yield* list("?offset=1&count=2"), [5, "s4 s3"])
    assert.deepStrictEqual(yield* list("?offset=9"), [5, ""])
    assert.deepStrictEqual(yield* list("?offset=-1&count=x"), [5, "s5 s4 s3 s2 s1"])
    assert.deepStrictEqual(yield* list("?search=EVEN&count=1"), [2, "s4"])
    assert.deepStrictEqual(yield* list("?search=odd%20s3"), [1, "s3"])
    assert.deepStrictEqual(yield* list("?search=.*"), [0, ""])
    const inbox = yield* get("/_double/inbox")
    assertGuarded(inbox.headers)
    assert.include(inbox.text, PostmarkDouble.demoServerToken)
    assert.notInclude(inbox.text, "textBody")
    assert.deepStrictEqual((yield* get("/_double/inbox/00000000-0000-4000-8000-000000000000")).text, "null")
  }).pipe(Effect.provide(layerServer())))

it.scopedLive("keeps every token to itself but the one that everybody knows", () =>
  Effect.gen(function*() {
    const paths = ["/", "/_double/inbox"]
    const texts = yield* Effect.forEach(paths, (path) => get(path))
    for (const { text } of texts) assert.notInclude(text, "somebodys-own-token")
  }).pipe(Effect.provide(layerServer({ servers: [{ token: "somebodys-own-token" }] }))))

it.scopedLive("serves a mail's HTML under a policy that makes it inert", () =>
  Effect.gen(function*() {
    const id = yield* post({ HtmlBody: "<LINK\nrel=preconnect><linked><iframe/src=x><p>ü" })
    const html = yield* get(`/_double/messages/${id}/html`)
    assert.strictEqual(html.status, 200)
    assert.strictEqual(html.headers.get("content-type"), "text/html; charset=utf-8")
    assert.match(
      html.headers.get("content-security-policy") ?? "",
      /^sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;/
    )
    assertGuarded(html.headers)
    assert.strictEqual(html.text, "<inert-LINK\nrel=preconnect><linked><inert-iframe/src=x><p>ü")
    const plain = yield* post({})
    assert.strictEqual((yield* get(`/_double/messages/${plain}/html`)).status, 404)
    assert.strictEqual((yield* get("/_double/messages/nothing/html")).status, 404)
  }).pipe(Effect.provide(layerServer())))

it.scopedLive("tells of changes, and stops with the server", () =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(layerServer(), scope)
    const { port, url } = Context.get(services, NodePostmarkDouble.NodePostmarkDouble)
    const response = yield* Effect.promise(() => fetch(`${url}/_double/changes`))
    assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
    assertGuarded(response.headers)
    const reader = response.body?.getReader()
    const next = Effect.promise(async () => new TextDecoder().decode((await reader?.read())?.value))
    assert.strictEqual(yield* next, "retry: 1000\n\n")
    assert.strictEqual(yield* next, "event: change\ndata: {}\n\n")
    yield* Effect.provide(post({}), services)
    assert.match(yield* next, /^(event: change\ndata: \{\}\n\n)+$/)
    // One that reads nothing at all does not hold the server up either.
    yield* Effect.async<void>((resume) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("GET /_double/changes HTTP/1.1\r\nHost: localhost\r\n\r\n")
        socket.once("readable", () => resume(Effect.void))
      })
      socket.on("error", () => socket.destroy())
    })
    yield* Scope.close(scope, Exit.void)
    const ended = yield* Effect.promise(() =>
      (reader?.closed ?? Promise.resolve()).then(() => "ended", () => "broken off")
    )
    assert.include(["ended", "broken off"], ended)
  }))

it.effect("emits at once, and then once for all that changed while nobody looked", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const sendTen = Effect.forEach(Array.from({ length: 10 }), () => send())
    const seen = yield* double.changes.pipe(Stream.mapEffect(() => sendTen), Stream.take(3), Stream.runCollect)
    assert.strictEqual(Chunk.size(seen), 3)
    assert.strictEqual((yield* double.sent).length, 30)
    // Nothing has changed since it was taken.
    const waiting = yield* Effect.fork(double.changes.pipe(Stream.take(2), Stream.runCollect))
    yield* TestClock.adjust("1 day")
    assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
    yield* send()
    assert.strictEqual(Chunk.size(yield* Fiber.join(waiting)), 2)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("hands out copies that stay as they are", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const id = yield* send()
    const [before] = yield* double.sent
    yield* double.deliver(id, mail.To)
    const [after] = yield* double.sent
    assert.deepStrictEqual([before?.events.length, after?.events.length], [0, 1])
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("makes a readable source of what was sent", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const id = yield* send({
      From: "\"The \\\"Shop\\\"\" <shop@example.org>",
      Subject: "Thanks",
      TextBody: "text",
      HtmlBody: "<p>html",
      Metadata: { order: "1" }
    })
    assert.strictEqual(
      yield* double.source(id),
      [
        "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        "From: \"The \\\"Shop\\\"\" <shop@example.org>",
        "To: ann@example.com",
        "Subject: Thanks",
        `X-PM-Message-Id: ${id}`,
        "X-PM-Message-Stream: outbound",
        "X-PM-Metadata-order: 1",
        "MIME-Version: 1.0",
        `Content-Type: multipart/alternative; boundary="alternative-${id}"`,
        "",
        `--alternative-${id}`,
        "Content-Type: text/plain; charset=UTF-8",
        "",
        "text",
        `--alternative-${id}`,
        "Content-Type: text/html; charset=UTF-8",
        "",
        "<p>html",
        `--alternative-${id}--`
      ].join("\r\n")
    )
    assert.strictEqual((yield* Effect.flip(double.source("nothing"))).reason, "UnknownMessage")
  }).pipe(Effect.provide(layerDouble())))

it.scopedLive("tells the worst state of a message's recipients first, with the number of each", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const statesOf = Effect.map(get("/_double/inbox"), ({ text }): unknown => JSON.parse(text).messages[0].states)
    yield* double.suppress("gone@example.com")
    const To = "ann@example.com, bob@example.com, cid@example.com"
    const id = yield* post({
      To,
      Cc: "Dan <DAN@example.com>",
      Bcc: "Gone@example.com",
      TrackOpens: true,
      HtmlBody: "<p>h</p>"
    })
    assert.deepStrictEqual(yield* statesOf, [{ state: "Suppressed", count: 1 }, { state: "Waiting", count: 4 }])
    for (const email of ["ann@example.com", "bob@example.com"]) yield* double.deliver(id, email)
    yield* double.open(id, "ann@example.com")
    yield* double.bounce(id, "dan@example.com", { type: "SoftBounce" })
    assert.deepStrictEqual(yield* statesOf, [
      { state: "Bounced", count: 1 },
      { state: "Suppressed", count: 1 },
      { state: "Waiting", count: 1 },
      { state: "Delivered", count: 1 },
      { state: "Opened", count: 1 }
    ])
    yield* double.spamComplaint(id, "bob@example.com")
    assert.deepInclude(yield* statesOf, { state: "Suppressed", count: 2 })
  }).pipe(Effect.provide(layerServer())))
