import * as MessageStreams from "@effect-postmark/core/MessageStreams"
import * as Server from "@effect-postmark/core/Server"
import * as Suppressions from "@effect-postmark/core/Suppressions"
import * as Templates from "@effect-postmark/core/Templates"
import * as Webhooks from "@effect-postmark/core/Webhooks"
import { Redacted } from "effect"
import { type Row, serverRow } from "../row.ts"

const summary = {
  TemplateId: 1234,
  Name: "Welcome",
  Active: true,
  Alias: "welcome-1",
  TemplateType: "Standard",
  LayoutTemplate: null
}
const template = {
  ...summary,
  Subject: "Hello {{name}}",
  HtmlBody: "<p>{{name}}</p>",
  TextBody: null,
  AssociatedServerId: 812345
}

const stream = {
  ID: "news",
  ServerID: 812345,
  Name: "News",
  Description: null,
  MessageStreamType: "Broadcasts",
  CreatedAt: "2020-07-01T00:00:00-04:00",
  UpdatedAt: null,
  ArchivedAt: null,
  ExpectedPurgeDate: null,
  SubscriptionManagementConfiguration: { UnsubscribeHandlingType: "Postmark" }
}

const webhook = {
  ID: 7,
  Url: "https://example.com/hook",
  MessageStream: "outbound",
  Status: "verified",
  HttpAuth: { Username: "u", Password: "p" },
  HttpHeaders: [{ Name: "X-Own", Value: "mine" }],
  Triggers: {
    Open: { Enabled: true, PostFirstOpenOnly: false },
    Click: { Enabled: true },
    Delivery: { Enabled: true },
    Bounce: { Enabled: true, IncludeContent: false },
    SpamComplaint: { Enabled: true, IncludeContent: false },
    SubscriptionChange: { Enabled: true }
  }
}
const metrics = {
  TotalRequests: 10,
  SuccessCount: 9,
  FailureCount: 1,
  RetryCount: 2,
  SuccessRate: 90,
  SlowCount: 0,
  VerySlowCount: 0,
  AverageTerminalResponseTimeMs: 120,
  AverageRetryResponseTimeMs: null
}

/** The settings of a server; its tokens are left out of what comes back. */
export const server = {
  ID: 812345,
  Name: "Shop",
  ServerLink: "https://account.postmarkapp.com/servers/812345/streams",
  Color: "purple",
  SmtpApiActivated: true,
  RawEmailEnabled: false,
  DeliveryType: "Live",
  InboundAddress: "0123@inbound.postmarkapp.com",
  InboundHash: "0123",
  InboundDomain: "",
  InboundHookUrl: "https://u:p@example.com/in",
  BounceHookUrl: "",
  OpenHookUrl: "",
  DeliveryHookUrl: "",
  ClickHookUrl: "",
  PostFirstOpenOnly: false,
  InboundSpamThreshold: 5,
  TrackOpens: false,
  TrackLinks: "None",
  IncludeBounceContentInHook: true,
  EnableSmtpApiErrorHooks: false
}

