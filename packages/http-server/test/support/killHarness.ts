/**
 * Kills the built server at random moments while Postmark's webhooks come at full rate, then counts: what was acknowledged
 * is stored, nothing is stored twice, every event has one delivery for each relay target, and every target received it. The
 * seed decides when the server is killed.
 */
import type { ServeError } from "@effect/platform/HttpServerError"
import type { Scope } from "effect"
import { Effect, Random, Schedule, Schema } from "effect"
import { Agent, createServer, request } from "node:http"
import { join } from "node:path"
import { Webhook } from "standardwebhooks"
import { freePort, run } from "./child.ts"
import { caller, idOf, startDouble, temporaryDirectory, tokens } from "./harness.ts"

export interface Options {
  readonly kills: number
  readonly seed: string
  /** A PostgreSQL database; without it the server has a SQLite file. */
  readonly databaseUrl?: string | undefined
  /** Webhooks that are posted at the same time. */
  readonly connections?: number | undefined
  readonly report: (line: string) => void
}

export interface Counts {
  readonly kills: number
  readonly acknowledged: number
  readonly stored: number
  readonly lost: number
  readonly storedTwice: number
  readonly deliveries: number
  readonly notRelayed: number
  readonly relayedAgain: number
  readonly badSignatures: number
}

const apiKey = "an-admin-key-from-outside"
const secret = "Bearer kill-harness-secret"
const trigger = "postmark/email-delivered"
const targets = ["a", "b"] as const

const Page = Schema.decodeUnknownSync(Schema.Struct({
  events: Schema.Array(Schema.Struct({ sequence: Schema.Number, raw: Schema.Struct({ MessageID: Schema.String }) })),
  nextCursor: Schema.String
}))
const Deliveries = Schema.decodeUnknownSync(Schema.Struct({
  deliveries: Schema.Array(Schema.Struct({ sequence: Schema.Number })),
  nextAfter: Schema.NullOr(Schema.Number)
}))
const Made = Schema.decodeUnknownSync(
  Schema.Struct({ target: Schema.Struct({ id: Schema.String }), secret: Schema.String })
)
const Relayed = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ sequence: Schema.Number })))

/** Two targets of the relay: the sequence numbers that each received, and how often. */
const receiver = Effect.gen(function*() {
  const received = new Map<string, Map<number, number>>(targets.map((name) => [name, new Map()]))
  const secrets = new Map<string, string>()
  const state = { badSignatures: 0 }
  const server = createServer((incoming, response) => {
    let body = ""
    incoming.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      const name = incoming.url?.slice(1) ?? ""
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([key, value]) => [key, String(value)]))
      try {
        new Webhook(secrets.get(name) ?? "").verify(body, headers)
      } catch {
        state.badSignatures += 1
      }
      const { sequence } = Relayed(body)
      const counts = received.get(name)
      counts?.set(sequence, (counts.get(sequence) ?? 0) + 1)
      response.writeHead(204).end()
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  const address = server.address()
  return { port: typeof address === "object" && address !== null ? address.port : 0, received, secrets, state }
})

