/** Bad input for the routes of the API, through a raw socket. After each row a good request is answered. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { email, start, tokens } from "./support/harness.ts"
import { check, exchange, message, type Row } from "./support/table.ts"

const invalid = { status: 422, code: "validation_failure" }

/** Where a field is refused: its path, and what the message says about the limit. */
const at = (field: string, says?: string) => ({ ...invalid, field, ...(says === undefined ? {} : { says }) })

interface Tools {
  readonly post: (path: string, body: unknown) => Buffer
  readonly patch: (path: string, body: unknown) => Buffer
  readonly get: (path: string) => Buffer
  /** The connection's path. */
  readonly of: string
  readonly targetId: string
}

const targets = ({ of, patch, post, targetId }: Tools): ReadonlyArray<Row> => {
  const refused = (row: string, urls: ReadonlyArray<string>): ReadonlyArray<Row> =>
    urls.flatMap((url) => [
      {
        name: `${row} ${url.slice(0, 40)}`,
        request: post(`${of}/relay-targets`, { trigger: "email-delivered", url }),
        ...at("url")
      },
      // B35: a change is checked as a creation is.
      {
        name: `${row}, B35 changed to ${url.slice(0, 40)}`,
        request: patch(`${of}/relay-targets/${targetId}`, { url }),
        ...at("url")
      }
    ])
  return [
    ...refused("B26", [
      "file:///etc/passwd",
      "gopher://example.com/",
      "ftp://example.com/",
      "javascript:alert(1)",
      "data:text/plain,x",
      "http://",
      "nonsense",
      `https://example.com/${"x".repeat(2_100)}`
    ]),
    ...refused("B27", ["https://user:canary@example.com/", "https://example.com/#fragment"]),
    ...refused("B28", [
      "http://2130706433/",
      "http://0x7f000001/",
      "http://0177.0.0.1/",
      "http://127.1/",
      "http://0/",
      "http://127.0.0.1./",
      "http://\uff11\uff12\uff17.0.0.1/"
    ]),
    ...refused("B29", [
      "http://[::1]/",
      "http://[::]/",
      "http://[::ffff:127.0.0.1]/",
      "http://[::127.0.0.1]/",
      "http://[64:ff9b::7f00:1]/",
      "http://[2002:7f00:1::]/",
      "http://[fe80::1]/",
      "http://[fc00::1]/",
      "http://[ff02::1]/"
    ]),
    ...refused("B30", [
      "http://10.0.0.1/",
      "http://172.16.0.1/",
      "http://192.168.0.1/",
      "http://169.254.169.254/",
      "http://100.64.0.1/",
      "http://192.0.0.1/",
      "http://198.18.0.1/",
      "http://240.0.0.1/",
      "http://255.255.255.255/",
      "http://192.0.2.1/",
      "http://localhost/",
      "http://localhost./",
      "http://x.internal/",
      "http://metadata.google.internal/"
    ]),
    ...refused("B34", [
      "https://example.com:22/",
      "https://example.com:25/",
      "https://example.com:6379/",
      "https://example.com:5432/",
      "https://example.com:0/",
      "https://example.com:65536/"
    ])
  ]
}

const connections = ({ of, patch, post, targetId }: Tools): ReadonlyArray<Row> => [
  ...["", "   ", "a b", "canary\nX: y", "t".repeat(10_000), "t\u00f6ken"].map((serverToken, index): Row => ({
    name: `B36 the token ${index}`,
    request: post("/v1/connections", { name: "x", serverToken }),
    ...at("serverToken"),
    hides: "canary"
  })),
  ...["id", "createdAt", "sealedToken", "state"].map((field): Row => ({
    name: `B37 the field ${field}`,
    request: post("/v1/connections", { name: "x", serverToken: "canary-token", [field]: "x" }),
    ...at(field),
    hides: "canary"
  })),
  {
    name: "B37 a field of a target",
    request: patch(`${of}/relay-targets/${targetId}`, { currentSecret: "x" }),
    ...at("currentSecret")
  }
]

