import { NodeRelayClient, Relay, RelayTargets } from "@effect-postmark/automation"
import { TriggerRegistry } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { Webhook } from "standardwebhooks"
import { Webhook as SvixWebhook } from "svix"
import { postgresDatabase, sqliteFile } from "./places.ts"
import { append, connect, connectionId, states } from "./relayKit.ts"
import { storage, vault } from "./relayStorage.ts"

/** A target that takes a moment for each event, and verifies it with both implementations. */
const receiver = Effect.gen(function*() {
  const secret = { value: "" }
  const received: Array<string> = []
  const problems: Array<unknown> = []
  const waiting = new Set<() => void>()
  const running = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString()
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)])
      )
      try {
        new Webhook(secret.value).verify(body, headers)
        new SvixWebhook(secret.value).verify(body, headers)
      } catch (error) {
        problems.push(error)
      }
      received.push(String(request.headers["webhook-id"]))
      for (const check of waiting) check()
      setTimeout(() => response.writeHead(204).end(), 3)
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void running.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (running.closeAllConnections(), running.close()))
  )
  const address = running.address()
  /** Waits until so many different ids have come. */
  const distinct = (count: number) =>
    Effect.async<void>((resume) => {
      const check = () => {
        if (new Set(received).size < count) return
        waiting.delete(check)
        resume(Effect.void)
      }
      waiting.add(check)
      check()
    })
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    secret,
    received,
    problems,
    distinct
  }
})

/** Another process with a worker. */
const worker = (place: string, port: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [
          "--import",
          "tsx",
          fileURLToPath(new URL("fixtures/worker.ts", import.meta.url)),
          place,
          String(port)
        ], { stdio: ["ignore", "inherit", "inherit"] })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => ({
      kill: Effect.async<void>((resume) => {
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
    })
  )

const client = (port: number) => NodeRelayClient.layer({ hosts: ["127.0.0.1"], ports: [port] })

const services = (place: string, port: number) =>
  RelayTargets.layer({ hosts: ["127.0.0.1"], ports: [port] }).pipe(
    Layer.provideMerge(client(port)),
    Layer.provideMerge(Layer.mergeAll(storage(place), vault, TriggerRegistry.layer()))
  )

/** A connection, a target, and events for it. */
const fill = (port: number, secret: { value: string }, events: number) =>
  Effect.gen(function*() {
    yield* connect
    const targets = yield* RelayTargets.RelayTargets
    const created = yield* targets.create({
      connectionId,
      trigger: "postmark/email-bounced",
      url: `http://127.0.0.1:${port}/hook`
    })
    secret.value = Redacted.value(created.secret)
    yield* Effect.forEach(Array.from({ length: events }, (_, at) => at), append, { concurrency: 64, discard: true })
    return created.target.id
  })

const allDelivered = (targetId: string, events: number) =>
  Effect.gen(function*() {
    while (true) {
      const rows = yield* states(targetId)
      assert.lengthOf(rows, events)
      if (rows.every((state) => state === "delivered")) return
      yield* Effect.sleep("50 millis")
    }
  })

describe("relay processes", () => {
  it.scopedLive(
    "after a kill, the next process on a SQLite file relays what is left; no row is lost or doubled",
    () =>
      Effect.gen(function*() {
        const events = 600
        const place = yield* sqliteFile
        const target = yield* receiver
        const id = yield* Effect.provide(fill(target.port, target.secret, events), services(place, target.port))
        const first = yield* worker(place, target.port)
        yield* target.distinct(events / 3)
        yield* first.kill
        assert.isBelow(new Set(target.received).size, events)
        const second = yield* worker(place, target.port)
        yield* target.distinct(events)
        yield* second.kill
        // What the second one had not settled when it was killed is relayed once more.
        yield* Effect.provide(
          allDelivered(id, events),
          Layer.provideMerge(
            Relay.layer({ timeout: "1 second", lease: "2 seconds", pollInterval: "100 millis" }),
            services(place, target.port)
          )
        )
        assert.strictEqual(new Set(target.received).size, events)
        assert.deepStrictEqual(target.problems, [])
      }),
    120_000
  )

  it.scopedLive(
    "two processes on PostgreSQL share the rows, and one goes on when the other is killed",
    () =>
      Effect.gen(function*() {
        const events = 600
        const place = yield* postgresDatabase
        const target = yield* receiver
        const context = yield* Layer.build(services(place, target.port))
        const id = yield* Effect.provide(fill(target.port, target.secret, events), context)
        const [first] = yield* Effect.all([worker(place, target.port), worker(place, target.port)])
        yield* target.distinct(events / 3)
        yield* first.kill
        yield* target.distinct(events)
        yield* Effect.provide(allDelivered(id, events), context)
        assert.strictEqual(new Set(target.received).size, events)
        assert.isBelow(target.received.length, events + 250)
        assert.deepStrictEqual(target.problems, [])
      }),
    120_000
  )

  for (const [name, place] of Object.entries({ SQLite: sqliteFile, PostgreSQL: postgresDatabase })) {
    it.scopedLive(`two workers on ${name} relay each event once`, () =>
      Effect.gen(function*() {
        const events = 200
        const target = yield* receiver
        const context = yield* Layer.build(services(yield* place, target.port))
        const id = yield* Effect.provide(fill(target.port, target.secret, events), context)
        yield* Effect.provide(Effect.all([Relay.make(), Relay.make()], { discard: true }), context)
        yield* Effect.provide(allDelivered(id, events), context)
        assert.lengthOf(target.received, events)
        assert.strictEqual(new Set(target.received).size, events)
        assert.deepStrictEqual(target.problems, [])
      }), 120_000)
  }
})