/** Posts webhooks over `connections` sockets until it is stopped; one that got no 200 is posted again, as Postmark does. */
const load = (port: number, connectionId: string, connections: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const acknowledged: Array<string> = []
  const state = { isRunning: true, next: 0 }
  const post = (body: string) =>
    new Promise<number>((resolve) => {
      const outgoing = request({
        agent,
        host: "127.0.0.1",
        port,
        method: "POST",
        path: `/v1/webhooks/${connectionId}`,
        headers: {
          authorization: secret,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body)
        }
      }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0)).on("error", () => resolve(0))
      })
      outgoing.on("error", () => setImmediate(resolve, 0)).end(body)
    })
  const worker = async () => {
    while (state.isRunning) {
      const number = state.next++
      const id = `${number.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`
      const body = JSON.stringify({
        RecordType: "Delivery",
        ServerID: 101,
        MessageStream: "outbound",
        MessageID: id,
        Recipient: `reader-${number}@example.org`,
        Tag: "welcome",
        DeliveredAt: "2026-05-01T12:00:00.1234567Z",
        Details: "250 OK",
        Metadata: {}
      })
      while (state.isRunning) {
        const status = await post(body)
        if (status === 200) {
          acknowledged.push(id)
          break
        }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  }
  const workers = Array.from({ length: connections }, worker)
  return {
    acknowledged,
    stop: Effect.promise(async () => {
      state.isRunning = false
      await Promise.all(workers)
      agent.destroy()
    })
  }
}

export const harness = (options: Options): Effect.Effect<Counts, ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const program = "bin/effect-postmark-server.mjs"
    const port = yield* freePort
    const call = caller(`http://127.0.0.1:${port}`, apiKey)
    const directory = yield* temporaryDirectory
    const double = yield* startDouble()
    const relay = yield* receiver
    const start = Effect.gen(function*() {
      const child = yield* run(program, {
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: join(directory, "data"),
        EFFECT_POSTMARK_POSTMARK_API_URL: double.url,
        EFFECT_POSTMARK_API_KEY: apiKey,
        EFFECT_POSTMARK_ENCRYPTION_KEY: "a".repeat(43),
        EFFECT_POSTMARK_RELAY_ALLOWED_HOSTS: "127.0.0.1",
        EFFECT_POSTMARK_RELAY_ALLOWED_PORTS: String(relay.port),
        ...(options.databaseUrl === undefined ? {} : { EFFECT_POSTMARK_DATABASE_URL: options.databaseUrl })
      })
      yield* child.says("listens on")
      return child
    })

    const { connectionId, ids } = yield* Effect.scoped(Effect.gen(function*() {
      yield* start
      const body = { name: "a", serverToken: tokens.acme }
      const connectionId = idOf((yield* call("POST", "/v1/connections", { body })).json)
      yield* call("POST", `/v1/connections/${connectionId}/triggers`, { body: { trigger, secret } })
      const ids = new Map<string, string>()
      for (const name of targets) {
        const url = `http://127.0.0.1:${relay.port}/${name}`
        const made = Made(
          (yield* call("POST", `/v1/connections/${connectionId}/relay-targets`, { body: { trigger, url } })).json
        )
        relay.secrets.set(name, made.secret)
        ids.set(name, made.target.id)
      }
      return { connectionId, ids }
    }))

    const webhooks = load(port, connectionId, options.connections ?? 16)
    yield* Effect.addFinalizer(() => webhooks.stop)
    for (let kill = 1; kill <= options.kills; kill++) {
      yield* Effect.scoped(Effect.gen(function*() {
        const child = yield* start
        const before = webhooks.acknowledged.length
        // Within the first acknowledgements, or far into the load.
        const delay = Math.floor((yield* Random.next) ** 2 * 600)
        yield* Effect.repeat(Effect.sync(() => webhooks.acknowledged.length > before), {
          until: (hasBegun) => hasBegun,
          schedule: Schedule.spaced("2 millis")
        })
        yield* Effect.sleep(delay)
        child.process.kill("SIGKILL")
        yield* child.exit
        options.report(`kill ${kill}: after ${delay} ms, ${webhooks.acknowledged.length} acknowledged`)
      }))
    }
    yield* webhooks.stop

    yield* start
    const stored: Array<{ readonly sequence: number; readonly id: string }> = []
    let cursor = ""
    while (true) {
      const { json } = yield* call("GET", `/v1/events?limit=500${cursor === "" ? "" : `&after=${cursor}`}`)
      const page = Page(json)
      if (page.events.length === 0) break
      stored.push(...page.events.map(({ raw, sequence }) => ({ sequence, id: raw.MessageID })))
      cursor = page.nextCursor
    }
    const isRelayed = Effect.sync(() =>
      targets.every((name) => stored.every(({ sequence }) => relay.received.get(name)?.has(sequence)))
    )
    yield* Effect.repeat(isRelayed, {
      until: (isDone) => isDone,
      schedule: Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(1_200))
    })

    const deliveriesOf = (id: string, state: string) =>
      Effect.gen(function*() {
        const sequences: Array<number> = []
        let after: number | null = 0
        while (after !== null) {
          const path = `/v1/connections/${connectionId}/relay-targets/${id}/deliveries?state=${state}&after=${after}`
          const page: ReturnType<typeof Deliveries> = Deliveries((yield* call("GET", path)).json)
          sequences.push(...page.deliveries.map(({ sequence }) => sequence))
          after = page.nextAfter
        }
        return sequences
      })
    // An event is received before its delivery is settled.
    const rows = yield* Effect.forEach(ids.values(), (id) =>
      Effect.map(
        Effect.forEach(["pending", "delivered", "dead", "held"], (state) => deliveriesOf(id, state)),
        (all) => all.flat()
      ))

    const storedIds = new Set(stored.map(({ id }) => id))
    const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, number) => total + number, 0)
    return {
      kills: options.kills,
      acknowledged: webhooks.acknowledged.length,
      stored: stored.length,
      lost: webhooks.acknowledged.filter((id) => !storedIds.has(id)).length,
      storedTwice: stored.length - storedIds.size,
      deliveries: sum(rows.map((sequences) => new Set(sequences).size)),
      notRelayed: sum(
        targets.map((name) => stored.filter(({ sequence }) => relay.received.get(name)?.has(sequence) !== true).length)
      ),
      relayedAgain: sum(
        targets.map((name) => sum([...relay.received.get(name)?.values() ?? []].map((count) => count - 1)))
      ),
      badSignatures: relay.state.badSignatures
    }
  }).pipe(Effect.withRandom(Random.make(options.seed)))