/** From docs/postmark.md#suppressions, #message-streams, #servers, #templates and #webhooks. */
export const settings: ReadonlyArray<Row> = [
  serverRow(Templates.listTemplates, {
    call: ({ templates }) => templates.list({ count: 10, templateType: "Standard", layoutTemplate: "frame" }),
    request: "GET /templates?Count=10&Offset=0&TemplateType=Standard&LayoutTemplate=frame",
    answer: { TotalCount: 1, Templates: [summary] }
  }),
  serverRow(Templates.getTemplate, {
    call: ({ templates }) => templates.get("welcome-1"),
    request: "GET /templates/welcome-1",
    answer: template
  }),
  serverRow(Templates.getTemplate, {
    call: ({ templates }) => templates.get(1234),
    request: "GET /templates/1234",
    answer: template
  }),
  serverRow(Templates.createTemplate, {
    call: ({ templates }) =>
      templates.create({ name: "Welcome", subject: "Hello", htmlBody: "<p>x</p>", alias: "welcome-1" }),
    request: "POST /templates/",
    body: { Name: "Welcome", Subject: "Hello", HtmlBody: "<p>x</p>", Alias: "welcome-1" },
    answer: summary
  }),
  serverRow(Templates.createTemplate, {
    call: ({ templates }) => templates.create({ name: "Frame", htmlBody: "{{{ @content }}}", templateType: "Layout" }),
    request: "POST /templates/",
    body: { Name: "Frame", HtmlBody: "{{{ @content }}}", TemplateType: "Layout" },
    answer: { ...summary, TemplateType: "Layout", Alias: null }
  }),
  serverRow(Templates.editTemplate, {
    call: ({ templates }) => templates.edit("welcome-1", { name: "Welcome", layoutTemplate: "" }),
    request: "PUT /templates/welcome-1",
    body: { Name: "Welcome", LayoutTemplate: "" },
    answer: summary
  }),
  serverRow(Templates.deleteTemplate, {
    call: ({ templates }) => templates.delete(1234),
    request: "DELETE /templates/1234",
    answer: { ErrorCode: 0, Message: "Template 1234 removed." },
    gives: undefined
  }),
  serverRow(Templates.validateTemplate, {
    call: ({ templates }) =>
      templates.validate({
        subject: "{{x}}",
        htmlBody: "{{#y}}",
        testRenderModel: { some_key: { Other: 1 } },
        inlineCssForHtmlTestRender: false
      }),
    request: "POST /templates/validate",
    body: {
      Subject: "{{x}}",
      HtmlBody: "{{#y}}",
      TestRenderModel: { some_key: { Other: 1 } },
      InlineCssForHtmlTestRender: false
    },
    answer: {
      AllContentIsValid: false,
      HtmlBody: {
        ContentIsValid: false,
        ValidationErrors: [{ Message: "It is not closed.", Line: 1, CharacterPosition: null }],
        RenderedContent: ""
      },
      TextBody: null,
      Subject: { ContentIsValid: true, ValidationErrors: [], RenderedContent: "x_Value" },
      SuggestedTemplateModel: { x: "x_Value" }
    }
  }),
  serverRow(MessageStreams.listMessageStreams, {
    call: ({ messageStreams }) => messageStreams.list({ messageStreamType: "All", includeArchivedStreams: true }),
    request: "GET /message-streams?MessageStreamType=All&IncludeArchivedStreams=true",
    answer: { MessageStreams: [stream], TotalCount: 1 }
  }),
  serverRow(MessageStreams.getMessageStream, {
    call: ({ messageStreams }) => messageStreams.get("news"),
    request: "GET /message-streams/news",
    answer: stream
  }),
  serverRow(MessageStreams.createMessageStream, {
    call: ({ messageStreams }) =>
      messageStreams.create({
        id: "news",
        name: "News",
        messageStreamType: "Broadcasts",
        subscriptionManagementConfiguration: { unsubscribeHandlingType: "Custom" }
      }),
    request: "POST /message-streams",
    body: {
      ID: "news",
      Name: "News",
      MessageStreamType: "Broadcasts",
      SubscriptionManagementConfiguration: { UnsubscribeHandlingType: "Custom" }
    },
    answer: stream
  }),
  serverRow(MessageStreams.editMessageStream, {
    call: ({ messageStreams }) => messageStreams.edit("news", { description: "All of it" }),
    request: "PATCH /message-streams/news",
    body: { Description: "All of it" },
    answer: { ...stream, Description: "All of it" }
  }),
  serverRow(MessageStreams.archiveMessageStream, {
    call: ({ messageStreams }) => messageStreams.archive("news"),
    request: "POST /message-streams/news/archive",
    answer: { ID: "news", ServerID: 812345, ExpectedPurgeDate: "2026-11-14T12:00:00-05:00" }
  }),
  serverRow(MessageStreams.unarchiveMessageStream, {
    call: ({ messageStreams }) => messageStreams.unarchive("news"),
    request: "POST /message-streams/news/unarchive",
    answer: stream
  }),
  serverRow(Suppressions.dumpSuppressions, {
    call: ({ suppressions }) =>
      suppressions.dump("outbound", {
        suppressionReason: "HardBounce",
        origin: "Recipient",
        fromDate: "2026-01-01",
        toDate: "2026-02-01",
        emailAddress: "a@example.com"
      }),
    request: "GET /message-streams/outbound/suppressions/dump?SuppressionReason=HardBounce&Origin=Recipient" +
      "&fromdate=2026-01-01&todate=2026-02-01&EmailAddress=a%40example.com",
    answer: {
      Suppressions: [{
        EmailAddress: "a@example.com",
        SuppressionReason: "HardBounce",
        Origin: "Recipient",
        CreatedAt: "2019-12-17T08:58:33-05:00"
      }]
    }
  }),
  serverRow(Suppressions.createSuppressions, {
    call: ({ suppressions }) => suppressions.create("outbound", ["a@example.com", "bad"]),
    request: "POST /message-streams/outbound/suppressions",
    body: { Suppressions: [{ EmailAddress: "a@example.com" }, { EmailAddress: "bad" }] },
    answer: {
      Suppressions: [
        { EmailAddress: "a@example.com", Status: "Suppressed", Message: null },
        { EmailAddress: "bad", Status: "Failed", Message: "An invalid email address was provided." }
      ]
    },
    gives: [
      { emailAddress: "a@example.com", status: "Suppressed", message: null },
      { emailAddress: "bad", status: "Failed", message: "An invalid email address was provided." }
    ]
  }),
  serverRow(Suppressions.deleteSuppressions, {
    call: ({ suppressions }) => suppressions.delete("outbound", ["a@example.com"]),
    request: "POST /message-streams/outbound/suppressions/delete",
    body: { Suppressions: [{ EmailAddress: "a@example.com" }] },
    answer: { Suppressions: [{ EmailAddress: "a@example.com", Status: "Deleted", Message: null }] }
  }),
  serverRow(Webhooks.listWebhooks, {
    call: (client) => client.webhooks.list({ messageStream: "outbound" }),
    request: "GET /webhooks?MessageStream=outbound",
    answer: { Webhooks: [webhook] }
  }),
  serverRow(Webhooks.getWebhook, {
    call: ({ webhooks }) => webhooks.get(7),
    request: "GET /webhooks/7",
    answer: webhook
  }),
  serverRow(Webhooks.createWebhook, {
    call: ({ webhooks }) =>
      webhooks.create({
        url: "https://example.com/hook",
        httpAuth: { username: "u", password: Redacted.make("p") },
        triggers: { bounce: { enabled: true, includeContent: true } },
        verify: false
      }),
    request: "POST /webhooks",
    body: {
      Url: "https://example.com/hook",
      HttpAuth: { Username: "u", Password: "p" },
      Triggers: { Bounce: { Enabled: true, IncludeContent: true } },
      Verify: false
    },
    answer: webhook
  }),
  serverRow(Webhooks.updateWebhook, {
    call: ({ webhooks }) => webhooks.update(7, { triggers: { click: { enabled: false } } }),
    request: "PUT /webhooks/7",
    body: { Triggers: { Click: { Enabled: false } } },
    answer: webhook
  }),
  serverRow(Webhooks.deleteWebhook, {
    call: ({ webhooks }) => webhooks.delete(7),
    request: "DELETE /webhooks/7",
    answer: { ErrorCode: 0, Message: "Webhook 7 removed." },
    gives: undefined
  }),
  serverRow(Webhooks.verifyWebhook, {
    call: ({ webhooks }) => webhooks.verify(7),
    request: "POST /webhooks/7/verify",
    answer: {
      Id: 7,
      Url: "https://example.com/hook",
      Success: false,
      Results: [{ TriggerType: "Bounce", Success: false, StatusCode: 404, Message: "Not Found" }],
      Message: "0/1 triggers verified successfully"
    },
    gives: {
      webhookId: 7,
      url: "https://example.com/hook",
      success: false,
      results: [{ triggerType: "Bounce", success: false, statusCode: 404, message: "Not Found" }],
      message: "0/1 triggers verified successfully"
    }
  }),
  serverRow(Webhooks.getWebhookStatistics, {
    call: ({ webhooks }) => webhooks.statistics(7),
    request: "GET /webhooks/7/statistics",
    answer: {
      WebhookId: 7,
      ServerId: 812345,
      MessageStreamId: "outbound",
      Url: "https://example.com/hook",
      Statuses: { Bounce: "verified", Open: "unverified" },
      TimeRange: { StartTime: "2026-09-29T00:00:00Z", EndTime: "2026-09-30T00:00:00Z", Hours: 24 },
      Metrics: metrics,
      MetricsByTrigger: { Bounce: metrics }
    }
  }),
  serverRow(Server.getServer, {
    call: (client) => client.server.get,
    request: "GET /server",
    answer: server
  }),
  serverRow(Server.editServer, {
    call: (client) =>
      client.server.edit({ color: "Green", inboundSpamThreshold: 30, inboundHookUrl: "", trackLinks: "None" }),
    request: "PUT /server",
    body: { Color: "Green", InboundSpamThreshold: 30, InboundHookUrl: "", TrackLinks: "None" },
    answer: server
  })
]
