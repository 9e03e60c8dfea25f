import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { aSecond, at, type Case, mail, ok, refused, uuid } from "./case.ts"

const instant = expect.stringMatching(/^2026-09-30T16:04:08\.512\d{4}Z$/)

const welcome = {
  From: "shop@example.org",
  To: "ann@example.com",
  TemplateAlias: "welcome",
  TemplateModel: { name: "Ann" }
}

export const sending: ReadonlyArray<Case> = [
  {
    name: "one message",
    endpoints: ["POST /email"],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        const answer = yield* call("POST", "/email", {
          body: { ...mail, To: "Ann <ann@example.com>", Cc: "bob@example.com", Tag: "one", Metadata: { order: "7" } }
        })
        ok(answer, {})
        expect(answer.json).toEqual({
          To: "Ann <ann@example.com>",
          SubmittedAt: instant,
          MessageID: uuid,
          ErrorCode: 0,
          Message: "OK"
        })
        expect((yield* double.sent)[0]).toMatchObject({
          messageId: at(answer, "MessageID"),
          recipients: ["ann@example.com", "bob@example.com"],
          tag: "one",
          metadata: { order: "7" }
        })
        // Names are read in any case, and paths with a slash at the end.
        ok(yield* call("POST", "/EMAIL/", { body: mail, headers: { "X-PM-Own": "1" } }), { ErrorCode: 0 })
        ok(yield* call("POST", "/email", { body: { ...mail, Subject: "Grüße ✓", TextBody: "naïve 日本" } }), {})
        expect((yield* double.sent)[2]?.subject).toBe("Grüße ✓")
        ok(yield* call("POST", "/email", { body: mail, token: "POSTMARK_API_TEST" }), { Message: "Test job accepted" })
        expect(yield* double.sent).toHaveLength(3)
      })
  },
  {
    name: "messages that are refused",
    endpoints: [],
    options: { servers: [{ token: "double-demo-server-token", allowedSenders: ["shop@example.org"] }] },
    run: ({ call, double }) =>
      Effect.gen(function*() {
        const cases = [
          [{ From: "" }, 300],
          [{ From: "eve@example.org" }, 400],
          [{ To: "" }, 300],
          [{ To: "nobody" }, 300],
          [{ TextBody: undefined }, 300],
          [{ Tag: 7 }, 403],
          [{ MessageStream: "nope" }, 1235],
          [{ MessageStream: "inbound" }, 1236],
          [{ Metadata: { key: "x".repeat(81) } }, 300],
          [{ Attachments: [{ Name: "a.exe", Content: "", ContentType: "a/b" }] }, 411]
        ] as const
        for (const [fields, code] of cases) {
          refused(yield* call("POST", "/email", { body: { ...mail, ...fields } }), code)
        }
        yield* double.suppress("ann@example.com")
        refused(yield* call("POST", "/email", { body: mail }), 406)
        ok(yield* call("POST", "/email", { body: { ...mail, Cc: "bob@example.com" } }), {
          Message: "Message OK, but will not deliver to these inactive addresses: ann@example.com."
        })
      })
  },
  {
    name: "a batch",
    endpoints: ["POST /email/batch"],
    run: ({ call }) =>
      Effect.gen(function*() {
        const answer = yield* call("POST", "/email/batch", { body: [mail, { ...mail, To: "nobody" }, mail] })
        ok(answer, [{ ErrorCode: 0, MessageID: uuid }, { ErrorCode: 300 }, { ErrorCode: 0, MessageID: uuid }])
        ok(yield* call("POST", "/email/batch", { body: [] }), [])
        refused(yield* call("POST", "/email/batch", { body: Array.from({ length: 501 }, () => mail) }), 410)
        refused(yield* call("POST", "/email/batch", { body: mail }), 403)
      })
  },
  {
    name: "messages by templates",
    endpoints: ["POST /email/withtemplate", "POST /email/batchwithtemplates"],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        yield* double.addTemplate({ alias: "welcome", subject: "Hi {{name}}", htmlBody: "<p>{{name}}</p>" })
        ok(yield* call("POST", "/email/withTemplate", { body: welcome }), { ErrorCode: 0, MessageID: uuid })
        const batch = yield* call("POST", "/email/batchWithTemplates", {
          body: { Messages: [{ ...welcome, TemplateModel: { name: "<Bob>" } }, { ...welcome, TemplateAlias: "nope" }] }
        })
        ok(batch, [{ ErrorCode: 0 }, { ErrorCode: 1101 }])
        expect((yield* double.sent).map(({ htmlBody, subject }) => [subject, htmlBody])).toEqual([
          ["Hi Ann", "<p>Ann</p>"],
          ["Hi <Bob>", "<p>&lt;Bob&gt;</p>"]
        ])
        refused(yield* call("POST", "/email/withTemplate", { body: { ...welcome, TemplateAlias: "nope" } }), 1101)
        refused(yield* call("POST", "/email/withTemplate", { body: { ...welcome, Subject: "s" } }), 1123)
        refused(yield* call("POST", "/email/batchWithTemplates", { body: [welcome] }), 403)
      })
  },
  {
    name: "bulk",
    endpoints: ["POST /email/bulk", "GET /email/bulk", "GET /email/bulk/:id"],
    run: (world) =>
      Effect.gen(function*() {
        const { call, double } = world
        const made = yield* call("POST", "/email/bulk", {
          body: {
            From: mail.From,
            Subject: "Hello {{name}}",
            TextBody: "Dear {{name}}",
            Messages: [
              { To: "ann@example.com", TemplateModel: { name: "Ann" } },
              { To: "bob@example.com", TemplateModel: { name: "Bob" } }
            ]
          }
        })
        ok(made, { Id: uuid, Status: "Accepted", TotalMessages: 2, PercentageCompleted: 0 })
        yield* aSecond(world)
        const id = String(at(made, "Id"))
        ok(yield* call("GET", `/email/bulk/${id}`), { Id: id, Status: "Completed", ReleasedCount: 2, FailedCount: 0 })
        ok(yield* call("GET", "/email/bulk?count=1"), { Requests: [{ Id: id }] })
        expect((yield* double.sent).map(({ stream, subject }) => [stream, subject])).toEqual([
          ["broadcast", "Hello Ann"],
          ["broadcast", "Hello Bob"]
        ])
        refused(yield* call("GET", "/email/bulk/nope"), 12, 404)
        const bad = yield* call("POST", "/email/bulk", {
          body: { From: "x", TextBody: "t", MessageStream: "x", Messages: [{ To: "ann@example.com" }] }
        })
        expect([bad.status, at(bad, "ErrorCode")]).toEqual([422, 11])
        expect(Object.keys(Object(at(bad, "Errors")))).toEqual(["From", "MessageStream"])
      })
  },
  {
    name: "templates",
    endpoints: [
      "GET /templates",
      "POST /templates",
      "GET /templates/:id",
      "PUT /templates/:id",
      "DELETE /templates/:id",
      "POST /templates/validate",
      "PUT /templates/push"
    ],
    run: ({ call, double }) =>
      Effect.gen(function*() {
        const made = yield* call("POST", "/templates", {
          body: { Name: "Welcome", Alias: "welcome", Subject: "Hi {{name}}", TextBody: "Dear {{name}}" }
        })
        const id = Number(at(made, "TemplateId"))
        ok(made, { TemplateId: expect.any(Number), Name: "Welcome", Alias: "welcome", TemplateType: "Standard" })
        ok(yield* call("GET", "/templates?count=10&offset=0"), { TotalCount: 1, Templates: [{ TemplateId: id }] })
        ok(yield* call("GET", "/templates/welcome"), { TemplateId: id, Subject: "Hi {{name}}", HtmlBody: null })
        ok(yield* call("PUT", `/templates/${id}`, { body: { HtmlBody: "<p>{{name}}</p>" } }), { TemplateId: id })
        ok(yield* call("GET", `/templates/${id}`), { HtmlBody: "<p>{{name}}</p>", Active: true })
        ok(
          yield* call("POST", "/templates/validate", {
            body: { Subject: "{{#a}}x{{/a}}", TextBody: "{{ b }}", TestRenderModel: { a: true, b: "1" } }
          }),
          { AllContentIsValid: true, TextBody: { RenderedContent: "1" }, SuggestedTemplateModel: { b: "1" } }
        )
        const { id: other } = yield* double.addServer({ token: "other" })
        const [first] = yield* double.servers
        const push = { SourceServerID: first?.id, DestinationServerID: other, PerformChanges: true }
        ok(yield* call("PUT", "/templates/push", { account: true, body: push }), {
          TotalCount: 1,
          Templates: [{ Action: "Create", Alias: "welcome" }]
        })
        ok(yield* call("GET", "/templates/welcome", { token: "other" }), { AssociatedServerId: other })
        refused(yield* call("POST", "/templates", { body: { Name: "x", TextBody: "x" } }), 1120)
        refused(
          yield* call("POST", "/templates", { body: { Name: "x", Subject: "s", TextBody: "x", Alias: "welcome" } }),
          1122
        )
        ok(yield* call("DELETE", "/templates/welcome"), { Message: `Template ${id} removed.` })
        refused(yield* call("GET", "/templates/welcome"), 1101)
      })
  }
]
