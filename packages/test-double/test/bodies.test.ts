/** Bodies that clients send where there is nothing to say: none, "", {} and null; and null, "" and {} for optional fields. */
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

const account = { token: "", headers: { "x-postmark-account-token": PostmarkDouble.demoAccountToken } }

const needsAccount = (path: string): boolean => /^\/(servers|domains|senders|data-removals)/.test(path)

const run = (line: string, body?: unknown) => {
  const [name, path = ""] = line.split(" ")
  const method = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).find((known) => known === name) ?? "GET"
  return call(method, path, { ...(needsAccount(path) ? account : {}), ...(body === undefined ? {} : { body }) })
}

/** Makes something, and gives what stands under the key in the answer. */
const made = (line: string, body: unknown, key = "ID") =>
  Effect.map(run(line, body), ({ json, text }) => {
    if (json?.[key] === undefined) throw new Error(text)
    return String(json[key])
  })

const double = PostmarkDouble.PostmarkDouble

const domain = Effect.map(made("POST /domains", { Name: "example.org" }), (id) => `/domains/${id}`)
const sender = Effect.map(made("POST /senders", { FromEmail: "a@example.org", Name: "a" }), (id) => `/senders/${id}`)
// A key is renewed only when the last one is in use.
const verified = Effect.tap(domain, (path) => run(`PUT ${path}/verifyDkim`))
const webhook = Effect.map(made("POST /webhooks", { Url: "http://localhost/" }), (id) => `/webhooks/${id}`)
const standard = { Name: "t", Alias: "t", Subject: "s", TextBody: "t" }
const template = Effect.map(made("POST /templates", standard, "TemplateId"), (id) => `/templates/${id}`)
const inbound = (spamScore: number) =>
  Effect.gen(function*() {
    yield* run("PUT /server", { InboundHookUrl: "http://localhost/", InboundSpamThreshold: 5 })
    const { receiveInbound, settled } = yield* double
    const id = yield* receiveInbound({ from: "carol@example.com", spamScore })
    yield* settled
    return `/messages/inbound/${id}`
  })

const actions: Readonly<Record<string, Effect.Effect<string, unknown, Needs>>> = {
  "PUT /bounces/{id}/activate": Effect.gen(function*() {
    const id = yield* send()
    yield* (yield* double).bounce(id, mail.To)
    const { text } = yield* run("GET /bounces?count=1&offset=0")
    return `/bounces/${/"ID":(\d+)/.exec(text)?.[1]}/activate`
  }),
  "POST /message-streams/{id}/archive": Effect.succeed("/message-streams/broadcast/archive"),
  "POST /message-streams/{id}/unarchive": Effect.as(
    run("POST /message-streams/broadcast/archive"),
    "/message-streams/broadcast/unarchive"
  ),
  "PUT /messages/inbound/{id}/bypass": Effect.map(inbound(9), (path) => `${path}/bypass`),
  "PUT /messages/inbound/{id}/retry": Effect.map(inbound(0), (path) => `${path}/retry`),
  "POST /webhooks/{id}/verify": Effect.map(webhook, (path) => `${path}/verify`),
  "DELETE /webhooks/{id}": webhook,
  "DELETE /templates/{id}": template,
  "PUT /domains/{id}/verifyDkim": Effect.map(domain, (path) => `${path}/verifyDkim`),
  "PUT /domains/{id}/verifyReturnPath": Effect.map(domain, (path) => `${path}/verifyReturnPath`),
  "POST /domains/{id}/verifySpf": Effect.map(domain, (path) => `${path}/verifySpf`),
  "POST /domains/{id}/rotateDkim": Effect.map(verified, (path) => `${path}/rotateDkim`),
  "DELETE /domains/{id}": domain,
  "POST /senders/{id}/resend": Effect.map(sender, (path) => `${path}/resend`),
  "POST /senders/{id}/verifySpf": Effect.map(sender, (path) => `${path}/verifySpf`),
  "POST /senders/{id}/requestNewDkim": Effect.map(
    Effect.zipRight(verified, sender),
    (path) => `${path}/requestNewDkim`
  ),
  "DELETE /senders/{id}": sender,
  "GET /server": Effect.succeed("/server")
}

type Needs = Effect.Effect.Context<ReturnType<typeof call>> | PostmarkDouble.PostmarkDouble

