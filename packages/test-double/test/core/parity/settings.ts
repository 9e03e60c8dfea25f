import { assert } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { email, hook, type Scenarios } from "./harness.ts"

const news = { id: "news", name: "News", messageStreamType: "Broadcasts" } as const

const webhook = {
  url: hook,
  messageStream: "outbound",
  httpAuth: { username: "u", password: Redacted.make("p") },
  httpHeaders: [{ name: "X-Key", value: Redacted.make("k") }],
  triggers: { bounce: { enabled: true, includeContent: true }, open: { enabled: true, postFirstOpenOnly: true } }
}

export const settings: Scenarios = {
  "server.get": ({ double, server }) =>
    Effect.gen(function*() {
      const [{ id, name } = { id: 0, name: "" }] = yield* double.servers
      const got = yield* server.server.get
      assert.deepStrictEqual([got.id, got.name, got.deliveryType, got.trackLinks], [id, name, "Live", "None"])
      assert.strictEqual(got.inboundAddress, `${got.inboundHash}@inbound.postmarkapp.com`)
    }),

  "server.edit": ({ server }) =>
    Effect.gen(function*() {
      const edited = yield* server.server.edit({
        name: "Renamed",
        color: "red",
        trackOpens: true,
        trackLinks: "TextOnly",
        inboundSpamThreshold: 7,
        inboundHookUrl: hook
      })
      assert.deepStrictEqual(
        [edited.name, edited.color, edited.trackOpens, edited.trackLinks, edited.inboundSpamThreshold],
        ["Renamed", "red", true, "TextOnly", 7]
      )
      assert.strictEqual(edited.inboundHookUrl && Redacted.value(edited.inboundHookUrl), hook)
      const { messageId } = yield* server.sendEmail(email)
      assert.strictEqual((yield* server.outboundMessages.details(messageId)).trackLinks, "TextOnly")
    }),

  "webhooks.create": ({ double, server }) =>
    Effect.gen(function*() {
      const made = yield* server.webhooks.create(webhook)
      assert.deepStrictEqual([made.url, made.messageStream, made.status], [hook, "outbound", "verified"])
      assert.deepStrictEqual(made.triggers?.bounce, { enabled: true, includeContent: true })
      assert.strictEqual(made.httpAuth && Redacted.value(made.httpAuth.password), "p")
      assert.deepStrictEqual(made.httpHeaders?.map(({ name, value }) => [name, Redacted.value(value)]), [[
        "X-Key",
        "k"
      ]])
      const { messageId } = yield* server.sendEmail(email)
      yield* double.bounce(messageId, "ann@example.com")
      yield* double.settled
      assert.deepStrictEqual((yield* double.webhookAttempts).map(({ url }) => url), [hook])
      assert.strictEqual((yield* server.webhooks.create({ ...webhook, verify: false })).status, "unverified")
    }),

  "webhooks.get": ({ server }) =>
    Effect.gen(function*() {
      const made = yield* server.webhooks.create(webhook)
      assert.deepEqual(yield* server.webhooks.get(made.id), made)
    }),

  "webhooks.list": ({ server }) =>
    Effect.gen(function*() {
      const made = yield* server.webhooks.create(webhook)
      yield* server.webhooks.create({ url: hook, messageStream: "broadcast" })
      assert.lengthOf(yield* server.webhooks.list(), 2)
      assert.deepStrictEqual((yield* server.webhooks.list({ messageStream: "outbound" })).map(({ id }) => id), [
        made.id
      ])
    }),

  "webhooks.update": ({ server }) =>
    Effect.gen(function*() {
      const { id } = yield* server.webhooks.create(webhook)
      const changed = yield* server.webhooks.update(id, { triggers: { click: { enabled: true } } })
      assert.deepStrictEqual([changed.id, changed.url], [id, hook])
      assert.deepStrictEqual(
        [changed.triggers?.bounce?.enabled, changed.triggers?.click?.enabled, changed.triggers?.delivery?.enabled],
        [true, true, false]
      )
    }),

  "webhooks.delete": ({ server }) =>
    Effect.gen(function*() {
      const { id } = yield* server.webhooks.create(webhook)
      yield* server.webhooks.delete(id)
      assert.deepStrictEqual(yield* server.webhooks.list(), [])
    }),

  "messageStreams.list": ({ server }) =>
    Effect.gen(function*() {
      yield* server.messageStreams.create(news)
      yield* server.messageStreams.archive("news")
      const { messageStreams, totalCount } = yield* server.messageStreams.list()
      assert.strictEqual(totalCount, 3)
      assert.deepStrictEqual(messageStreams.map(({ id, messageStreamType }) => [id, messageStreamType]), [
        ["outbound", "Transactional"],
        ["inbound", "Inbound"],
        ["broadcast", "Broadcasts"]
      ])
      const broadcasts = yield* server.messageStreams.list({
        messageStreamType: "Broadcasts",
        includeArchivedStreams: true
      })
      assert.deepStrictEqual(broadcasts.messageStreams.map(({ id }) => id), ["broadcast", "news"])
    }),

  "messageStreams.get": ({ server }) =>
    Effect.gen(function*() {
      const { raw: _, ...stream } = yield* server.messageStreams.get("broadcast")
      assert.deepInclude(stream, {
        id: "broadcast",
        messageStreamType: "Broadcasts",
        archivedAt: null,
        subscriptionManagementConfiguration: { unsubscribeHandlingType: "Postmark" }
      })
    }),

  "messageStreams.create": ({ server }) =>
    Effect.gen(function*() {
      const made = yield* server.messageStreams.create({ ...news, description: "daily" })
      assert.deepStrictEqual([made.id, made.name, made.description, made.messageStreamType], [
        "news",
        "News",
        "daily",
        "Broadcasts"
      ])
      assert.isString(made.createdAt)
      yield* server.sendEmail({ ...email, messageStream: "news" })
    }),

  "messageStreams.edit": ({ server }) =>
    Effect.gen(function*() {
      yield* server.messageStreams.create(news)
      const edited = yield* server.messageStreams.edit("news", {
        name: "Paper",
        description: "daily",
        subscriptionManagementConfiguration: { unsubscribeHandlingType: "Postmark" }
      })
      assert.deepStrictEqual([edited.id, edited.name, edited.description], ["news", "Paper", "daily"])
    }),

  "messageStreams.archive": ({ server }) =>
    Effect.gen(function*() {
      yield* server.messageStreams.create(news)
      const archived = yield* server.messageStreams.archive("news")
      assert.strictEqual(archived.id, "news")
      assert.isString(archived.expectedPurgeDate)
      assert.isString((yield* server.messageStreams.get("news")).archivedAt)
    }),

  "messageStreams.unarchive": ({ server }) =>
    Effect.gen(function*() {
      yield* server.messageStreams.create(news)
      yield* server.messageStreams.archive("news")
      const stream = yield* server.messageStreams.unarchive("news")
      assert.deepStrictEqual([stream.id, stream.archivedAt], ["news", null])
    })
}
