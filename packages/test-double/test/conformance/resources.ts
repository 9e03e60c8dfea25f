import assert from "node:assert/strict"
import { Errors, Models } from "postmark"
import { type Case, mail, plain, rejectsWith } from "./harness.ts"

export const resources: ReadonlyArray<Case> = [
  {
    resource: "Templates",
    endpoints: [
      "GET /templates",
      "POST /templates",
      "GET /templates/{idOrAlias}",
      "PUT /templates/{idOrAlias}",
      "DELETE /templates/{idOrAlias}"
    ],
    run: async ({ newServer }) => {
      const { client, id } = await newServer("templates")
      const made = await client.createTemplate(
        new Models.CreateTemplateRequest("Welcome", "Hi {{name}}", "<p>{{name}}</p>", undefined, null)
      )
      assert.deepEqual(plain(made), {
        TemplateId: made.TemplateId,
        Name: "Welcome",
        Active: true,
        Alias: null,
        TemplateType: "Standard",
        LayoutTemplate: null
      })
      await client.editTemplate(made.TemplateId, { Alias: "welcome", TextBody: "Hi" })
      const got = await client.getTemplate("welcome")
      assert.deepEqual(plain(got), {
        TemplateId: made.TemplateId,
        Name: "Welcome",
        Subject: "Hi {{name}}",
        HtmlBody: "<p>{{name}}</p>",
        TextBody: "Hi",
        AssociatedServerId: id,
        Active: true,
        Alias: "welcome",
        TemplateType: "Standard",
        LayoutTemplate: null
      })
      const layout = { Name: "Frame", Alias: "frame", TemplateType: Models.TemplateTypes.Layout }
      await client.createTemplate({ ...layout, HtmlBody: "<b>{{{ @content }}}</b>" })
      await client.editTemplate("welcome", { LayoutTemplate: "frame" })
      assert.equal((await client.getTemplates({ layoutTemplate: "frame" })).TotalCount, 1)
      assert.equal((await client.getTemplates({ templateType: Models.TemplateTypes.Layout })).TotalCount, 1)
      await rejectsWith(client.deleteTemplate("frame"), Errors.ApiInputError, 1130)
      await rejectsWith(client.createTemplate({ ...layout, Alias: "f", HtmlBody: "x" }), Errors.ApiInputError, 1131)
      await rejectsWith(client.createTemplate({ Name: "x", TextBody: "x" }), Errors.ApiInputError, 1120)
      await rejectsWith(
        client.createTemplate({ Name: "x", Subject: "s", TextBody: "x", Alias: "welcome" }),
        Errors.ApiInputError,
        1122
      )
      assert.equal((await client.deleteTemplate("welcome")).Message, `Template ${made.TemplateId} removed.`)
      assert.equal((await client.getTemplate(made.TemplateId)).Active, false)
      await rejectsWith(client.getTemplate("welcome"), Errors.ApiInputError, 1101)
    }
  },
  {
    resource: "Templates",
    endpoints: ["POST /templates/validate"],
    run: async ({ newServer }) => {
      const { client } = await newServer("validate")
      const valid = await client.validateTemplate({
        Subject: "Hi {{name}}",
        HtmlBody: "{{#each items}}<li>{{title}}</li>{{/each}}{{#tags}}{{/tags}}",
        TestRenderModel: { name: "A & B", items: [{ title: "<1>" }] }
      })
      assert.deepEqual(plain(valid), {
        AllContentIsValid: true,
        HtmlBody: { ContentIsValid: true, ValidationErrors: [], RenderedContent: "<li>&lt;1&gt;</li>" },
        TextBody: null,
        Subject: { ContentIsValid: true, ValidationErrors: [], RenderedContent: "Hi A & B" },
        SuggestedTemplateModel: { name: "A & B", items: [{ title: "<1>" }], tags: {} }
      })
      const invalid = await client.validateTemplate({ TextBody: "ok\nno {{ a b }}" })
      assert.equal(invalid.AllContentIsValid, false)
      assert.deepEqual(plain(invalid.TextBody.ValidationErrors), [{
        Message: "The path 'a b' is not valid. Please see documentation for examples of valid paths.",
        Line: 2,
        CharacterPosition: 4
      }])
      await rejectsWith(client.validateTemplate({}), Errors.ApiInputError, 1120)
    }
  },
  {
    resource: "Templates",
    endpoints: ["PUT /templates/push"],
    run: async ({ account, newServer }) => {
      const source = await newServer("push from")
      const destination = await newServer("push to")
      await source.client.createTemplate({ Name: "A", Alias: "a", Subject: "s", TextBody: "t" })
      const request = new Models.TemplatesPushRequest(source.id, destination.id, false)
      const dry = await account.pushTemplates(request)
      assert.deepEqual(plain(dry), {
        TotalCount: 1,
        Templates: [{ Action: "Create", Alias: "a", Name: "A", TemplateType: "Standard" }]
      })
      assert.equal((await destination.client.getTemplates()).TotalCount, 0)
      const pushed = await account.pushTemplates({ ...request, PerformChanges: true })
      assert.equal(pushed.Templates[0]?.TemplateId, (await destination.client.getTemplate("a")).TemplateId)
      assert.equal((await account.pushTemplates(request)).Templates[0]?.Action, "Edit")
      await rejectsWith(account.pushTemplates({ ...request, SourceServerID: 1 }), Errors.ApiInputError, 601)
    }
  },
  {
    resource: "Message streams",
    endpoints: [
      "GET /message-streams",
      "POST /message-streams",
      "GET /message-streams/{id}",
      "PATCH /message-streams/{id}",
      "POST /message-streams/{id}/archive",
      "POST /message-streams/{id}/unarchive"
    ],
    run: async ({ newServer }) => {
      const { client, id } = await newServer("streams")
      const first = await client.getMessageStreams()
      assert.deepEqual(first.MessageStreams.map(({ ID }) => ID), ["outbound", "inbound", "broadcast"])
      const made = await client.createMessageStream(new Models.CreateMessageStreamRequest("news", "News", "Broadcasts"))
      assert.equal(made.SubscriptionManagementConfiguration.UnsubscribeHandlingType, "Postmark")
      assert.match(made.CreatedAt, /T\d\d:\d\d:\d\d-0[45]:00$/)
      assert.deepEqual([made.ServerID, made.Description, made.UpdatedAt, made.ArchivedAt], [id, null, null, null])
      const edited = await client.editMessageStream("news", { Name: "Paper", Description: "daily" })
      assert.deepEqual([edited.Name, edited.Description], ["Paper", "daily"])
      const archived = await client.archiveMessageStream("news")
      assert.deepEqual(Object.keys(archived).sort(), ["ExpectedPurgeDate", "ID", "ServerID"])
      assert.equal(String(archived.ID), "news")
      assert.equal((await client.getMessageStreams({ messageStreamType: "broadcasts" })).TotalCount, 1)
      const all = await client.getMessageStreams({ messageStreamType: "Broadcasts", includeArchivedStreams: true })
      assert.equal(all.TotalCount, 2)
      assert.equal((await client.unarchiveMessageStream("news")).ArchivedAt, null)
      assert.equal((await client.getMessageStream("news")).Name, "Paper")
      const create = (ID: string, type = "Transactional", Description = "") =>
        client.createMessageStream({ ID, Name: "x", MessageStreamType: type, Description })
      await rejectsWith(create("News"), Errors.ApiInputError, 1227)
      await rejectsWith(create("news"), Errors.ApiInputError, 1230)
      await rejectsWith(create("pm-x"), Errors.ApiInputError, 1233)
      await rejectsWith(create("x", "Nope"), Errors.ApiInputError, 1221)
      await rejectsWith(create("x", "Inbound"), Errors.ApiInputError, 1228)
      await rejectsWith(create("x", "Transactional", "<b>"), Errors.ApiInputError, 1234)
      await rejectsWith(client.archiveMessageStream("outbound"), Errors.ApiInputError, 1229)
      await rejectsWith(client.getMessageStream("nope"), Errors.ApiInputError, 1226)
    }
  },
  {
    resource: "Suppressions",
    endpoints: [
      "GET /message-streams/{stream}/suppressions/dump",
      "POST /message-streams/{stream}/suppressions",
      "POST /message-streams/{stream}/suppressions/delete"
    ],
    run: async ({ double, newServer, run }) => {
      const { client, token } = await newServer("suppressions")
      const entries = (...emails: ReadonlyArray<string>) => ({
        Suppressions: emails.map((EmailAddress) => ({ EmailAddress }))
      })
      const made = await client.createSuppressions("outbound", entries("Gone@example.com", "nobody"))
      assert.deepEqual(plain(made), {
        Suppressions: [
          { EmailAddress: "Gone@example.com", Status: "Suppressed", Message: null },
          { EmailAddress: "nobody", Status: "Failed", Message: "An invalid email address was provided." }
        ]
      })
      await rejectsWith(client.sendEmail({ ...mail, To: "gone@example.com" }), Errors.InactiveRecipientsError, 406)
      const dump = await client.getSuppressions("outbound", { origin: Models.SuppressionOrigin.Customer })
      assert.equal(dump.Suppressions.length, 1)
      assert.equal(dump.Suppressions[0]?.SuppressionReason, "ManualSuppression")
      assert.match(dump.Suppressions[0]?.CreatedAt ?? "", /T\d\d:\d\d:\d\d-0[45]:00$/)
      await run(double.suppress("angry@example.com", { token, reason: "SpamComplaint" }))
      const deleted = await client.deleteSuppressions(
        "outbound",
        entries("gone@example.com", "angry@example.com", "new@example.com")
      )
      assert.deepEqual(deleted.Suppressions.map(({ Status }) => Status), ["Deleted", "Failed", "Deleted"])
      assert.equal(
        deleted.Suppressions[1]?.Message,
        "You do not have the required authority to change this suppression."
      )
      assert.equal((await client.sendEmail({ ...mail, To: "gone@example.com" })).ErrorCode, 0)
      const many = Array.from({ length: 51 }, (_, i) => `a${i}@example.com`)
      await rejectsWith(client.createSuppressions("outbound", entries(...many)), Errors.ApiInputError, 1410)
      await rejectsWith(client.getSuppressions("nope"), Errors.ApiInputError, 1226)
    }
  },
  {
    resource: "Inbound",
    endpoints: [
      "GET /messages/inbound",
      "GET /messages/inbound/{id}/details",
      "PUT /messages/inbound/{id}/bypass",
      "PUT /messages/inbound/{id}/retry"
    ],
    run: async ({ double, newServer, run }) => {
      const { client, token } = await newServer("inbound")
      const attachments = [{ name: "note.txt", content: "aGVsbG8=", contentType: "text/plain" }]
      const mailIn = {
        from: "\"Carol\" <carol@example.com>",
        mailboxHash: "42",
        subject: "Re",
        textBody: "hi",
        attachments
      }
      const id = await run(double.receiveInbound(mailIn, token))
      const listed = await client.getInboundMessages({ mailboxHash: "42" })
      assert.equal(Number(listed.TotalCount), 1)
      assert.equal(listed.InboundMessages[0]?.MessageID, id)
      assert.deepEqual(plain(listed.InboundMessages[0]?.Attachments), [
        { Name: "note.txt", ContentID: "", ContentType: "text/plain", ContentLength: 5 }
      ])
      const details = await client.getInboundMessageDetails(id)
      assert.deepEqual(plain(details.FromFull), { Email: "carol@example.com", Name: "Carol", MailboxHash: "" })
      assert.deepEqual([details.TextBody, details.HtmlBody, details.Cc, details.Status], ["hi", "", "", "Processed"])
      await client.createInboundRuleTrigger(new Models.CreateInboundRuleRequest("example.com"))
      const blocked = await run(double.receiveInbound(mailIn, token))
      assert.equal(
        Number((await client.getInboundMessages({ status: Models.InboundMessageStatus.Blocked })).TotalCount),
        1
      )
      assert.equal((await client.bypassBlockedInboundMessage(blocked)).ErrorCode, 0)
      await rejectsWith(client.bypassBlockedInboundMessage(blocked), Errors.ApiInputError, 701)
      await rejectsWith(client.retryInboundHookForMessage(id), Errors.ApiInputError, 701)
      // No receiver of this double's can be reached on a host that is not the loopback, so the hook fails for good.
      await client.editServer({ InboundHookUrl: "https://example.com/inbound" })
      const failing = await run(double.receiveInbound({ from: "dan@example.net" }, token))
      await run(double.waitFor(({ webhookAttempts }) => webhookAttempts.some(({ messageId }) => messageId === failing)))
      assert.equal((await client.retryInboundHookForMessage(failing)).ErrorCode, 0)
    }
  },
  {
    resource: "Inbound",
    endpoints: ["GET /triggers/inboundrules", "POST /triggers/inboundrules", "DELETE /triggers/inboundrules/{id}"],
    run: async ({ newServer }) => {
      const { client } = await newServer("rules")
      const made = await client.createInboundRuleTrigger({ Rule: "someone@example.com" })
      assert.deepEqual(plain(await client.getInboundRuleTriggers()), {
        TotalCount: 1,
        InboundRules: [{ ID: made.ID, Rule: "someone@example.com" }]
      })
      await rejectsWith(client.createInboundRuleTrigger({ Rule: "SOMEONE@example.com" }), Errors.ApiInputError, 810)
      await rejectsWith(client.createInboundRuleTrigger({ Rule: "" }), Errors.ApiInputError, 809)
      assert.deepEqual(plain(await client.deleteInboundRuleTrigger(made.ID)), {
        ErrorCode: 0,
        Message: "Rule someone@example.com removed."
      })
      await rejectsWith(client.deleteInboundRuleTrigger(made.ID), Errors.ApiInputError, 812)
    }
  },
  {
    resource: "Webhooks",
    endpoints: [
      "GET /webhooks",
      "POST /webhooks",
      "GET /webhooks/{id}",
      "PUT /webhooks/{id}",
      "DELETE /webhooks/{id}",
      "POST /webhooks/{id}/verify",
      "GET /webhooks/{id}/statistics"
    ],
    run: async ({ newServer, raw }) => {
      const { client, token } = await newServer("webhooks")
      const made = await client.createWebhook({
        Url: "https://example.com/hooks",
        HttpAuth: { Username: "u", Password: "p" },
        Triggers: { Bounce: { Enabled: true, IncludeContent: true } }
      })
      assert.deepEqual(plain(await client.getWebhook(made.ID)), plain(made))
      const changed = await client.editWebhook(made.ID, { Triggers: { Click: { Enabled: true } } })
      assert.deepEqual([changed.Triggers.Bounce.IncludeContent, changed.Triggers.Click.Enabled], [true, true])
      assert.equal((await client.getWebhooks({ messageStream: "outbound" })).Webhooks.length, 1)
      const text = JSON.stringify(await raw("POST", `/webhooks/${made.ID}/verify`, token, {}))
      assert.match(text, /"Success":false.*"Message":"0\/2 triggers verified successfully"/)
      const statistics = JSON.stringify(await raw("GET", `/webhooks/${made.ID}/statistics`, token))
      assert.match(statistics, /"Statuses":\{"Click":"unverified","Bounce":"unverified"\}.*"TotalRequests":0/)
      assert.equal((await client.deleteWebhook(made.ID)).Message, `Webhook ${made.ID} removed.`)
      await rejectsWith(client.getWebhook(made.ID), Errors.ApiInputError, 1352)
      await rejectsWith(client.createWebhook({ Url: "nope" }), Errors.ApiInputError, 1354)
      await rejectsWith(
        client.createWebhook({ Url: "https://example.com/", MessageStream: "inbound" }),
        Errors.ApiInputError,
        1351
      )
    }
  },
  {
    resource: "Server",
    endpoints: ["GET /server", "PUT /server"],
    run: async ({ newServer }) => {
      const { client, id, token } = await newServer("settings")
      const server = await client.getServer()
      assert.deepEqual(server.ApiTokens, [token])
      assert.deepEqual([server.ID, server.InboundHookUrl, server.InboundDomain], [id, "", ""])
      const changed = await client.editServer({
        Color: "red",
        TrackOpens: true,
        TrackLinks: Models.LinkTrackingOptions.TextOnly
      })
      assert.deepEqual([changed.Color, changed.TrackOpens, changed.TrackLinks], ["red", true, "TextOnly"])
      const { MessageID } = await client.sendEmail(mail)
      assert.equal((await client.getOutboundMessageDetails(MessageID)).TrackLinks, "TextOnly")
      await rejectsWith(client.editServer({ Color: "pink" }), Errors.ApiInputError, 607)
      await rejectsWith(client.editServer({ BounceHookUrl: "nope" }), Errors.ApiInputError, 606)
      await rejectsWith(client.editServer({ InboundSpamThreshold: 31 }), Errors.ApiInputError, 611)
    }
  }
]
