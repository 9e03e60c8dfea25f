import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Errors, Models, ServerClient } from "postmark"

const Double = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({
    servers: [{
      token: PostmarkDouble.demoServerToken,
      templates: [{ alias: "welcome", subject: "Hello {{name}}", htmlBody: "<p>{{name}}</p>", textBody: "Hi {{name}}" }]
    }]
  }))
)

const makeClient = (token: string = PostmarkDouble.demoServerToken) =>
  Effect.map(
    NodePostmarkDouble.NodePostmarkDouble,
    ({ host, port }) => new ServerClient(token, { requestHost: `${host}:${port}`, useHttps: false })
  )

/** What the promise is rejected with. */
const rejection = (promise: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() => promise().then(() => "no rejection", (error: unknown) => error))

const mail = { From: "Shop <shop@example.org>", To: "Ann <ann@example.com>", Subject: "Receipt", TextBody: "Thanks." }

layer(Double, { excludeTestServices: true })("the official client over a socket", (it) => {
  it.effect("sends one mail, and finds it in the history", () =>
    Effect.gen(function*() {
      const client = yield* makeClient()
      const double = yield* PostmarkDouble.PostmarkDouble
      const response = yield* Effect.promise(() => client.sendEmail({ ...mail, Tag: "one", Metadata: { order: "7" } }))
      assert.strictEqual(response.ErrorCode, 0)
      assert.strictEqual(response.Message, "OK")
      assert.strictEqual(response.To, "Ann <ann@example.com>")
      assert.match(response.MessageID, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.match(response.SubmittedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
      yield* double.waitFor(({ sent }) =>
        sent.some(({ events, messageId }) => messageId === response.MessageID && events.length > 0)
      )
      const found = yield* Effect.promise(() => client.getOutboundMessages({ tag: "one", metadata_order: "7" }))
      assert.strictEqual(Number(found.TotalCount), 1)
      assert.deepStrictEqual(found.Messages[0]?.To, [{ Email: "ann@example.com", Name: "Ann" }])
      const details = yield* Effect.promise(() => client.getOutboundMessageDetails(response.MessageID))
      assert.strictEqual(details.TextBody, "Thanks.")
      assert.deepStrictEqual(details.MessageEvents.map(({ Type }) => Type), ["Delivered"])
      assert.match(details.ReceivedAt, /\.\d{7}-0[45]:00$/)
      const dump = yield* Effect.promise(() => client.getOutboundMessageDump(response.MessageID))
      assert.include(dump.Body, `X-PM-Message-Id: ${response.MessageID}`)
    }))

  it.effect("sends a batch in which one message is refused", () =>
    Effect.gen(function*() {
      const client = yield* makeClient()
      const responses = yield* Effect.promise(() => client.sendEmailBatch([mail, { ...mail, To: "nobody" }, mail]))
      assert.deepStrictEqual(responses.map(({ ErrorCode }) => ErrorCode), [0, 300, 0])
      assert.deepStrictEqual({ ...responses[1] }, {
        ErrorCode: 300,
        Message: "Error parsing 'To': Illegal email address 'nobody'. It must contain the '@' symbol."
      })
    }))

  it.effect("sends template mails, by alias and in a batch", () =>
    Effect.gen(function*() {
      const client = yield* makeClient()
      const double = yield* PostmarkDouble.PostmarkDouble
      const base = { From: "shop@example.org", To: "ann@example.com" }
      const message = new Models.TemplatedMessage(base.From, "welcome", { name: "A & B" }, base.To)
      const one = yield* Effect.promise(() => client.sendEmailWithTemplate(message))
      const sent = (yield* double.sent).find(({ messageId }) => messageId === one.MessageID)
      assert.strictEqual(sent?.subject, "Hello A & B")
      assert.strictEqual(sent?.htmlBody, "<p>A &amp; B</p>")
      const unknown = new Models.TemplatedMessage(base.From, "no-such", {}, base.To)
      const batch = yield* Effect.promise(() => client.sendEmailBatchWithTemplates([message, unknown]))
      assert.deepStrictEqual(batch.map(({ ErrorCode }) => ErrorCode), [0, 1101])
    }))

  it.effect("gets its own error classes", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const client = yield* makeClient()
      const stranger = yield* makeClient("not-a-token")
      const unauthorized = yield* rejection(() => stranger.sendEmail(mail))
      assert.instanceOf(unauthorized, Errors.InvalidAPIKeyError)
      assert.strictEqual(unauthorized.code, 10)
      assert.strictEqual(unauthorized.statusCode, 401)
      const invalid = yield* rejection(() => client.sendEmail({ ...mail, To: "" }))
      assert.instanceOf(invalid, Errors.InvalidEmailRequestError)
      assert.strictEqual(invalid.message, "Zero recipients specified")
      yield* double.suppress("Gone@Example.com")
      const inactive = yield* rejection(() => client.sendEmail({ ...mail, To: "gone@example.com" }))
      assert.instanceOf(inactive, Errors.InactiveRecipientsError)
      assert.deepStrictEqual(inactive.recipients, ["gone@example.com"])
      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "rateLimit" } })
      const limited = yield* rejection(() => client.sendEmail(mail))
      assert.instanceOf(limited, Errors.RateLimitExceededError)
      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "resetAfterAcceptance" } })
      const before = (yield* double.sent).length
      const lost = yield* rejection(() => client.sendEmail(mail))
      assert.instanceOf(lost, Errors.PostmarkError)
      assert.strictEqual(lost.statusCode, 0)
      assert.strictEqual((yield* double.sent).length, before + 1)
      yield* double.clearFaults
    }))

  it.effect("keeps webhooks", () =>
    Effect.gen(function*() {
      const client = yield* makeClient()
      const made = yield* Effect.promise(() =>
        client.createWebhook({
          Url: "https://example.com/hooks",
          MessageStream: "outbound",
          HttpAuth: { Username: "u", Password: "p" },
          Triggers: { Bounce: { Enabled: true, IncludeContent: true } }
        })
      )
      assert.isTrue(made.Triggers.Bounce.Enabled)
      assert.isFalse(made.Triggers.Open.Enabled)
      assert.deepStrictEqual(yield* Effect.promise(() => client.getWebhook(made.ID)), made)
      const changed = yield* Effect.promise(() =>
        client.editWebhook(made.ID, { Triggers: { Delivery: { Enabled: true } } })
      )
      assert.isTrue(changed.Triggers.Bounce.IncludeContent)
      assert.isTrue(changed.Triggers.Delivery.Enabled)
      const listed = yield* Effect.promise(() => client.getWebhooks({ messageStream: "outbound" }))
      assert.deepStrictEqual(listed.Webhooks.map(({ ID }) => ID), [made.ID])
      const removed = yield* Effect.promise(() => client.deleteWebhook(made.ID))
      assert.deepStrictEqual({ ...removed }, { ErrorCode: 0, Message: `Webhook ${made.ID} removed.` })
      const gone = yield* rejection(() => client.getWebhook(made.ID))
      assert.instanceOf(gone, Errors.ApiInputError)
      assert.strictEqual(gone.code, 1352)
    }))

  it.effect("counts what happened, and describes the server", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const { token } = yield* double.addServer({ token: "stats-server", name: "Stats", trackOpens: true })
      const client = yield* makeClient(token)
      const { MessageID } = yield* Effect.promise(() =>
        client.sendEmail({ ...mail, HtmlBody: "<p>hi</p>", Cc: "bob@example.com", Tag: "t" })
      )
      yield* Effect.promise(() => client.sendEmail({ ...mail, To: "HardBounce@bounce-testing.postmarkapp.com" }))
      yield* double.waitFor(({ sent }) =>
        sent.filter(({ serverId }) => serverId > 812_345).every(({ events }) => events.length > 0)
      )
      yield* double.open(MessageID, "ann@example.com")
      yield* double.open(MessageID, "ann@example.com")
      const stats = yield* Effect.promise(() => client.getOutboundOverview())
      assert.strictEqual(stats.Sent, 3)
      assert.strictEqual(stats.Bounced, 1)
      assert.strictEqual(stats.BounceRate, 33.333)
      assert.strictEqual(stats.Opens, 2)
      assert.strictEqual(stats.UniqueOpens, 1)
      assert.strictEqual((yield* Effect.promise(() => client.getOutboundOverview({ tag: "t" }))).Sent, 2)
      assert.strictEqual((yield* Effect.promise(() => client.getServer())).Name, "Stats")
    }))
})
