import type { SentMessage } from "@effect-postmark/test-double/SentMessage"
import assert from "node:assert/strict"
import { Errors, Models } from "postmark"
import { type Case, mail, plain, rejectsWith, type World } from "./harness.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/

/** Waits until something has happened to every message of a server. */
const settled = ({ double, run }: World, serverId: number) =>
  run(
    double.waitFor(({ sent }) =>
      sent.filter((message: SentMessage) => message.serverId === serverId).every(({ events }) => events.length > 0)
    )
  )

export const sending: ReadonlyArray<Case> = [
  {
    resource: "Sending",
    endpoints: ["POST /email"],
    run: async ({ newServer }) => {
      const { client } = await newServer("send one")
      const sent = await client.sendEmail({ ...mail, To: "Ann <ann@example.com>" })
      assert.deepEqual(Object.keys(sent).sort(), ["ErrorCode", "Message", "MessageID", "SubmittedAt", "To"])
      assert.equal(sent.To, "Ann <ann@example.com>")
      assert.equal(sent.ErrorCode, 0)
      assert.match(sent.MessageID, uuid)
      assert.match(sent.SubmittedAt, instant)
      const byCallback = await new Promise<string>((resolve) => {
        client.sendEmail(mail, (error, response) => resolve(error === null ? response?.Message ?? "" : error.message))
      })
      assert.equal(byCallback, "OK")
    }
  },
  {
    resource: "Sending",
    endpoints: ["POST /email/batch", "POST /email/withTemplate", "POST /email/batchWithTemplates"],
    run: async ({ newServer, run, double }) => {
      const { client } = await newServer("send more")
      const batch = await client.sendEmailBatch([mail, { ...mail, To: "nobody" }])
      assert.deepEqual(batch.map(({ ErrorCode }) => ErrorCode), [0, 300])
      assert.deepEqual(Object.keys(batch[1] ?? {}).sort(), ["ErrorCode", "Message"])
      await client.createTemplate({ Name: "t", Alias: "t", Subject: "Hi {{name}}", TextBody: "{{name}}" })
      const message = new Models.TemplatedMessage(mail.From, "t", { name: "Ann & co" }, mail.To)
      const one = await client.sendEmailWithTemplate(message)
      const kept = (await run(double.sent)).find(({ messageId }) => messageId === one.MessageID)
      assert.equal(kept?.subject, "Hi Ann & co")
      const unknown = new Models.TemplatedMessage(mail.From, 7, {}, mail.To)
      const many = await client.sendEmailBatchWithTemplates([message, unknown])
      assert.deepEqual(many.map(({ ErrorCode }) => ErrorCode), [0, 1101])
    }
  },
  {
    resource: "Sending",
    endpoints: ["POST /email/bulk", "GET /email/bulk", "GET /email/bulk/{id}"],
    run: async ({ newServer, raw, run, double }) => {
      const { client, id, token } = await newServer("bulk")
      await client.createSuppressions("broadcast", { Suppressions: [{ EmailAddress: "gone@example.com" }] })
      const request = new Models.BulkEmailRequest(
        mail.From,
        [
          new Models.BulkEmailMessage("ann@example.com", { name: "Ann" }),
          new Models.BulkEmailMessage("gone@example.com", { name: "Gone" })
        ],
        "Hello {{name}}",
        undefined,
        "Dear {{name}}"
      )
      const sent = await client.sendBulkEmail(request)
      assert.match(sent.Id, uuid)
      assert.equal(sent.Status, "Accepted")
      await run(
        double.waitFor(({ sent }) => sent.some(({ serverId, subject }) => serverId === id && subject === "Hello Ann"))
      )
      const status = await client.getBulkEmailStatus(sent.Id)
      assert.deepEqual(plain(status), {
        Id: sent.Id,
        Status: "Completed",
        SubmittedAt: sent.SubmittedAt,
        TotalMessages: 2,
        PercentageCompleted: 100,
        ReleasedCount: 1,
        FailedCount: 1,
        Subject: "Hello {{name}}"
      })
      assert.deepEqual(await raw("GET", "/email/bulk?count=5", token), { Requests: [plain(status)] })
      await rejectsWith(client.getBulkEmailStatus("nope"), Errors.PostmarkError, 12, 404)
      await rejectsWith(
        client.sendBulkEmail({ ...request, From: "nobody", MessageStream: "nope" }),
        Errors.ApiInputError,
        11
      )
    }
  },
  {
    resource: "Messages",
    endpoints: ["GET /messages/outbound", "GET /messages/outbound/{id}/details", "GET /messages/outbound/{id}/dump"],
    run: async (world) => {
      const { client, id } = await world.newServer("history")
      const { MessageID } = await client.sendEmail({ ...mail, Tag: "one", Metadata: { order: "007" } })
      await settled(world, id)
      const found = await client.getOutboundMessages({ tag: "one", metadata_order: "007" })
      assert.equal(Number(found.TotalCount), 1)
      assert.equal(found.Messages[0]?.MessageID, MessageID)
      assert.deepEqual(plain(found.Messages[0]?.Metadata), { order: "007" })
      const details = await client.getOutboundMessageDetails(MessageID)
      assert.deepEqual(details.MessageEvents.map(({ Type }) => Type), ["Delivered"])
      assert.match((await client.getOutboundMessageDump(MessageID)).Body, /^From: /)
      await rejectsWith(client.getOutboundMessageDetails("nope"), Errors.ApiInputError, 701)
    }
  },
  {
    resource: "Messages",
    endpoints: [
      "GET /messages/outbound/opens",
      "GET /messages/outbound/opens/{id}",
      "GET /messages/outbound/clicks",
      "GET /messages/outbound/clicks/{id}"
    ],
    run: async ({ double, newServer, run }) => {
      const { client } = await newServer("tracking")
      const { MessageID } = await client.sendEmail({
        ...mail,
        HtmlBody: "<a href=\"https://shop.example.org/?a=1&amp;b=2\">shop</a>",
        TrackOpens: true,
        TrackLinks: Models.LinkTrackingOptions.HtmlOnly
      })
      const reader = {
        client: { Name: "Firefox 130.0", Company: "Mozilla Foundation", Family: "Firefox" },
        platform: "Desktop"
      }
      await run(double.open(MessageID, mail.To, reader))
      await run(double.open(MessageID, mail.To))
      await run(double.click(MessageID, mail.To, { reader }))
      await run(double.click(MessageID, mail.To, { reader }))
      const opens = await client.getMessageOpens({ client_family: "Firefox" })
      assert.equal(opens.TotalCount, 1)
      assert.equal(opens.Opens[0]?.RecordType, "Open")
      const single = await client.getMessageOpensForSingleMessage(MessageID)
      assert.equal(single.TotalCount, 1)
      assert.equal(single.Opens[0]?.RecordType, undefined)
      const clicks = await client.getMessageClicks({ platform: "Desktop" })
      assert.equal(clicks.TotalCount, 1)
      assert.equal(clicks.Clicks[0]?.OriginalLink, "https://shop.example.org/?a=1&b=2")
      const clicked = await client.getMessageClicksForSingleMessage(MessageID)
      assert.equal(clicked.Clicks[0]?.ClickLocation, "HTML")
      await rejectsWith(client.getMessageOpensForSingleMessage("nope"), Errors.ApiInputError, 701)
      await rejectsWith(client.getMessageClicks({ count: 501 }), Errors.ApiInputError, 700)
    }
  },
  {
    resource: "Bounces",
    endpoints: [
      "GET /deliverystats",
      "GET /bounces",
      "GET /bounces/{id}",
      "GET /bounces/{id}/dump",
      "PUT /bounces/{id}/activate"
    ],
    run: async (world) => {
      const { client, id } = await world.newServer("bounces")
      await client.sendEmail({ ...mail, To: "HardBounce@bounce-testing.postmarkapp.com", Tag: "b" })
      await client.sendEmail({ ...mail, To: "softbounce@bounce-testing.postmarkapp.com" })
      await settled(world, id)
      assert.deepEqual(plain(await client.getDeliveryStatistics()), {
        InactiveMails: 1,
        Bounces: [
          { Name: "All", Count: 2 },
          { Type: "HardBounce", Name: "Hard bounce", Count: 1 },
          { Type: "SoftBounce", Name: "Soft bounce", Count: 1 }
        ]
      })
      const listed = await client.getBounces({
        type: Models.BounceType.HardBounce,
        inactive: true,
        emailFilter: "HARD"
      })
      assert.equal(listed.TotalCount, 1)
      const bounce = listed.Bounces[0]
      assert.ok(bounce)
      assert.equal(bounce.RecordType, "Bounce")
      assert.equal(bounce.TypeCode, 1)
      assert.match(bounce.BouncedAt, /T\d\d:\d\d:\d\dZ$/)
      const single = await client.getBounce(bounce.ID)
      assert.equal(single.RecordType, undefined)
      assert.equal(single.Tag, "b")
      assert.match((await client.getBounceDump(bounce.ID)).Body, /^From: /)
      await rejectsWith(client.sendEmail({ ...mail, To: bounce.Email }), Errors.InactiveRecipientsError, 406)
      const activated = await client.activateBounce(bounce.ID)
      assert.equal(activated.Message, "OK")
      assert.equal(activated.Bounce.Inactive, false)
      assert.equal((await client.sendEmail({ ...mail, To: bounce.Email })).ErrorCode, 0)
      await rejectsWith(client.getBounce(1), Errors.ApiInputError, 1001)
      await rejectsWith(client.getBounces({ count: 600 }), Errors.ApiInputError, 1000)
      const { MessageID } = await client.sendEmail(mail)
      await world.run(world.double.spamComplaint(MessageID, mail.To))
      const complaint = (await client.getBounces({ type: Models.BounceType.SpamComplaint })).Bounces[0]
      await rejectsWith(client.activateBounce(complaint?.ID ?? 0), Errors.ApiInputError, 1003)
    }
  },
  {
    resource: "Statistics",
    endpoints: [
      "GET /stats/outbound",
      ..."sends bounces spam tracked opens opens/platforms opens/emailclients opens/readtimes clicks".split(" ")
        .map((name) => `GET /stats/outbound/${name}`),
      ..."clicks/browserfamilies clicks/platforms clicks/location".split(" ").map((name) =>
        `GET /stats/outbound/${name}`
      )
    ],
    run: async (world) => {
      const { client, id } = await world.newServer("statistics")
      assert.deepEqual(plain(await client.getSentCounts()), { Days: [] })
      const { MessageID } = await client.sendEmail({
        ...mail,
        Cc: "bob@example.com",
        HtmlBody: "<a href='https://example.org/'>x</a>",
        TrackOpens: true,
        TrackLinks: Models.LinkTrackingOptions.HtmlAndText
      })
      await client.sendEmail({ ...mail, To: "hardbounce@bounce-testing.postmarkapp.com" })
      await settled(world, id)
      const { double, run } = world
      await run(double.open(MessageID, mail.To, { platform: "Mobile", readSeconds: 9 }))
      await run(double.open(MessageID, mail.To, { platform: "WebMail", readSeconds: 60 }))
      await run(double.click(MessageID, mail.To))
      await run(double.spamComplaint(MessageID, "bob@example.com"))
      const { Date } = (await client.getSentCounts()).Days[0]
      const series = async (answer: Promise<object>, counts: object) =>
        assert.deepEqual(plain(await answer), { Days: [{ Date, ...counts }], ...counts })
      await series(client.getSentCounts(), { Sent: 3 })
      await series(client.getBounceCounts(), { HardBounce: 1 })
      await series(client.getSpamComplaintsCounts(), { SpamComplaint: 1 })
      await series(client.getTrackedEmailCounts(), { Tracked: 2 })
      await series(client.getEmailOpenCounts(), { Opens: 2, Unique: 1 })
      await series(client.getEmailOpenPlatformUsage(), { Mobile: 1, WebMail: 1 })
      await series(client.getEmailOpenClientUsage(), { unknown: 2 })
      await series(client.getEmailOpenReadTimes(), { "8s": 1, "20s+": 1 })
      await series(client.getClickCounts(), { Clicks: 1, Unique: 1 })
      await series(client.getClickBrowserUsage(), { unknown: 1 })
      await series(client.getClickPlatformUsage(), { Unknown: 1 })
      await series(client.getClickLocation(), { HTML: 1 })
      const overview = await client.getOutboundOverview({ fromDate: Date, toDate: Date })
      assert.deepEqual(
        [overview.Sent, overview.Bounced, overview.BounceRate, overview.SpamComplaints, overview.TotalClicks],
        [3, 1, 33.333, 1, 1]
      )
      await rejectsWith(client.getSentCounts({ fromDate: "yesterday" }), Errors.ApiInputError, 900)
      await rejectsWith(client.getClickCounts({ messageStream: "nope" }), Errors.ApiInputError, 1226)
      await rejectsWith(client.getSpamComplaintsCounts({ fromDate: "2001-1-1" }), Errors.ApiInputError, 1500)
    }
  }
]
