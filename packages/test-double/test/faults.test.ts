import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpClientError } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

const post = call("POST", "/email", { body: mail })

const codeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && "code" in error.cause ? error.cause.code : error

it.effect("answers with a fault in place of Postmark, and does nothing", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault({ method: "post", path: "/Email/", first: 1, fault: { kind: "rateLimit" } })
    yield* double.injectFault({ path: "/email", nth: 2, fault: { kind: "rateLimit", retryAfter: 7 } })
    yield* double.injectFault({
      path: "/email",
      nth: 3,
      fault: { kind: "status", status: 503, headers: { "X-Y": "z" } }
    })
    yield* double.injectFault({
      path: "/email",
      nth: 4,
      fault: { kind: "status", status: 403, body: "<html>", headers: { "content-type": "text/html" } }
    })
    yield* double.injectFault({ path: "/ema*", nth: 5, fault: { kind: "body", body: "" } })
    const answers = yield* Effect.forEach([1, 2, 3, 4, 5], () => post)
    assert.deepStrictEqual(answers.map(({ status }) => status), [429, 429, 503, 403, 200])
    assert.deepStrictEqual(answers[0]?.json, { ErrorCode: 429, Message: "Rate Limit Exceeded" })
    assert.isUndefined(answers[0]?.headers["retry-after"])
    assert.strictEqual(answers[1]?.headers["retry-after"], "7")
    assert.strictEqual(answers[2]?.json?.["ErrorCode"], 100)
    assert.strictEqual(answers[2]?.headers["x-y"], "z")
    assert.strictEqual(answers[4]?.text, "")
    assert.deepStrictEqual(yield* double.sent, [])
    yield* send()
    assert.strictEqual((yield* double.sent).length, 1)
    assert.deepStrictEqual((yield* double.requests).map(({ status }) => status), [429, 429, 503, 403, 200, 200])
  }).pipe(Effect.provide(layerDouble())))

it.effect("takes the request, and spoils the answer", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault({ every: 2, fault: { kind: "truncate", length: 10 } })
    yield* double.injectFault({ nth: 3, fault: { kind: "body", body: "<p>ok</p>", accept: true } })
    assert.strictEqual((yield* post).status, 200)
    const cut = yield* post
    assert.strictEqual(cut.text.length, 10)
    assert.isUndefined(cut.json)
    assert.strictEqual((yield* double.sent).length, 2)
    assert.strictEqual((yield* post).text, "<p>ok</p>")
    assert.strictEqual((yield* double.sent).length, 3)
  }).pipe(Effect.provide(layerDouble())))

for (const [kind, accepted] of [["resetBeforeReading", 0], ["resetAfterAcceptance", 1]] as const) {
  it.effect(`${kind} in process, through the client and through fetch`, () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.injectFault({ fault: { kind } })
      const error = yield* Effect.flip(post)
      assert.instanceOf(error, HttpClientError.RequestError)
      assert.strictEqual(error.reason, "Transport")
      assert.strictEqual(codeOf(error), "ECONNRESET")
      assert.strictEqual((yield* double.sent).length, accepted)
      const fetch = yield* PostmarkDouble.fetch
      const rejected = yield* Effect.promise(() => fetchMail(fetch, "https://api.postmarkapp.com").catch(codeOf))
      assert.strictEqual(rejected, "ECONNRESET")
      assert.strictEqual((yield* double.sent).length, accepted * 2)
    }).pipe(Effect.provide(layerDouble())))

  it.scopedLive(`${kind} breaks a real connection`, () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
      yield* double.injectFault({ nth: 2, fault: { kind } })
      const first = yield* Effect.promise(() => fetchMail(fetch, url))
      assert.strictEqual(first, 200)
      // What undici makes of a reset depends on where in the answer it was.
      const rejected = yield* Effect.promise(() => fetchMail(fetch, url).catch(codeOf))
      assert.include(["ECONNRESET", "UND_ERR_SOCKET"], rejected)
      assert.strictEqual(yield* Effect.promise(() => fetchMail(fetch, url)), 200)
      assert.strictEqual((yield* double.sent).length, 2 + accepted)
    }).pipe(
      Effect.provide(NodePostmarkDouble.layerServer({ port: 0 }).pipe(Layer.provideMerge(PostmarkDouble.layer())))
    ))
}

it.effect("is slow on the test's clock, before or after it takes the request", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault({ nth: 1, fault: { kind: "latency", millis: 3000 } })
    yield* double.injectFault({ nth: 2, fault: { kind: "latency", millis: 3000, phase: "after" } })
    const before = yield* Effect.fork(Effect.timeout(post, "2 seconds"))
    yield* TestClock.adjust("2 seconds")
    assert.strictEqual((yield* Effect.flip(Fiber.join(before)))._tag, "TimeoutException")
    assert.strictEqual((yield* double.sent).length, 0)
    const after = yield* Effect.fork(Effect.timeout(post, "2 seconds"))
    yield* TestClock.adjust("2 seconds")
    assert.strictEqual((yield* Effect.flip(Fiber.join(after)))._tag, "TimeoutException")
    assert.strictEqual((yield* double.sent).length, 1)
    const fine = yield* Effect.fork(post)
    assert.strictEqual((yield* Fiber.join(fine)).status, 200)
  }).pipe(Effect.provide(layerDouble())))

it.effect("forgets everything on reset, work under way included", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addServer({ token: "extra" })
    yield* double.injectFault({ path: "/server", fault: { kind: "rateLimit" } })
    yield* call("POST", "/webhooks", {
      body: { Url: "http://localhost:1/", Triggers: { Delivery: { Enabled: true } } }
    })
    const first = yield* send()
    yield* double.reset
    yield* TestClock.adjust("1 hour")
    assert.deepStrictEqual(yield* double.sent, [])
    assert.deepStrictEqual(yield* double.webhookAttempts, [])
    assert.strictEqual((yield* call("GET", "/server")).status, 200)
    assert.strictEqual((yield* call("GET", "/server", { token: "extra" })).status, 401)
    assert.strictEqual(yield* send(), first)
  }).pipe(Effect.provide(layerDouble())))

const fetchMail = async (fetch: typeof globalThis.fetch, base: string): Promise<unknown> => {
  const response = await fetch(`${base}/email`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
    body: JSON.stringify(mail)
  })
  await response.text()
  return response.status
}