const sends = ({ of, post }: Tools): ReadonlyArray<Row> => {
  const send = (changes: object) => post(`${of}/actions/send-email`, { ...email, ...changes })
  const batch = (messages: unknown) => post(`${of}/actions/send-email-batch`, { messages })
  const template = (changes: object) =>
    post(`${of}/actions/send-email-with-template`, { from: email.from, to: email.to, templateModel: {}, ...changes })
  const attachment = (changes: object) =>
    send({ attachments: [{ name: "a.txt", content: "aGk=", contentType: "text/plain", ...changes }] })
  const people = (count: number) => Array.from({ length: count }, (_, index) => `r${index}@example.org`)
  return [
    { name: "B39 501 messages", request: batch(Array.from({ length: 501 }, () => email)), ...at("messages", "500") },
    { name: "B39 no messages", request: batch([]), ...invalid },
    { name: "B39 not a list", request: batch("x"), ...at("messages") },
    { name: "B40 51 recipients", request: send({ to: people(51) }), ...invalid, says: "50" },
    {
      name: "B40 51 recipients over three fields",
      request: send({ to: people(20), cc: people(20), bcc: people(11) }),
      ...invalid,
      says: "50"
    },
    {
      name: "B41 a body over 5 MB",
      request: send({ textBody: "x".repeat(5 * 1024 * 1024 + 1) }),
      ...at("textBody", "5242880")
    },
    {
      name: "B41 a message over 10 MB",
      request: attachment({ content: Buffer.alloc(11 * 1024 * 1024).toString("base64") }),
      ...invalid,
      says: "10"
    },
    ...["a.exe", "a.bat", "a.vbs", "a.scr", "a.msi", "a.EXE"].map((name): Row => ({
      name: `B42 ${name}`,
      request: attachment({ name }),
      ...at("attachments.0.name")
    })),
    { name: "B43 no base64", request: attachment({ content: "%%%" }), ...at("attachments.0.content") },
    { name: "B43 an empty name", request: attachment({ name: "" }), ...at("attachments.0.name") },
    { name: "B43 no media type", request: attachment({ contentType: "canary" }), ...at("attachments.0.contentType") },
    {
      name: "B44 a line in the subject",
      request: send({ subject: "a\r\nBcc: canary@example.org" }),
      ...at("subject"),
      hides: "canary"
    },
    {
      name: "B44 a line in a header",
      request: send({ headers: [{ name: "X-A", value: "a\r\nB: c" }] }),
      ...at("headers.0.value")
    },
    {
      name: "B44 a line in a header's name",
      request: send({ headers: [{ name: "X-A\r\nB", value: "a" }] }),
      ...at("headers.0.name")
    },
    { name: "B44 a line in the tag", request: send({ tag: "a\nb" }), ...at("tag") },
    {
      name: "B45 a line in an address",
      request: send({ to: "a@example.org\r\nBcc: canary@example.org" }),
      ...at("to"),
      hides: "canary"
    },
    { name: "B45 two senders", request: send({ from: "a@example.org, b@example.org" }), ...at("from") },
    { name: "B45 no @", request: send({ to: "nobody" }), ...at("to") },
    { name: "B45 an open quote", request: send({ to: "\"a <a@example.org>" }), ...at("to") },
    {
      name: "B45 a sender of 262 characters",
      request: send({ from: `${"x".repeat(250)}@example.org` }),
      ...at("from")
    },
    // Which names Postmark refuses is not published, so it decides.
    {
      name: "B46 a space in a header's name",
      request: send({ headers: [{ name: "X A", value: "x" }] }),
      ...at("headers.0.name")
    },
    { name: "B47 a value that is no text", request: send({ metadata: { a: 1 } }), ...at("metadata.a") },
    {
      name: "B47 a key that is too long",
      request: send({ metadata: { ["k".repeat(21)]: "x" } }),
      ...invalid,
      says: "20"
    },
    {
      name: "B47 a value that is too long",
      request: send({ metadata: { a: "x".repeat(81) } }),
      ...invalid,
      says: "80"
    },
    { name: "B48 a tag of 1,001 characters", request: send({ tag: "x".repeat(1_001) }), ...at("tag", "1000") },
    {
      name: "B48 a subject of 2,001 characters",
      request: send({ subject: "x".repeat(2_001) }),
      ...at("subject", "2000")
    },
    { name: "B50 no body", request: send({ textBody: undefined }), ...invalid },
    { name: "B50 neither template nor alias", request: template({}), ...invalid },
    { name: "B50 both template and alias", request: template({ templateId: 1, templateAlias: "x" }), ...invalid },
    {
      name: "B51 a model that is a list",
      request: template({ templateAlias: "x", templateModel: [] }),
      ...at("templateModel")
    },
    { name: "B51 no model", request: template({ templateAlias: "x", templateModel: null }), ...at("templateModel") },
    { name: "B52 a word for a flag", request: send({ trackOpens: "yes" }), ...at("trackOpens") },
    { name: "B52 an unknown word", request: send({ trackLinks: "yes" }), ...at("trackLinks", "HtmlAndText") },
    { name: "B52 another case", request: send({ trackLinks: "htmlonly" }), ...at("trackLinks", "HtmlOnly") }
  ]
}

