import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { against, canary, dataOf, Double, file, message } from "./support/program.ts"

const single = { from: "sender@example.com", to: "a@example.com", subject: "One", textBody: "1" }

layer(Double, { excludeTestServices: true })("the six actions", (it) => {
  const sent = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.sent)
  const reset = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.reset)

  it.scoped("sends an email with every flag", () =>
    Effect.gen(function*() {
      yield* reset
      const attachment = yield* file("report.pdf", Uint8Array.of(0, 255, 1, 254))
      const ended = yield* against([
        ["send-email", "--from", "Ann <ann@example.com>", "--to", "a@example.com", "--to=b@example.com"],
        ["--cc", "c@example.com", "--bcc", "d@example.com", "--reply-to", "e@example.com", "--subject", "-5% = off"],
        ["--text", "a\nb", "--html=<p>hi</p>", "--tag", "welcome", "--message-stream", "outbound", "--track-opens"],
        ["--track-links", "HtmlOnly", "--header", "X-One: 1: 2", "--header=X-Two: 2", "--metadata", "k=v=w"],
        ["--metadata=l=m", "--attach", attachment]
      ].flat())
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.property(dataOf(ended), "messageId")
      const [request] = yield* sent
      assert.deepInclude(request?.metadata, { k: "v=w", l: "m" })
      assert.deepInclude(request, {
        to: ["a@example.com", "b@example.com"],
        cc: ["c@example.com"],
        bcc: ["d@example.com"],
        replyTo: "e@example.com",
        subject: "-5% = off",
        textBody: "a\nb",
        htmlBody: "<p>hi</p>",
        tag: "welcome",
        stream: "outbound",
        trackOpens: true,
        trackLinks: "HtmlOnly",
        headers: [{ Name: "X-One", Value: "1: 2" }, { Name: "X-Two", Value: "2" }],
        attachments: ["report.pdf"]
      })
    }))

  it.effect("sends an email from stdin, and flags replace the input's fields", () =>
    Effect.gen(function*() {
      yield* reset
      const stdin = JSON.stringify({ ...single, tag: "input" })
      const ended = yield* against(["send-email", "--input", "-", "--tag", "flag", "--no-track-opens"], { stdin })
      assert.strictEqual(ended.code, 0, ended.stderr)
      const [request] = yield* sent
      assert.deepInclude(request, { tag: "flag", subject: "One", trackOpens: false })
    }))

  it.scoped("sends a batch from a file", () =>
    Effect.gen(function*() {
      yield* reset
      const input = yield* file("batch.json", `\uFEFF${JSON.stringify({ messages: [single, single] })}`)
      const ended = yield* against(["send-email-batch", "--input", input])
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.lengthOf(yield* sent, 2)
      assert.match(ended.stdout, /^\{"outcomes":\[\{"_tag":"Accepted".*"_tag":"Accepted".*\n$/)
    }))

  it.scoped("sends with a template, with the model as text and from a file", () =>
    Effect.gen(function*() {
      yield* reset
      const envelope = ["--from", "sender@example.com", "--to", "a@example.com", "--template-alias", "welcome"]
      const one = yield* against(["send-email-with-template", ...envelope, "--model", "{\"name\":\"Ann\"}"])
      const model = yield* file("model.json", "{\"name\":\"Bob\"}")
      const two = yield* against(["send-email-with-template", ...envelope, "--model", `@${model}`])
      assert.deepStrictEqual([one.code, two.code], [0, 0], one.stderr + two.stderr)
      assert.deepStrictEqual((yield* sent).map(({ textBody }) => textBody), ["Hello Ann", "Hello Bob"])
    }))

  it.effect("lists messages, gets details and gets statistics", () =>
    Effect.gen(function*() {
      yield* reset
      const double = yield* PostmarkDouble.PostmarkDouble
      assert.strictEqual((yield* against(["send-email", ...message, "--tag", "t"])).code, 0)
      yield* double.settled
      const [request] = yield* double.sent
      const id = request?.messageId ?? ""
      const list = yield* against([
        "list-outbound-messages",
        "--tag",
        "t",
        "--count",
        "5",
        "--recipient",
        canary.recipient
      ])
      assert.nestedPropertyVal(dataOf(list), "totalCount", 1)
      assert.nestedPropertyVal(dataOf(list), "messages[0].messageId", id)
      const details = yield* against(["get-outbound-message-details", "--message-id", id])
      assert.nestedPropertyVal(dataOf(details), "textBody", canary.body)
      const stats = yield* against(["get-outbound-stats", "--tag", "t"])
      assert.nestedPropertyVal(dataOf(stats), "sent", 1)
      const none = yield* against(["postmark/get-outbound-stats", "--tag", "other"])
      assert.nestedPropertyVal(dataOf(none), "sent", 0)
    }))
})
