/** The bodies of Postmark's requests, by endpoint: the keys that it knows, and what stands under them. */
import { flag, integer, list, object, record, type Shape, text } from "../http/shape.ts"

const headers = list(object({ Name: text, Value: text }))

const common = {
  From: text,
  To: text,
  Cc: text,
  Bcc: text,
  Tag: text,
  ReplyTo: text,
  MessageStream: text,
  TrackLinks: text,
  TrackOpens: flag,
  Headers: headers,
  Metadata: record,
  Attachments: list(object({ Name: text, Content: text, ContentType: text, ContentID: text }))
}
const texts = { Subject: text, HtmlBody: text, TextBody: text }
const model = { TemplateId: integer, TemplateAlias: text, TemplateModel: record, InlineCss: flag }

const email = object({ ...common, ...texts })
// The texts are known here too, because they are refused beside a template.
const templated = object({ ...common, ...texts, ...model })

const template = object({ ...texts, Name: text, Alias: text, TemplateType: text, LayoutTemplate: text })

const server = object({
  Name: text,
  Color: text,
  SmtpApiActivated: flag,
  RawEmailEnabled: flag,
  DeliveryType: text,
  InboundHookUrl: text,
  BounceHookUrl: text,
  OpenHookUrl: text,
  DeliveryHookUrl: text,
  ClickHookUrl: text,
  PostFirstOpenOnly: flag,
  InboundDomain: text,
  InboundSpamThreshold: integer,
  TrackOpens: flag,
  TrackLinks: text,
  IncludeBounceContentInHook: flag,
  EnableSmtpApiErrorHooks: flag
})

const webhook = object({
  ID: integer,
  Url: text,
  MessageStream: text,
  Status: text,
  Verify: flag,
  HttpAuth: object({ Username: text, Password: text }),
  HttpHeaders: headers,
  Triggers: object({
    Open: object({ Enabled: flag, PostFirstOpenOnly: flag }),
    Click: object({ Enabled: flag }),
    Delivery: object({ Enabled: flag }),
    Bounce: object({ Enabled: flag, IncludeContent: flag }),
    SpamComplaint: object({ Enabled: flag, IncludeContent: flag }),
    SubscriptionChange: object({ Enabled: flag })
  })
})

const stream = object({
  ID: text,
  Name: text,
  Description: text,
  MessageStreamType: text,
  SubscriptionManagementConfiguration: object({ UnsubscribeHandlingType: text })
})

const suppressions = object({ Suppressions: list(object({ EmailAddress: text })) })

const domain = object({ Name: text, ReturnPathDomain: text })

const sender = object({
  FromEmail: text,
  Name: text,
  ReplyToEmail: text,
  ReturnPathDomain: text,
  ConfirmationPersonalNote: text
})

/** By the line of the endpoint; what is not here takes no body. */
export const bodies: ReadonlyMap<string, Shape> = new Map([
  ["POST /email", email],
  ["POST /email/batch", list(email)],
  ["POST /email/withtemplate", templated],
  ["POST /email/batchwithtemplates", object({ Messages: list(templated) })],
  ["POST /email/bulk", object({ ...common, ...texts, ...model, Messages: list(templated) })],
  ["POST /templates", template],
  ["PUT /templates/:id", template],
  [
    "POST /templates/validate",
    object({
      ...texts,
      TestRenderModel: record,
      InlineCssForHtmlTestRender: flag,
      TemplateType: text,
      LayoutTemplate: text
    })
  ],
  ["PUT /templates/push", object({ SourceServerID: integer, DestinationServerID: integer, PerformChanges: flag })],
  ["PUT /server", server],
  ["POST /servers", server],
  ["PUT /servers/:id", server],
  ["POST /triggers/inboundrules", object({ Rule: text })],
  ["POST /webhooks", webhook],
  ["PUT /webhooks/:id", webhook],
  ["POST /message-streams", stream],
  ["PATCH /message-streams/:id", stream],
  ["POST /message-streams/:id/suppressions", suppressions],
  ["POST /message-streams/:id/suppressions/delete", suppressions],
  ["POST /domains", domain],
  ["PUT /domains/:id", domain],
  ["POST /senders", sender],
  ["PUT /senders/:id", sender],
  ["POST /data-removals", object({ RequestedBy: text, RequestedFor: text, NotifyWhenCompleted: flag })]
])
