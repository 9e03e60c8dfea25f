import * as Bulk from "@effect-postmark/core/Bulk"
import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { taken } from "../http.ts"
import { type Row, serverRow } from "../row.ts"

const email = { from: "shop@example.org", to: "ann@example.com", subject: "s", textBody: "t" }
const wireEmail = { From: "shop@example.org", To: "ann@example.com", Subject: "s", TextBody: "t" }
const templateEmail = {
  from: "shop@example.org",
  to: ["ann@example.com", "Bob <bob@example.com>"],
  templateAlias: "welcome",
  templateModel: { product_name: "x" }
}
const wireTemplateEmail = {
  From: "shop@example.org",
  To: "ann@example.com, Bob <bob@example.com>",
  TemplateAlias: "welcome",
  TemplateModel: { product_name: "x" }
}
const refused = { ErrorCode: 300, Message: "Zero recipients specified" }
const status = {
  Id: "f24af63c-533d-4b7a-ad65-4a7b3202d3a7",
  Status: "Processing",
  SubmittedAt: "2026-03-17T07:25:01.4178645Z",
  TotalMessages: 2,
  PercentageCompleted: 50.5,
  ReleasedCount: 1,
  FailedCount: 0,
  Subject: "News for {{name}}"
}

/** From docs/postmark.md#sending. */
export const sending: ReadonlyArray<Row> = [
  serverRow(PostmarkApi.sendEmail, {
    call: (client) => client.sendEmail(email),
    request: "POST /email",
    body: wireEmail,
    answer: taken()
  }),
  serverRow(PostmarkApi.sendEmailBatch, {
    call: (client) => client.sendEmailBatch([email, email]),
    request: "POST /email/batch",
    body: [wireEmail, wireEmail],
    answer: [taken(), refused]
  }),
  serverRow(PostmarkApi.sendEmailWithTemplate, {
    call: (client) => client.sendEmailWithTemplate(templateEmail),
    request: "POST /email/withTemplate",
    body: wireTemplateEmail,
    answer: taken()
  }),
  serverRow(PostmarkApi.sendEmailBatchWithTemplates, {
    call: (client) => client.sendEmailBatchWithTemplates([templateEmail, templateEmail]),
    request: "POST /email/batchWithTemplates",
    body: { Messages: [wireTemplateEmail, wireTemplateEmail] },
    answer: [taken(), refused]
  }),
  serverRow(Bulk.sendBulkEmail, {
    call: ({ bulk }) =>
      bulk.send({
        from: "news@example.org",
        replyTo: ["a@example.org", "b@example.org"],
        subject: "News for {{name}}",
        htmlBody: "<p>{{name}}</p>",
        textBody: "{{name}}",
        tag: "news",
        metadata: { issue: "9" },
        headers: [{ name: "X-A", value: "b" }],
        messageStream: "broadcast",
        trackOpens: true,
        trackLinks: "HtmlOnly",
        attachments: [{
          name: "n",
          content: new Uint8Array([104, 105]),
          contentType: "text/plain",
          contentId: "cid:1"
        }],
        messages: [
          { to: ["ann@example.com", "a2@example.com"], cc: "c@example.com", templateModel: { name: "Ann" } },
          { to: "bob@example.com", bcc: ["d@example.com"], metadata: { issue: "10" }, headers: [] }
        ]
      }),
    request: "POST /email/bulk",
    body: {
      From: "news@example.org",
      ReplyTo: "a@example.org, b@example.org",
      Subject: "News for {{name}}",
      HtmlBody: "<p>{{name}}</p>",
      TextBody: "{{name}}",
      Tag: "news",
      Metadata: { issue: "9" },
      Headers: [{ Name: "X-A", Value: "b" }],
      MessageStream: "broadcast",
      TrackOpens: true,
      TrackLinks: "HtmlOnly",
      Attachments: [{ Name: "n", Content: "aGk=", ContentType: "text/plain", ContentID: "cid:1" }],
      Messages: [
        { To: "ann@example.com, a2@example.com", Cc: "c@example.com", TemplateModel: { name: "Ann" } },
        { To: "bob@example.com", Bcc: "d@example.com", Metadata: { issue: "10" }, Headers: [] }
      ]
    },
    answer: status,
    gives: {
      bulkId: status.Id,
      status: "Processing",
      submittedAt: status.SubmittedAt,
      totalMessages: 2,
      percentageCompleted: 50.5,
      releasedCount: 1,
      failedCount: 0,
      subject: status.Subject
    }
  }),
  serverRow(Bulk.getBulkEmail, {
    call: ({ bulk }) => bulk.status(status.Id),
    request: `GET /email/bulk/${status.Id}`,
    answer: { Id: status.Id, Status: "Accepted", SubmittedAt: status.SubmittedAt },
    gives: { bulkId: status.Id, status: "Accepted", submittedAt: status.SubmittedAt }
  }),
  serverRow(Bulk.listBulkEmails, {
    call: ({ bulk }) => bulk.list({ count: 20, paginationKey: "a+b/c" }),
    request: "GET /email/bulk?count=20&paginationKey=a%2Bb%2Fc",
    answer: { Requests: [status], PaginationKey: "d" }
  })
]
