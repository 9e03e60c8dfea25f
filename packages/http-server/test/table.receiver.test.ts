/** Bad input for the receiver, through a raw socket. After each row a good webhook is stored. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { connect } from "node:net"
import { gzipSync } from "node:zlib"
import { start, tokens } from "./support/harness.ts"
import { check, exchange, kept, message, type Row } from "./support/table.ts"
import { bounceText, delivery } from "./support/webhooks.ts"

const secret = "Basic cG9zdG1hcms6d2l0aDpjb2xvbg=="
const limit = 1024 * 1024

const served = (limits: Parameters<typeof start>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* start({ server: { maxWebhookBytes: limit }, ...limits })
    const id = yield* server.connect(tokens.acme)
    const other = yield* server.connect(tokens.other)
    for (const [connection, own] of [[id, secret], [other, "Bearer of-the-other-one"]] as const) {
      yield* server.call("POST", `/v1/connections/${connection}/triggers`, {
        body: { trigger: "email-delivered", secret: own }
      })
    }
    return { ...server, id, other }
  })

const chunked = (size: number): string => {
  const chunk = "x".repeat(64 * 1024)
  return `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(size / chunk.length) + "0\r\n\r\n"
}

const rows = (path: string, otherPath: string): ReadonlyArray<Row> => {
  const line = `POST ${path} HTTP/1.1`
  const authorized = `Authorization: ${secret}`
  const body = (text: string | Uint8Array) => message(line, [authorized], text)
  const json = (value: unknown) => body(JSON.stringify(value))
  const event = JSON.stringify(delivery("table@example.org"))
  const refused = { status: 401, code: "unauthorized", header: /^www-authenticate: /im }
  const unreadable = { status: 400, code: "malformed_body", says: "/v1/quarantine" }
  const with_ = (...headers: ReadonlyArray<string>) => message(line, [authorized, ...headers], event)
  return [
    { name: "B1 truncated JSON", request: body(event.slice(0, -10)), ...unreadable, hides: "table@example.org" },
    { name: "B1 no JSON", request: body("RecordType=Delivery"), ...unreadable },
    { name: "B2 an empty body", request: body(""), ...unreadable },
    ...["null", "[]", "\"x\"", "123"].map((text): Row => ({ name: `B2 ${text}`, request: body(text), status: 200 })),
    ...[
      ["Content-Type: text/plain"],
      ["Content-Type: application/x-www-form-urlencoded"],
      [],
      ["Content-Type: application/json; charset=utf-16"],
      ["Content-Type: application/json", "Content-Type: text/html"],
      ["Content-Type: ;;;"]
    ].map((types): Row => ({ name: `B3 ${types.join() || "no Content-Type"}`, request: with_(...types), status: 200 })),
    {
      name: "B4 20 MB declared, answered before they come",
      request: message(line, [authorized], "", 20 * 1024 * 1024),
      status: 413,
      code: "body_too_large",
      says: String(limit)
    },
    {
      name: "B4 20 MB declared without the secret",
      request: message(line, [], "", 20 * 1024 * 1024),
      ...refused
    },
    {
      name: "B5 4 MB in chunks",
      request: message(line, [authorized, "Transfer-Encoding: chunked"], chunked(4 * 1024 * 1024), null),
      status: 413,
      code: "body_too_large",
      says: String(limit)
    },
    {
      name: "B6 gzip",
      request: message(line, [authorized, "Content-Encoding: gzip"], gzipSync(event)),
      status: 400,
      code: "malformed_body",
      says: "gzip is not supported"
    },
    {
      name: "B6 a gzip bomb",
      request: message(line, [authorized, "Content-Encoding: gzip"], gzipSync("x".repeat(10_000_000))),
      status: 400,
      code: "malformed_body"
    },
    { name: "B6 an unknown encoding of plain JSON", request: with_("Content-Encoding: zstd"), status: 200 },
    { name: "B7 33 levels", request: body(`${"[".repeat(33)}${"]".repeat(33)}`), status: 200 },
    { name: "B7 100,000 levels", request: body(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), status: 200 },
    {
      name: "B8 __proto__ and constructor",
      request: body(
        `{"RecordType":"Delivery","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,` +
          `"Metadata":{"__proto__":"x","toString":"y"}}`
      ),
      status: 200
    },
    { name: "B9 invalid UTF-8", request: body(Buffer.from([0x22, 0xff, 0xfe, 0x22])), ...unreadable },
    {
      name: "B9 half a surrogate pair",
      request: body("{\"RecordType\":\"Delivery\",\"Tag\":\"\\ud800\"}"),
      status: 200
    },
    { name: "B9 an escaped NUL", request: body("{\"RecordType\":\"Delivery\",\"Tag\":\"\\u0000\"}"), status: 200 },
    { name: "B9 a raw NUL", request: body("{\"Tag\":\"\u0000\"}"), ...unreadable },
    { name: "B9 a byte order mark", request: body(`\ufeff${event}`), status: 200 },
    {
      name: "B10 1e400 and -0",
      request: body("{\"RecordType\":\"Bounce\",\"ID\":1e400,\"TypeCode\":-0}"),
      status: 200
    },
    { name: "B10 an id of 64 bits", request: body(bounceText("9223372036854775807")), status: 200 },
    { name: "B10 an id of 400 digits", request: body(bounceText("9".repeat(400))), status: 200 },
    {
      name: "B11 a key twice",
      request: body("{\"RecordType\":\"Open\",\"RecordType\":\"Delivery\"}"),
      status: 200
    },
    { name: "B12 an unknown RecordType", request: json({ RecordType: "Unheard" }), status: 200 },
    { name: "B12 no RecordType", request: json({ a: 1 }), status: 200 },
    { name: "B12 a RecordType of another type", request: json({ RecordType: 7 }), status: 200 },
    { name: "B13 a required field is missing", request: json({ RecordType: "Delivery" }), status: 200 },
    { name: "B13 a required field is null", request: json({ RecordType: "Open", MessageID: null }), status: 200 },
    { name: "B14 inbound mail", request: json({ FromFull: { Email: "a@example.org" }, MessageID: "x" }), status: 200 },
    { name: "B15 no secret", request: message(line, [], event), ...refused },
    { name: "B15 an empty one", request: message(line, ["Authorization:"], event), ...refused },
    { name: "B15 another scheme", request: message(line, ["Authorization: Digest x"], event), ...refused },
    {
      name: "B15 a wrong one",
      request: message(line, ["Authorization: Basic canary"], event),
      ...refused,
      hides: "canary"
    },
    ...[[secret, "Basic x"], ["Basic x", secret], [secret, secret]].map((values): Row => ({
      name: `B16 two secrets, ${values.join(" and ")}`,
      request: message(line, values.map((value) => `Authorization: ${value}`), event),
      ...refused
    })),
    ...[
      secret.replace(" ", "  "),
      secret.replace(" ", "\t"),
      secret.toLowerCase(),
      secret.slice(0, -1),
      `${secret}=`,
      `${secret} ${secret}`,
      "Basic \u00ff\u00fe",
      "Basic !!!!",
      `Basic ${"A".repeat(8_000)}`
    ].map((value, index): Row => ({
      name: `B17, B18 a damaged secret ${index}`,
      request: message(line, [`Authorization: ${value}`], event),
      ...refused
    })),
    {
      name: "B17 padding, which the parser takes off",
      request: message(line, [`Authorization:   ${secret}  `], event),
      status: 200
    },
    { name: "B17 a NUL", request: message(line, [`Authorization: ${secret}\u0000`], event), status: 400 },
    { name: "B17 100 KB", request: message(line, [`Authorization: ${"A".repeat(100_000)}`], event), status: 431 },
    { name: "B18 a colon in the password", request: with_(), status: 200 },
    {
      name: "B20 a length and chunks",
      request:
        `${line}\r\nHost: x\r\n${authorized}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`,
      status: 400
    },
    {
      name: "B20 two lengths",
      request: `${line}\r\nHost: x\r\n${authorized}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}`,
      status: 400
    },
    {
      name: "B20 a folded header",
      request: `${line}\r\nHost: x\r\n${authorized}\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}`,
      status: 400
    },
    { name: "B20 a bare line feed", request: `${line}\nHost: x\n${authorized}\nContent-Length: 2\n\n{}`, status: 400 },
    {
      name: "B20 a space before the colon",
      request: `${line}\r\nHost: x\r\n${authorized}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      status: 400
    },
    { name: "B20 a negative length", request: message(line, [authorized], "", -1), status: 400 },
    { name: "B20 no host", request: `${line}\r\n${authorized}\r\nContent-Length: 2\r\n\r\n{}`, status: 400 },
    {
      name: "B21 headers that claim to be a proxy's",
      request: with_("X-Forwarded-For: 10.0.0.1", "X-HTTP-Method-Override: DELETE", "X-Original-URL: /healthz"),
      status: 200
    },
    ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].map((method): Row => ({
      name: `B22 ${method}`,
      request: message(`${method} ${path} HTTP/1.1`, [authorized]),
      status: 405,
      code: "method_not_allowed",
      header: /^allow: POST/im
    })),
    { name: "B22 HEAD", request: message(`HEAD ${path} HTTP/1.1`, [authorized]), status: 405 },
    { name: "B22 no method of HTTP", request: message(`FROB ${path} HTTP/1.1`, [authorized]), status: 400 },
    {
      name: "B23 a body that does not come",
      request: message(line, [authorized], "{", 1_000),
      status: 408
    },
    { name: "B23 headers that do not end", request: `${line}\r\nHost: x\r\nX-Slow: `, status: 408 },
    ...["%2e%2e%2f", "%00", "x".repeat(100), "k%C3%B6ln", "a%3Bb", "con_unknown", "..%2fcon"].map((
      id
    ): Row => ({
      name: `B24 ${id.slice(0, 20)}`,
      request: message(`POST /v1/webhooks/${id} HTTP/1.1`, [authorized], event),
      ...refused
    })),
    // The router takes an id of 100 characters at most.
    ...["../x", "a/b", "", "/", "//", "x".repeat(10_000)].map((id): Row => ({
      name: `B24 the path /v1/webhooks/${id.slice(0, 20)}`,
      request: message(`POST /v1/webhooks/${id} HTTP/1.1`, [authorized], event),
      status: 404,
      code: "no_such_route"
    })),
    {
      name: "B24 an absolute URL",
      request: message(`POST http://elsewhere.example${path} HTTP/1.1`, [authorized], event),
      status: 200
    },
    {
      name: "B25 another connection's id with one's own secret",
      request: message(`POST ${otherPath} HTTP/1.1`, [authorized], event),
      ...refused
    }
  ]
}

describe("bad input for the receiver", () => {
  // The same receiver stands in front of the router and behind it; an escaped letter leads behind.
  for (
    const [way, pathOf] of [
      ["in front of the router", (id: string) => `/v1/webhooks/${id}`],
      ["behind the router", (id: string) => `/v1/webhooks/${id.replace("_", "%5F")}`]
    ] as const
  ) {
    it.scopedLive(`gets its own answer ${way}, and the next good webhook is stored`, () =>
      Effect.gen(function*() {
        const { id, other, url } = yield* served({
          limits: { headersTimeout: "3 seconds", requestTimeout: "3 seconds", receiver: { maxFailures: 1_000 } }
        })
        let index = 0
        const good = Effect.suspend(() =>
          exchange(
            url,
            message(
              `POST ${pathOf(id)} HTTP/1.1`,
              [`Authorization: ${secret}`],
              JSON.stringify(delivery(`${index++}@example.org`))
            )
          )
        )
        for (const row of rows(pathOf(id), pathOf(other))) {
          check(row, yield* exchange(url, row.request))
          const next = yield* good
          assert.deepStrictEqual([next.status, next.body], [200, "{\"result\":\"stored\"}"], `after ${row.name}`)
        }
        assert.isUndefined(Reflect.get({}, "polluted"))
      }), 240_000)
  }

  it.scopedLive("leaves nothing in memory", () =>
    Effect.gen(function*() {
      const { id, other, url } = yield* served()
      // More failures than are looked up: 429 is an answer of this test as well.
      const quick = rows(`/v1/webhooks/${id}`, `/v1/webhooks/${other}`).filter(({ name }) => !/B23|B5|B4/.test(name))
      const round = Effect.forEach(quick, (row) => exchange(url, row.request), { concurrency: 8, discard: true })
      yield* Effect.repeatN(round, 2)
      const before = yield* kept
      yield* Effect.repeatN(round, 7)
      assert.isBelow((yield* kept) - before, 10 * 1024 * 1024)
    }), 240_000)

  it.scopedLive("as 10,000 requests in one packet is answered in order", () =>
    Effect.gen(function*() {
      const { id, url } = yield* served()
      const one =
        `POST /v1/webhooks/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic wrong\r\nContent-Length: 2\r\n\r\n{}`
      const last = message(`POST /v1/webhooks/${id} HTTP/1.1`, [`Authorization: ${secret}`], "{\"last\":1}")
      const { hostname, port } = new URL(url)
      const text = yield* Effect.async<string>((resume) => {
        const socket = connect(Number(port), hostname)
        const chunks: Array<Buffer> = []
        socket.on("data", (chunk: Buffer) => void chunks.push(chunk))
        socket.on("error", () => {})
        socket.on("close", () => resume(Effect.succeed(Buffer.concat(chunks).toString("latin1"))))
        socket.write(Buffer.concat([Buffer.from(one.repeat(10_000)), last]))
      })
      const statuses = text.match(/HTTP\/1\.1 \d{3}/g) ?? []
      assert.strictEqual(statuses.length, 10_001)
      assert.strictEqual(statuses.at(-1), "HTTP/1.1 200")
    }), 60_000)
})
