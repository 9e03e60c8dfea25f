import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

it.effect("refuses what Postmark could not come to", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.suppress("gone@example.com")
    const id = yield* send({ Cc: "gone@example.com", TrackOpens: true })
    yield* double.deliver(id, "ann@example.com")
    const reasons = yield* Effect.forEach([
      double.deliver(id, "ann@example.com"),
      double.deliver("00000000-0000-4000-8000-000000000000", "ann@example.com"),
      double.bounce(id, "bob@example.com"),
      double.deliver(id, "gone@example.com"),
      double.open(id, "ann@example.com"),
      double.suppress("x@example.com", { stream: "nope" }),
      double.suppress("x@example.com", { token: "nobody" })
    ], (wish) => Effect.map(Effect.flip(wish), ({ reason }) => reason))
    assert.deepStrictEqual(reasons, [
      "AlreadyDelivered",
      "UnknownMessage",
      "UnknownRecipient",
      "InactiveRecipient",
      "OpensNotTracked",
      "UnknownStream",
      "UnknownServer"
    ])
    yield* TestClock.adjust("1 minute")
    assert.deepStrictEqual((yield* double.sent)[0]?.events.map(({ type }) => type), ["Delivered"])
  }).pipe(Effect.provide(layerDouble())))

it.effect("leaves messages alone when told to, and wakes those who wait", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const waiting = yield* Effect.fork(double.waitFor(({ sent }) => sent.some(({ events }) => events.length === 1)))
    const id = yield* send()
    yield* TestClock.adjust("1 day")
    yield* double.settled
    assert.isTrue((yield* Fiber.poll(waiting))._tag === "None")
    yield* double.deliver(id, mail.To)
    yield* Fiber.join(waiting)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("does not wait for what is due later", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* send()
    yield* double.settled
    assert.deepStrictEqual((yield* double.sent)[0]?.events, [])
    assert.strictEqual((yield* call("GET", "/server")).json?.["Name"], "Demo")
  }).pipe(Effect.provide(layerDouble())))

it.scopedLive("is directed over HTTP", () =>
  Effect.gen(function*() {
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const request = (method: string, path: string, body?: object, token = "t2") =>
      Effect.promise(async () => {
        const response = await fetch(`${url}${path}`, {
          method,
          headers: { "content-type": "application/json", "x-postmark-server-token": token },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        const json: unknown = await response.json()
        return { status: response.status, json }
      })
    const control = (method: string, path: string, body?: object) => request(method, `/_double${path}`, body)
    assert.deepStrictEqual(yield* control("POST", "/servers", { token: "t2", name: "Two", id: 5 }), {
      status: 200,
      json: { id: 5, name: "Two", token: "t2" }
    })
    assert.strictEqual((yield* control("POST", "/servers", { token: "T2" })).status, 409)
    assert.strictEqual((yield* control("POST", "/servers", { token: 7 })).status, 400)
    assert.deepStrictEqual(
      (yield* control("POST", "/templates", { token: "t2", alias: "a", subject: "s", textBody: "t" })).json,
      {
        id: 1003801
      }
    )
    const sent = yield* request("POST", "/email/withTemplate", {
      From: mail.From,
      To: mail.To,
      TemplateAlias: "a",
      TemplateModel: {}
    })
    assert.strictEqual(sent.status, 200)
    const messages = JSON.stringify((yield* control("GET", "/messages")).json)
    const messageId = /"messageId":"([^"]*)"/.exec(messages)?.[1] ?? ""
    const target = { messageId, recipient: mail.To }
    assert.strictEqual((yield* control("POST", "/deliver", target)).status, 200)
    assert.strictEqual((yield* control("POST", "/deliver", target)).status, 409)
    assert.strictEqual((yield* control("POST", "/bounce", { ...target, type: "SoftBounce" })).status, 200)
    assert.strictEqual((yield* control("POST", "/bounce", { ...target, type: "Nope" })).status, 400)
    assert.strictEqual(
      (yield* control("POST", "/faults", { path: "/server", fault: { kind: "rateLimit" } })).status,
      200
    )
    assert.strictEqual((yield* request("GET", "/server")).status, 429)
    assert.strictEqual((yield* control("DELETE", "/faults")).status, 200)
    assert.strictEqual((yield* request("GET", "/server")).status, 200)
    assert.strictEqual((yield* control("POST", "/reset")).status, 200)
    assert.strictEqual((yield* request("GET", "/server")).status, 401)
    assert.strictEqual((yield* control("GET", "/nothing")).status, 404)
    const form = yield* Effect.promise(() => fetch(`${url}/_double/reset`, { method: "POST", body: "{}" }))
    assert.strictEqual(form.status, 415)
    const empty = yield* Effect.promise(() => fetch(`${url}/email`))
    assert.strictEqual(empty.status, 405)
    assert.strictEqual(empty.headers.get("content-length"), "0")
    const large = JSON.stringify([{
      ...mail,
      Attachments: [{ Name: "a", ContentType: "a/b", Content: "A".repeat(9_000_000) }]
    }, {
      ...mail,
      Attachments: [{ Name: "a", ContentType: "a/b", Content: "A".repeat(9_000_000) }]
    }])
    for (const [path, status] of [["/email/batch", 200], ["/email", 413]] as const) {
      const answer = yield* Effect.promise(() =>
        fetch(`${url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
          body: large
        })
      )
      assert.strictEqual(answer.status, status)
      yield* Effect.promise(() => answer.text())
    }
  }).pipe(
    Effect.provide(
      NodePostmarkDouble.layerServer({ port: 0 }).pipe(Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false })))
    )
  ))

it.effect("delivers at once without a delay, and stops with its scope", () =>
  Effect.gen(function*() {
    const attempts: Array<string> = []
    const double = yield* PostmarkDouble.PostmarkDouble.pipe(
      Effect.tap(() => send()),
      Effect.tap((double) => double.settled),
      Effect.tap(() =>
        call("POST", "/webhooks", { body: { Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } } })
      ),
      Effect.tap(() => send()),
      Effect.tap((double) => double.settled),
      Effect.provide(layerDouble({
        deliveryDelay: 0,
        webhookSender: ({ url }) => Effect.as(Effect.sync(() => attempts.push(url)), 503)
      }))
    )
    assert.deepStrictEqual((yield* double.sent).map(({ events }) => events.length), [1, 1])
    assert.strictEqual(attempts.length, 1)
    yield* TestClock.adjust("1 day")
    assert.strictEqual(attempts.length, 1)
  }))
