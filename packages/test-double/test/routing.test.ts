import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

it.effect("refuses a wrong method with an empty body, before it looks at the token", () =>
  Effect.gen(function*() {
    for (
      const [method, path] of [["GET", "/email"], ["DELETE", "/messages/outbound"], [
        "PUT",
        "/messages/outbound/opens"
      ]] as const
    ) {
      const answer = yield* call(method, path, { token: "nobody" })
      assert.strictEqual(answer.status, 405)
      assert.strictEqual(answer.text, "")
    }
  }).pipe(Effect.provide(layerDouble())))

it.effect("takes paths and query keys in any case, and trailing slashes", () =>
  Effect.gen(function*() {
    yield* send({ Tag: "one" })
    yield* send({ Tag: "two" })
    for (
      const path of ["/messages/outbound?count=5&offset=0&tag=one", "/Messages/OUTBOUND/?Count=5&OFFSET=0&Tag=one"]
    ) {
      const answer = yield* call("GET", path)
      assert.strictEqual(answer.json?.["TotalCount"], 1, path)
    }
    assert.strictEqual((yield* call("POST", "/Email/WITHtemplate/", { body: { ...mail } })).status, 422)
  }).pipe(Effect.provide(layerDouble())))

it.effect("says 404 where Postmark has nothing", () =>
  Effect.gen(function*() {
    for (const path of ["/nothing", "/email/one/two", "/stats/inbound", "/templates/1/2"]) {
      assert.strictEqual((yield* call("GET", path)).status, 404, path)
    }
  }).pipe(Effect.provide(layerDouble())))

it.effect("wants a token that it knows, in any case", () =>
  Effect.gen(function*() {
    for (const token of ["", "nobody"]) {
      const answer = yield* call("GET", "/server", { token })
      assert.strictEqual(answer.status, 401)
      assert.deepStrictEqual(answer.json, { ErrorCode: 10, Message: "Request does not contain a valid Server token." })
      assert.strictEqual(answer.headers["x-pm-apierrorcode"], "10")
    }
    assert.strictEqual(
      (yield* call("GET", "/server", { token: PostmarkDouble.demoServerToken.toUpperCase() })).status,
      200
    )
  }).pipe(Effect.provide(layerDouble())))

it.effect("wants JSON, and says so with 415 before it reads any", () =>
  Effect.gen(function*() {
    assert.strictEqual(
      (yield* call("POST", "/email", { body: "{", headers: { "content-type": "text/plain" } })).status,
      415
    )
    const answer = yield* call("POST", "/email", { body: "{" })
    assert.strictEqual(answer.status, 422)
    assert.strictEqual(answer.json?.["ErrorCode"], 402)
  }).pipe(Effect.provide(layerDouble())))

it.effect("keeps servers apart", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { token } = yield* double.addServer({ token: "second" })
    const id = yield* send()
    yield* call("POST", "/webhooks", { body: { Url: "http://127.0.0.1:1/" } })
    yield* double.suppress("gone@example.com")
    const theirs = yield* call("GET", "/messages/outbound?count=10&offset=0", { token })
    assert.strictEqual(theirs.json?.["TotalCount"], 0)
    const details = yield* call("GET", `/messages/outbound/${id}/details`, { token })
    assert.deepStrictEqual(details.json, { ErrorCode: 701, Message: "This message was not found." })
    assert.deepStrictEqual((yield* call("GET", "/webhooks", { token })).json, { Webhooks: [] })
    assert.strictEqual((yield* call("GET", "/stats/outbound", { token })).json?.["Sent"], 0)
    yield* send({ To: "gone@example.com" }, token)
    assert.strictEqual((yield* call("GET", `/messages/outbound/${id}`)).json?.["MessageID"], id)
    const taken = yield* Effect.flip(double.addServer({ token: "SECOND" }))
    assert.strictEqual(taken.reason, "TokenTaken")
  }).pipe(Effect.provide(layerDouble())))