// Inbound mail is refused for good, so that it can be retried.
const layer = layerDouble({ autoDeliver: false, webhookSender: () => Effect.succeed(403) })

for (const [line, prepare] of Object.entries(actions)) {
  describe(line, () => {
    for (
      const [name, body] of Object.entries({ "no body": undefined, "an empty one": "", "{}": "{}", "null": "null" })
    ) {
      it.effect(`takes ${name}`, () =>
        Effect.gen(function*() {
          const [method] = line.split(" ")
          const answer = yield* run(`${method} ${yield* prepare}`, body)
          assert.strictEqual(answer.status, 200, answer.text)
        }).pipe(Effect.provide(layer)))
    }
  })
}

interface Fields {
  /** Gives the path, if something has to be there before. */
  readonly path?: Effect.Effect<string, unknown, Needs>
  readonly body: object
  readonly texts: ReadonlyArray<string>
  readonly others?: ReadonlyArray<string>
  readonly objects?: ReadonlyArray<string>
  readonly lists?: ReadonlyArray<string>
  /** Puts the fields where they belong in the body. */
  readonly wrap?: (fields: object) => unknown
}

const sendTexts = ["Cc", "Bcc", "Tag", "ReplyTo", "TrackLinks", "MessageStream"]
const sendFields = { others: ["TrackOpens"], objects: ["Metadata"], lists: ["Headers", "Attachments"] }
const plain = { From: "shop@example.org", To: "ann@example.com", TextBody: "t" }
const templated = { From: "shop@example.org", To: "ann@example.com", TemplateAlias: "t", TemplateModel: {} }
const hooks = ["InboundHookUrl", "BounceHookUrl", "OpenHookUrl", "DeliveryHookUrl", "ClickHookUrl"]
const serverTexts = [...hooks, "Color", "DeliveryType", "InboundDomain", "TrackLinks"]
const serverOthers = [
  "SmtpApiActivated",
  "RawEmailEnabled",
  "PostFirstOpenOnly",
  "InboundSpamThreshold",
  "TrackOpens",
  "IncludeBounceContentInHook",
  "EnableSmtpApiErrorHooks"
]

