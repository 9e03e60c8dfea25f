/** Each row is provoked on a double of its own, which then goes on as before. */
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { allowed, attachment, push, rows, run, sender, template } from "./errorRows.ts"
import { call, layerDouble, mail, send } from "./kit.ts"

describe("codes and texts", () => {
  for (const { before = [], code, request: [line, body], status = 422, text } of rows) {
    it.effect(`${code} ${text}`, () =>
      Effect.gen(function*() {
        for (const [first, given] of before) {
          const answer = yield* run(first, given)
          assert.strictEqual(answer.status, 200, `${first} ${answer.text}`)
        }
        const answer = yield* run(line, body)
        assert.deepStrictEqual(answer.json, { ErrorCode: code, Message: text })
        assert.strictEqual(answer.status, status)
        assert.strictEqual(answer.headers["x-pm-apierrorcode"], String(code))
        // It goes on as before.
        yield* send({ To: "bob@example.com" })
        assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent).length, 1)
      }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))
  }
})

it.effect("refuses what only some states refuse", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const refusal = (line: string, body?: unknown) =>
      Effect.map(run(line, body), ({ json, status }) => [status, json?.["ErrorCode"], json?.["Message"]])
    yield* run(...sender({}))
    yield* double.confirmSender("a@example.org")
    assert.deepStrictEqual(yield* refusal("POST /senders/1001/resend"), [
      422,
      506,
      "This sender signature is already confirmed."
    ])
    const id = yield* send()
    yield* double.spamComplaint(id, mail.To)
    const { text } = yield* run("GET /bounces?count=1&offset=0")
    assert.deepStrictEqual(yield* refusal(`PUT /bounces/${/"ID":(\d+)/.exec(text)?.[1]}/activate`), [
      422,
      1003,
      "A bounce of this type cannot be reactivated."
    ])
    const list = { Suppressions: [{ EmailAddress: mail.To }, { EmailAddress: "nobody" }] }
    const items = yield* run("POST /message-streams/outbound/suppressions/delete", list)
    assert.deepStrictEqual(items.json, {
      Suppressions: [
        {
          EmailAddress: mail.To,
          Status: "Failed",
          Message: "You do not have the required authority to change this suppression."
        },
        { EmailAddress: "nobody", Status: "Failed", Message: "An invalid email address was provided." }
      ]
    })
    yield* double.addServer({ token: "second", id: 812_346, name: "Second" })
    yield* double.addTemplate({ alias: "a", subject: "s", textBody: "t" })
    yield* double.addTemplate(
      { alias: "a", subject: "", textBody: "{{{ @content }}}", templateType: "Layout" },
      "second"
    )
    assert.deepStrictEqual(yield* refusal(...push(false)), [
      422,
      1125,
      "Templates with the same alias are of different types."
    ])
    for (let i = 1; i < 100; i++) yield* double.addTemplate({ subject: "s", textBody: "t" })
    assert.deepStrictEqual(yield* refusal(...template({})), [422, 1105, "A server can have at most 100 templates."])
    yield* double.addServer({ token: "closed", bulkApproved: false })
    const bulk = yield* call("POST", "/email/bulk", { token: "closed", body: {} })
    assert.deepStrictEqual(bulk.json, { ErrorCode: 14, Message: "The account is not approved for the Bulk API." })
    yield* double.addServer({ token: "pending", pendingApproval: true })
    const pending = yield* call("POST", "/email", { token: "pending", body: { ...mail, Cc: "b@example.net" } })
    assert.deepStrictEqual(pending.json, {
      ErrorCode: 412,
      Message:
        "While your account is pending approval, all recipient addresses must share the same domain as the 'From' " +
        "address. The domain of the 'From' address is 'example.org', but you are attempting to send email to the following " +
        "domain(s): 'example.com', 'example.net'."
    })
    yield* double.addServer({ token: "strict", allowedSenders: ["example.com"] })
    const strict = yield* call("POST", "/email", {
      token: "strict",
      body: { ...mail, From: "Shop <shop@example.org>" }
    })
    assert.deepStrictEqual(strict.json, {
      ErrorCode: 400,
      Message:
        "The 'From' address you supplied (Shop <shop@example.org>) is not a Sender Signature on your account. Please " +
        "add and confirm this address in order to be able to use it in the 'From' field of your messages."
    })
    yield* send({ To: "bob@example.com" })
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

describe("limits", () => {
  for (const [what, [line, body]] of Object.entries(allowed)) {
    it.effect(`allow ${what}`, () =>
      Effect.gen(function*() {
        const answer = yield* run(line, body)
        assert.strictEqual(answer.status, 200, answer.text)
      }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))
  }

  it.effect("refuse a request of more than 10 MB with 413, and go on", () =>
    Effect.gen(function*() {
      const large = JSON.stringify({ ...mail, Unknown: "x".repeat(10 * 1024 * 1024) })
      assert.strictEqual((yield* run("POST /email", large)).status, 413)
      assert.strictEqual((yield* run("POST /email/batch", `[${large}]`)).status, 200)
      yield* send()
    }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

  it.effect("refuse attachments of more than 10 MB, where the request may be larger", () =>
    Effect.gen(function*() {
      const files = ["a", "b"].map((name) => attachment(name, "A".repeat(5_242_880)))
      const answer = yield* run("POST /email/batch", [{ ...mail, Attachments: files }, mail])
      assert.include(
        answer.text,
        "[{\"ErrorCode\":300,\"Message\":\"Attachments too big. The total size should be less than 10485760 bytes.\"},{\"To\""
      )
    }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))
})
