/**
 * The relay: events that wait in a SQLite file go to five targets; from the worker's start until the last row is settled.
 * The targets have a process of their own. Every event is signed, and its attempt kept. PostgreSQL with a URL as the second argument.
 */
import { NodeRelayClient, Relay, RelayTargets } from "@effect-postmark/automation"
import { ConnectionStore, DeliveryStore, EventLog, Ids, TriggerRegistry, Vault } from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage } from "@effect-postmark/storage-sql"
import { Effect, Layer, Redacted } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const events = Number(process.argv[2] ?? 2_000)
const targets = 5
const databaseUrl = process.argv[3]

const receiver = fork(fileURLToPath(new URL("relayReceiver.mjs", import.meta.url)), { execArgv: [] })
const [port] = await once(receiver, "message")
const directory = mkdtempSync(join(tmpdir(), "relay-"))
const connectionId = Ids.ConnectionId.make("con_bench")
const allowed = { hosts: ["127.0.0.1"], ports: [Number(port)] }

const storage: Layer.Layer<SqliteStorage.Stores, unknown> = databaseUrl === undefined
  ? SqliteStorage.layer({ filename: join(directory, "relay.db") })
  : PostgresStorage.layer({ url: Redacted.make(databaseUrl) })

const services = RelayTargets.layer(allowed).pipe(
  Layer.provideMerge(NodeRelayClient.layer(allowed)),
  Layer.provideMerge(Layer.mergeAll(storage, Vault.layerEphemeral, TriggerRegistry.layer()))
)

const event = JSON.stringify({
  recipient: "someone@example.com",
  messageId: "00000000-1111-2222-3333-444444444444",
  deliveredAt: "2026-01-01T00:00:00Z",
  details: "250 OK ".repeat(60),
  metadata: { order: "1" }
})

const program = Effect.gen(function*() {
  const connections = yield* ConnectionStore.ConnectionStore
  const log = yield* EventLog.EventLog
  const store = yield* DeliveryStore.DeliveryStore
  const relayTargets = yield* RelayTargets.RelayTargets
  yield* connections.insert({
    id: connectionId,
    name: "bench",
    serverId: 1,
    serverName: "bench",
    fingerprint: "f",
    sealedToken: "sealed",
    state: "active",
    createdAt: "2026-01-01T00:00:00.000Z",
    rotatedAt: null,
    revokedAt: null,
    lastRefusedAt: null
  })
  const created = yield* Effect.forEach(
    Array.from({ length: targets }, (_, at) => `http://127.0.0.1:${port}/${at}`),
    (url) => relayTargets.create({ connectionId, trigger: "postmark/email-delivered", url })
  )
  const stored = performance.now()
  yield* Effect.forEach(Array.from({ length: events }, (_, at) => at), (at) =>
    log.append({
      connectionId,
      identity: `${at}`,
      receivedAt: "2026-01-01T00:00:00.000Z",
      recordType: "Delivery",
      trigger: "postmark/email-delivered",
      status: "decoded",
      event,
      raw: event
    }), { concurrency: 256, discard: true })
  const storing = (performance.now() - stored) / 1_000
  console.log(`stored ${events} events with ${events * targets} rows: ${Math.round(events / storing)} events/s`)

  const cpu = process.cpuUsage()
  const started = performance.now()
  yield* Relay.make()
  const isOpen = Effect.exists(created, ({ target }) =>
    Effect.map(
      store.list({ targetId: target.id, states: ["pending"], after: 0, limit: 1 }),
      (rows) => rows.length > 0
    ))
  while (yield* isOpen) yield* Effect.sleep("20 millis")
  const seconds = (performance.now() - started) / 1_000
  const used = process.cpuUsage(cpu)
  console.log(
    `relayed ${events * targets} in ${seconds.toFixed(2)} s: ${Math.round(events * targets / seconds)} deliveries/s, ` +
      `${((used.user + used.system) / 1_000 / events / targets).toFixed(2)} ms of CPU each`
  )
}).pipe(Effect.scoped, Effect.provide(services))

try {
  await Effect.runPromise(program)
} finally {
  receiver.kill()
  rmSync(directory, { recursive: true, force: true })
}
