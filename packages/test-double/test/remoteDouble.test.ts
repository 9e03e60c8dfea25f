import { ControlError } from "@effect-postmark/test-double/Control"
import * as ControlApi from "@effect-postmark/test-double/ControlApi"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import * as RemoteDouble from "@effect-postmark/test-double/RemoteDouble"
import * as Script from "@effect-postmark/test-double/Script"
import { FetchHttpClient, HttpApi } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { mail } from "./kit.ts"
import { ask } from "./raw.ts"

const Served = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false }))
)

const Remote = Layer.unwrapEffect(
  Effect.map(NodePostmarkDouble.NodePostmarkDouble, ({ url }) => RemoteDouble.layer({ url }))
).pipe(Layer.provide(FetchHttpClient.layer), Layer.provideMerge(Served))

const routesOfApi = (): ReadonlyArray<string> => {
  const routes: Array<string> = []
  HttpApi.reflect(ControlApi.ControlApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { method, path } }) => routes.push(`${method} ${path}`)
  })
  return routes.sort()
}

const routesOfReadme = (): ReadonlyArray<string> => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  // What the page reads is described beside the page.
  const table = readme.slice(readme.indexOf("\n## Control\n")).split("\n").filter((line) => line.startsWith("|")).join(
    "\n"
  )
  return [...table.matchAll(/((?:`[A-Z]+`, )*`[A-Z]+) (\/_double\/[\w-]+)`/g)].flatMap(([, methods = "", path]) =>
    methods.replaceAll("`", "").split(", ").map((method) => `${method} ${path}`)
  ).sort()
}

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: { readonly description?: string } } }
}

it.scopedLive("its OpenAPI document, its routes and the README name the same", () =>
  Effect.gen(function*() {
    const answer = yield* ask("/_double/openapi.json/")
    assert.strictEqual(answer.headers["content-type"], "application/json; charset=utf-8")
    const document: Document = JSON.parse(answer.bytes.toString())
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { description = "" }]) => {
        assert.isAbove(description.length, 10, `${method} ${path}`)
        return `${method.toUpperCase()} ${path}`
      })
    ).sort()
    assert.isAbove(described.length, 10)
    assert.deepStrictEqual(described, routesOfApi())
    assert.deepStrictEqual(described, routesOfReadme())
    for (const route of described) {
      const [method = "", path = ""] = route.split(" ")
      // A field too few is enough to see that somebody is there.
      const { status } = yield* ask(path, { method, ...(method === "POST" ? { body: {} } : {}) })
      assert.include([200, 400], status, route)
      for (const wrong of ["PATCH", "TRACE"]) {
        const none = yield* ask(path, { method: wrong })
        assert.deepStrictEqual([none.status, none.bytes.toString()], [404, `{"message":"no such control"}`])
      }
    }
  }).pipe(Effect.provide(Served)))

