import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Redacted, TestClock } from "effect"
import { layerDouble } from "./kit.ts"

it.effect("answers in the form that the contract of the API describes", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const client = yield* HttpApiClient.make(PostmarkApi.PostmarkApi, {
      baseUrl: "https://api.postmarkapp.com",
      transformClient: HttpClient.mapRequest(
        HttpClientRequest.setHeader("X-Postmark-Server-Token", PostmarkDouble.demoServerToken)
      )
    })
    const sent = yield* client.email.sendEmail({
      payload: {
        from: "shop@example.org",
        to: ["ann@example.com"],
        subject: "s",
        htmlBody: "<p>x</p>",
        trackOpens: true,
        metadata: { a: "1" }
      }
    })
    assert.strictEqual(sent.errorCode, 0)
    const messageId = sent.messageId
    if (messageId === undefined || messageId === null) return assert.fail("no message id")
    const batch = yield* client.email.sendEmailBatch({
      payload: [{ from: "shop@example.org", textBody: "t" }, {
        from: "shop@example.org",
        to: ["b@example.com"],
        textBody: "t"
      }]
    })
    assert.deepStrictEqual(batch.map(({ errorCode }) => errorCode), [300, 0])
    yield* TestClock.adjust("1 second")
    yield* double.open(messageId, "ann@example.com")
    const found = yield* client.messages.listOutboundMessages({
      urlParams: { count: 10, offset: 0, metadata: { a: "1" } }
    })
    assert.deepStrictEqual(found.messages.map((message) => message.messageId), [messageId])
    const details = yield* client.messages.getOutboundMessageDetails({ path: { messageId } })
    assert.deepStrictEqual(details.messageEvents.map(({ type }) => type), ["Delivered", "Opened"])
    const stats = yield* client.stats.getOutboundStats({ urlParams: {} })
    assert.deepStrictEqual([stats.sent, stats.uniqueOpens], [2, 1])
    assert.strictEqual((yield* client.server.getServer()).name, "Demo")
    const webhook = yield* client.webhooks.createWebhook({
      payload: {
        url: "http://localhost/",
        httpAuth: { username: "u", password: Redacted.make("p") },
        httpHeaders: [{ name: "X-Own", value: Redacted.make("mine") }],
        triggers: { bounce: { enabled: true } }
      }
    })
    assert.strictEqual(webhook.status, "verified")
    assert.strictEqual(webhook.httpAuth?.username, "u")
    assert.deepStrictEqual(webhook.httpHeaders?.map(({ value }) => Redacted.value(value)), ["mine"])
    const { webhooks } = yield* client.webhooks.listWebhooks({ urlParams: {} })
    assert.deepStrictEqual(webhooks.map(({ id }) => id), [webhook.id])
    const removed = yield* client.webhooks.deleteWebhook({ path: { id: webhook.id } })
    assert.strictEqual(removed.message, `Webhook ${webhook.id} removed.`)
  }).pipe(Effect.provide(layerDouble())))
