/** The control API names the field that is wrong, and says nothing of what stood there. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import * as Scenario from "@effect-postmark/test-double/Scenario"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ask } from "./raw.ts"

const served = Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())

const webhook = { url: "http://localhost/", triggers: ["Delivery"] }

it.scopedLive("quotes no value of a bad body", () =>
  Effect.gen(function*() {
    const cases: ReadonlyArray<readonly [path: string, body: object, field: string]> = [
      ["/_double/servers", { token: 987654321 }, "token"],
      ["/_double/servers", { token: { text: "987654321" } }, "token"],
      [
        "/_double/servers",
        { token: "t", webhooks: [{ ...webhook, httpAuth: { username: "u", password: 987654321 } }] },
        "webhooks.0.httpAuth.password"
      ],
      ["/_double/servers", { token: "t", webhooks: [{ ...webhook, httpAuth: "987654321" }] }, "webhooks.0.httpAuth"],
      ["/_double/scenario", { accountToken: 987654321 }, "accountToken"],
      ["/_double/scenario", ["987654321"], ""],
      ["/_double/advance", { by: "987654321 years" }, "by"]
    ]
    for (const [path, body, field] of cases) {
      const answer = yield* ask(path, { method: "POST", body })
      const text = answer.bytes.toString()
      assert.strictEqual(answer.status, 400, text)
      assert.notInclude(text, "987654321")
      assert.strictEqual(JSON.parse(text).issues[0].path.join("."), field)
    }
  }).pipe(Effect.provide(served)))

it.scopedLive("moves the clock on by a century at most", () =>
  Effect.gen(function*() {
    for (const by of [1e17, "36526 days"]) {
      const answer = yield* ask("/_double/advance", { method: "POST", body: { by } })
      assert.strictEqual(answer.status, 400)
      assert.include(answer.bytes.toString(), "at most 100 years")
    }
    assert.strictEqual((yield* ask("/_double/advance", { method: "POST", body: { by: "36525 days" } })).status, 200)
  }).pipe(Effect.provide(served)))

it.effect("quotes nothing of a text that is no YAML", () =>
  Effect.gen(function*() {
    for (const text of ["servers: *secret", "seed: x\nsecret", "]secret", "seed: \"secret\\q\"", "seed: @secret"]) {
      const { message } = yield* Effect.flip(Scenario.parse(text))
      assert.notInclude(message, "secret")
      assert.include(message, "not YAML or JSON")
    }
  }))