it.scopedLive("is a double's handle in another process", () =>
  Effect.gen(function*() {
    const remote = yield* RemoteDouble.RemoteDouble
    const local = yield* PostmarkDouble.PostmarkDouble
    const server = yield* remote.addServer({ payload: { token: "t2", name: "Two", allowedSenders: ["example.org"] } })
    assert.deepStrictEqual((yield* remote.servers()).servers, yield* local.servers)
    assert.strictEqual((yield* remote.servers()).servers[1]?.id, server.id)
    const { id } = yield* remote.addTemplate({ payload: { token: "t2", alias: "a", subject: "s", textBody: "t" } })
    assert.isAbove(id, 0)
    yield* ask("/email", {
      method: "POST",
      body: { ...mail, HtmlBody: "<a href=\"https://example.org\">x</a>", TrackOpens: true, TrackLinks: "HtmlAndText" }
    })
    const { messageId = "" } = (yield* remote.sent()).messages[0] ?? {}
    const target = { messageId, recipient: mail.To }
    yield* remote.deliver({ payload: target })
    yield* remote.open({ payload: target })
    yield* remote.click({ payload: target })
    yield* remote.spamComplaint({ payload: target })
    yield* remote.bounce({ payload: { ...target, type: "SoftBounce", details: "full" } })
    const { messages } = yield* remote.sent()
    assert.deepStrictEqual(messages, yield* local.sent)
    assert.deepStrictEqual(
      messages[0]?.events.map(({ type }) => type),
      ["Delivered", "Opened", "LinkClicked", "SubscriptionChanged", "Bounced"]
    )
    yield* remote.suppress({ payload: { email: "gone@example.com", reason: "HardBounce" } })
    const refused = yield* ask("/email", { method: "POST", body: { ...mail, To: "gone@example.com" } })
    assert.strictEqual(refused.status, 422)
    yield* remote.receiveInbound({ payload: { from: "ann@example.com", subject: "Hello" } })
    yield* remote.injectFault({ payload: { path: "/server", fault: { kind: "resetBeforeReading" } } })
    yield* Effect.flip(ask("/server"))
    yield* remote.clearFaults()
    assert.strictEqual((yield* ask("/server")).status, 200)
    const { requests } = yield* remote.requests()
    assert.deepStrictEqual(requests, yield* local.requests)
    assert.deepStrictEqual(requests.map(({ status }) => status), [200, 422, undefined, 200])
    yield* remote.settled()
    assert.deepStrictEqual((yield* remote.webhookAttempts()).attempts, yield* local.webhookAttempts)
    yield* remote.reset()
    assert.deepStrictEqual((yield* remote.sent()).messages, [])
    assert.strictEqual((yield* local.servers).length, 1)
  }).pipe(Effect.provide(Remote)))

it.scopedLive("moves the clock, follows scripts, goes back to snapshots and starts anew with a scenario, over HTTP", () =>
  Effect.gen(function*() {
    const remote = yield* RemoteDouble.RemoteDouble
    const startTime = new Date("2026-09-30T16:04:08Z")
    yield* remote.load({ payload: { startTime, paused: true, servers: [{ token: "double-demo-server-token" }] } })
    yield* remote.addScript({
      payload: Script.forRecipient(mail.To, Script.deliver({ after: "1 minute" }), Script.open({ after: "1 hour" }))
    })
    assert.strictEqual((yield* ask("/email", { method: "POST", body: mail })).status, 200)
    const { id, messages } = yield* remote.snapshot({})
    assert.deepStrictEqual([id, messages], [1, 1])
    const events = Effect.map(remote.sent({}), ({ messages }) => messages[0]?.events.map(({ type }) => type))
    const { isPaused, now } = yield* remote.advance({ payload: { by: 7_200_000 } })
    assert.deepStrictEqual([now.toJSON(), isPaused], ["2026-09-30T18:04:08.000Z", true])
    assert.deepStrictEqual(yield* events, ["Delivered"])
    const { steps } = yield* remote.skippedSteps({})
    assert.deepStrictEqual(steps.map(({ reason, step }) => `${step}: ${reason}`), ["open: OpensNotTracked"])
    yield* remote.restore({ payload: { id } })
    assert.deepStrictEqual(yield* events, [])
    assert.strictEqual((yield* remote.clock({})).now.toJSON(), "2026-09-30T16:04:08.000Z")
    const { reason } = yield* remote.restore({ payload: { id: 2 } }).pipe(
      Effect.catchAll((error) => error._tag === "ControlError" ? Effect.succeed(error) : Effect.fail(error)),
      Effect.filterOrFail((answer) => answer instanceof ControlError)
    )
    assert.strictEqual(reason, "UnknownSnapshot")
    assert.isFalse((yield* remote.resume({})).isPaused)
    assert.isTrue((yield* remote.pause({})).isPaused)
    yield* remote.clearScripts({})
    const bad = yield* ask("/_double/scripts", {
      method: "POST",
      body: { steps: [{ kind: "deliver", after: "soon" }] }
    })
    assert.strictEqual(bad.status, 400)
    assert.include(bad.bytes.toString(), "after")
  }).pipe(Effect.provide(Remote)))