const reads = ({ get, of, post }: Tools): ReadonlyArray<Row> => {
  const search = (query: object) => post(`${of}/actions/list-outbound-messages`, query)
  return [
    ...[0, -1, 501, "abc", 1e9, 1.5].map((count): Row => ({
      name: `B54 count ${count}`,
      request: search({ count }),
      ...at("count")
    })),
    { name: "B54 an offset over the end", request: search({ count: 500, offset: 10_000 }), ...invalid, says: "10000" },
    ...["2024-02-30", "9999-99-99", "yesterday"].map((fromDate): Row => ({
      name: `B55 the date ${fromDate}`,
      request: search({ fromDate }),
      ...at("fromDate")
    })),
    {
      name: "B56 an unknown message",
      request: post(`${of}/actions/get-outbound-message-details`, {
        messageId: "00000000-0000-4000-8000-000000000000"
      }),
      status: 404,
      code: "not_found"
    },
    { name: "B57 a parameter twice", request: get("/v1/events?limit=1&limit=2"), ...at("limit") },
    { name: "B57 a parameter with brackets", request: get("/v1/events?limit[]=1"), ...at("limit[]") },
    { name: "B57 an unknown parameter", request: get("/v1/events?offset=1"), ...at("offset") }
  ]
}

describe("bad input for the API", () => {
  it.scopedLive(
    "names the field and the limit, sends nothing, and the next good request is answered",
    () =>
      Effect.gen(function*() {
        const { call, connect, double, key, url } = yield* start()
        const id = yield* connect(tokens.acme)
        const of = `/v1/connections/${id}`
        const made = yield* call("POST", `${of}/relay-targets`, {
          body: { trigger: "email-delivered", url: "https://example.com/" }
        })
        assert.strictEqual(made.status, 201, made.text)
        const targetId: string = Object(Object(made.json).target ?? made.json).id
        const headers = [`Authorization: Bearer ${key}`, "Content-Type: application/json"]
        const written = (method: string) => (path: string, body: unknown) =>
          message(`${method} ${path} HTTP/1.1`, headers, JSON.stringify(body))
        const tools: Tools = {
          post: written("POST"),
          patch: written("PATCH"),
          get: (path) => message(`GET ${path} HTTP/1.1`, headers, "", null),
          of,
          targetId
        }
        const good = tools.get("/v1/connections")
        const wrong: Array<string> = []
        for (const row of [...targets(tools), ...connections(tools), ...sends(tools), ...reads(tools)]) {
          const reply = yield* exchange(url, row.request)
          try {
            check(row, reply)
          } catch (error) {
            wrong.push(String(error).slice(0, 400))
          }
          assert.strictEqual((yield* exchange(url, good)).status, 200, `after ${row.name}`)
        }
        assert.deepStrictEqual(wrong, [])
        assert.deepStrictEqual(yield* double.sent, [])
      }),
    240_000
  )
})