const optional: Readonly<Record<string, Fields>> = {
  "POST /email": { body: plain, texts: [...sendTexts, "Subject", "HtmlBody"], ...sendFields },
  "POST /email/batch": {
    body: plain,
    texts: [...sendTexts, "Subject", "HtmlBody"],
    ...sendFields,
    wrap: (fields) => [fields, fields]
  },
  "POST /email/withTemplate": {
    path: Effect.as(template, "/email/withTemplate"),
    body: templated,
    texts: sendTexts,
    ...sendFields,
    others: ["TrackOpens", "InlineCss", "TemplateId"]
  },
  "POST /email/batchWithTemplates": {
    path: Effect.as(template, "/email/batchWithTemplates"),
    body: templated,
    texts: sendTexts,
    ...sendFields,
    others: ["TrackOpens", "InlineCss", "TemplateId"],
    wrap: (fields) => ({ Messages: [fields, fields] })
  },
  "POST /email/bulk": {
    body: { ...plain, Messages: [{ To: "ann@example.com" }] },
    texts: ["ReplyTo", "Subject", "HtmlBody", "TemplateAlias", "Tag", "MessageStream", "TrackLinks"],
    ...sendFields,
    others: ["TrackOpens", "InlineCss", "TemplateId"]
  },
  "POST /email/bulk, in a message": {
    body: { To: "ann@example.com" },
    texts: ["Cc", "Bcc"],
    objects: ["TemplateModel", "Metadata"],
    lists: ["Headers"],
    wrap: (message) => ({ ...plain, Messages: [message] })
  },
  "POST /templates": {
    body: { Name: "n", Subject: "s", TextBody: "t" },
    texts: ["HtmlBody", "TemplateType", "LayoutTemplate"],
    others: ["Alias"]
  },
  "PUT /templates/{id}": {
    path: template,
    body: {},
    texts: ["HtmlBody", "TemplateType", "LayoutTemplate"],
    others: ["Name", "Alias", "Subject", "TextBody"]
  },
  "POST /templates/validate": {
    body: { TextBody: "t" },
    texts: ["HtmlBody", "Subject", "TemplateType", "LayoutTemplate"],
    others: ["InlineCssForHtmlTestRender"],
    objects: ["TestRenderModel"]
  },
  "PUT /server": { body: {}, texts: serverTexts, others: [...serverOthers, "Name"] },
  "POST /servers": { body: { Name: "n" }, texts: serverTexts, others: serverOthers },
  "PUT /servers/{id}": {
    path: Effect.map(made("POST /servers", { Name: "n" }), (id) => `/servers/${id}`),
    body: {},
    texts: serverTexts,
    others: [...serverOthers, "Name"]
  },
  "POST /webhooks": {
    body: { Url: "http://localhost/" },
    texts: ["MessageStream", "Status"],
    others: ["HttpAuth", "Verify", "ID"],
    objects: ["Triggers"],
    lists: ["HttpHeaders"]
  },
  "PUT /webhooks/{id}": {
    path: webhook,
    body: {},
    texts: ["MessageStream", "Status"],
    others: ["Url", "HttpAuth", "Verify", "ID"],
    objects: ["Triggers"],
    lists: ["HttpHeaders"]
  },
  "POST /message-streams": {
    body: { ID: "news", Name: "News", MessageStreamType: "Broadcasts" },
    texts: ["Description"],
    objects: ["SubscriptionManagementConfiguration"]
  },
  "PATCH /message-streams/{id}": {
    path: Effect.succeed("/message-streams/broadcast"),
    body: {},
    texts: ["Description"],
    others: ["Name"],
    objects: ["SubscriptionManagementConfiguration"]
  },
  "PATCH /message-streams/{id}, in the configuration": {
    path: Effect.succeed("/message-streams/broadcast"),
    body: {},
    texts: ["UnsubscribeHandlingType"],
    wrap: (configuration) => ({ SubscriptionManagementConfiguration: configuration })
  },
  "POST /domains": { body: { Name: "example.org" }, texts: ["ReturnPathDomain"] },
  "PUT /domains/{id}": { path: domain, body: {}, texts: ["ReturnPathDomain"] },
  "POST /senders": {
    body: { FromEmail: "a@example.org", Name: "a" },
    texts: ["ReplyToEmail", "ReturnPathDomain", "ConfirmationPersonalNote"]
  },
  "PUT /senders/{id}": {
    path: sender,
    body: {},
    texts: ["ReplyToEmail", "ReturnPathDomain", "ConfirmationPersonalNote"],
    others: ["Name"]
  },
  "POST /data-removals": {
    body: { RequestedBy: "a@example.org", RequestedFor: "b@example.org" },
    texts: [],
    others: ["NotifyWhenCompleted"]
  }
}

for (
  const [line, { body, lists = [], objects = [], others = [], path, texts, wrap = (fields: object): unknown => fields }]
    of Object
      .entries(optional)
) {
  const fill = (names: ReadonlyArray<string>, value: unknown) => names.map((name): [string, unknown] => [name, value])
  const all = [...texts, ...others, ...objects, ...lists]
  const variants: Readonly<Record<string, ReadonlyArray<[string, unknown]>>> = {
    "none of them": [],
    "null for all": fill(all, null),
    "what is empty for all": [...fill(texts, ""), ...fill(objects, {}), ...fill(lists, [])],
    ...Object.fromEntries(all.map((name) => [`null for ${name}`, fill([name], null)])),
    ...Object.fromEntries(texts.map((name) => [`"" for ${name}`, fill([name], "")]))
  }
  it.effect(`${line} takes null and what is empty for optional fields`, () =>
    Effect.gen(function*() {
      const { reset } = yield* double
      for (const [name, fields] of Object.entries(variants)) {
        yield* reset
        const [method, fixed] = line.replace(/,.*/, "").split(" ")
        const target = path === undefined ? fixed : yield* path
        const answer = yield* run(`${method} ${target}`, wrap({ ...body, ...Object.fromEntries(fields) }))
        assert.strictEqual(answer.status, 200, `${name}: ${answer.text}`)
        assert.notMatch(answer.text, /"ErrorCode":[1-9]/, name)
      }
    }).pipe(Effect.provide(layer)))
}

it.effect("takes null inside of headers and attachments", () =>
  Effect.gen(function*() {
    const answer = yield* run("POST /email", {
      ...mail,
      Headers: [{ Name: "X-A", Value: null }],
      Attachments: [{ Name: "a.txt", Content: "aGk=", ContentType: "text/plain", ContentID: null }],
      Metadata: { a: null }
    })
    assert.strictEqual(answer.status, 200, answer.text)
  }).pipe(Effect.provide(layer)))
