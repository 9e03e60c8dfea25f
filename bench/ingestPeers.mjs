/**
 * What a user would write: a server on `node:http` or on fastify that stores webhooks in SQLite before it answers, with the
 * same durability and the same group commit. It compares the secret, parses the body, hashes it, and stores it once.
 */
import Database from "better-sqlite3"
import fastify from "fastify"
import { createHash, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"

const [kind, filename, secret] = process.argv.slice(2)

const database = new Database(filename)
database.pragma("journal_mode = WAL")
database.pragma("synchronous = FULL")
database.exec(`CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL, identity TEXT NOT NULL,
  received_at TEXT NOT NULL, record_type TEXT, raw TEXT NOT NULL, UNIQUE (connection_id, identity)) STRICT`)
const insert = database.prepare(`INSERT INTO events (connection_id, identity, received_at, record_type, raw)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)

let group = []
const commit = database.transaction((items) => items.map((item) => insert.run(...item.row).changes === 1))

const flush = () => {
  const items = group
  group = []
  const stored = commit(items)
  items.forEach((item, index) => item.done(stored[index] ? "stored" : "duplicate"))
}

const append = (row, done) => {
  group.push({ row, done })
  // One turn of the event loop, so that all requests that have arrived are in the group.
  if (group.length === 1) setImmediate(flush)
}

const expected = Buffer.from(secret)
const isAuthorized = (header) => {
  const given = Buffer.from(header ?? "")
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const rowOf = (connection, raw, parsed) => [
  connection,
  createHash("sha256").update(raw).digest("hex"),
  new Date().toISOString(),
  parsed.RecordType ?? null,
  raw
]

const ready = (port) => {
  process.on("message", () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }))
  process.send({ port })
}

if (kind === "node:http") {
  const server = createServer((request, response) => {
    const connection = /^\/v1\/webhooks\/([\w-]+)$/.exec(request.url)?.[1]
    if (request.method !== "POST" || connection === undefined) return response.writeHead(404).end()
    if (!isAuthorized(request.headers.authorization)) return response.writeHead(401).end()
    const chunks = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString("utf8")
      let parsed
      try {
        parsed = JSON.parse(raw)
      } catch {
        return response.writeHead(400).end()
      }
      append(rowOf(connection, raw, parsed), (result) => {
        const body = JSON.stringify({ result })
        response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
        response.end(body)
      })
    })
  })
  server.listen(0, "127.0.0.1", () => ready(server.address().port))
} else {
  const app = fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", { parseAs: "string" }, (_, body, done) => done(null, body))
  app.post("/v1/webhooks/:connection", {
    onRequest: (request, reply, done) => {
      if (isAuthorized(request.headers.authorization)) done()
      else reply.code(401).send()
    },
    schema: { response: { 200: { type: "object", properties: { result: { type: "string" } } } } }
  }, (request, reply) => {
    let parsed
    try {
      parsed = JSON.parse(request.body)
    } catch {
      return reply.code(400).send()
    }
    append(rowOf(request.params.connection, request.body, parsed), (result) => reply.send({ result }))
    return reply
  })
  await app.listen({ port: 0, host: "127.0.0.1" })
  ready(app.server.address().port)
}