it.scopedLive("tells of webhooks what the double knows", () =>
  Effect.gen(function*() {
    const remote = yield* RemoteDouble.RemoteDouble
    const local = yield* PostmarkDouble.PostmarkDouble
    yield* ask("/webhooks", {
      method: "POST",
      body: { Url: "http://hook.example/", Triggers: { Delivery: { Enabled: true } } }
    })
    yield* ask("/email", { method: "POST", body: mail })
    const { messageId = "" } = (yield* local.sent)[0] ?? {}
    yield* remote.deliver({ payload: { messageId, recipient: mail.To } })
    yield* remote.settled()
    const { attempts } = yield* remote.webhookAttempts()
    assert.deepStrictEqual(attempts, yield* local.webhookAttempts)
    assert.deepStrictEqual(attempts.map(({ outcome, status }) => [outcome, status]), [["refused", undefined]])
  }).pipe(Effect.provide(Remote)))

it.scopedLive("fails with the reason for which the double refuses", () =>
  Effect.gen(function*() {
    const remote = yield* RemoteDouble.RemoteDouble
    const error = yield* Effect.flip(remote.deliver({ payload: { messageId: "none", recipient: "a@example.com" } }))
    assert.strictEqual(error._tag, "ControlError")
    if (error._tag === "ControlError") assert.strictEqual(error.reason, "UnknownMessage")
    const unknown = yield* Effect.flip(remote.confirmSender({ payload: { email: "a@example.com" } }))
    assert.strictEqual(unknown._tag, "ControlError")
  }).pipe(Effect.provide(Remote)))

it.scopedLive("names the field of a bad body, and wants JSON of every POST", () =>
  Effect.gen(function*() {
    const post = (path: string, body: object, headers = {}) => ask(`/_double${path}`, { method: "POST", body, headers })
    const cases = [
      ["/deliver", { messageId: 1, recipient: "a@example.com" }, /messageId/],
      ["/deliver", { messageId: "1" }, /recipient/],
      ["/servers", { token: "" }, /token/],
      ["/bounce", { messageId: "1", recipient: "a@example.com", type: "Nope" }, /type/],
      ["/faults", { fault: { kind: "latency", millis: "1" } }, /millis/]
    ] as const
    for (const [path, body, field] of cases) {
      const answer = yield* post(path, body)
      assert.strictEqual(answer.status, 400, path)
      assert.match(answer.bytes.toString(), /"message":/)
      assert.match(answer.bytes.toString(), field)
    }
    const nothing = yield* ask("/_double/deliver", { method: "POST" })
    assert.strictEqual(nothing.status, 400)
    assert.match(nothing.bytes.toString(), /messageId/)
    const conflict = yield* post("/deliver", { messageId: "1", recipient: "a@example.com" })
    assert.strictEqual(conflict.status, 409)
    assert.deepInclude(JSON.parse(conflict.bytes.toString()), { reason: "UnknownMessage", message: "no message 1" })
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]) {
      for (const path of ["/reset", "/deliver"]) {
        assert.strictEqual((yield* post(path, {}, { "content-type": type })).status, 415, type)
      }
    }
    const withCharset = { "content-type": "application/json; charset=utf-8" }
    assert.strictEqual((yield* post("/reset", {}, withCharset)).status, 200)
  }).pipe(Effect.provide(Served)))

it.scopedLive("says that a body is no JSON", () =>
  Effect.gen(function*() {
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const answer = yield* Effect.promise(async () => {
      const response = await fetch(`${url}/_double/deliver`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{"
      })
      return { status: response.status, text: await response.text() }
    })
    assert.strictEqual(answer.status, 400)
    assert.match(answer.text, /"message":"the body is not valid JSON"/)
  }).pipe(Effect.provide(Served)))
