import { Erasure } from "@effect-postmark/automation"
import {
  type DataRemovals,
  DeliveryStore,
  ErasureStore,
  EventLog,
  Ids,
  StoreUnavailable,
  WaitStore,
  WebhookReceiver
} from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Layer, Logger, Redacted, Schema } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { postgresDatabase } from "./places.ts"
import { connectionId } from "./relayKit.ts"

const other = Ids.ConnectionId.make("con_2")
const address = "ann.o@example.com"
const { marker } = Erasure

const webhook = (id: number, email: string) =>
  `{ "RecordType": "Bounce", "ID": ${id}, "Type": "HardBounce", "Email": ${email}, "From": "Acme <acme@example.com>",
    "BouncedAt": "2026-09-30T16:05:00Z", "Inactive": true, "CanActivate": true,
    "Details": "smtp;550 <Ann.O@example.com> unknown\\nann.o@example.com", "Metadata": {"who": "ANN.O@EXAMPLE.COM"} }`

const eventOf = (identity: string, raw: string, of = connectionId): EventLog.NewEvent => {
  const reading = WebhookReceiver.read(raw)
  if (reading === undefined) throw new Error("not JSON")
  return { ...reading, connectionId: of, identity, receivedAt: "2026-09-30T16:05:01.000Z", raw }
}

const fill = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  const deliveries = yield* DeliveryStore.DeliveryStore
  for (const [id, of] of [["rly_1", connectionId], ["rly_2", connectionId]] as const) {
    yield* deliveries.insertTarget({
      id,
      connectionId: of,
      trigger: "postmark/email-bounced",
      url: `https://${id.replace("_", "-")}.example/`,
      createdAt: "2026-01-01T00:00:00.000Z",
      state: "active",
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      currentSecret: "sealed",
      previousSecret: null
    })
  }
  yield* log.append(eventOf("plain", webhook(1, `"ann.o@example.com"`)))
  yield* log.append(eventOf("escaped", webhook(2, `"Ann\\u002Eo\\u0040example.com"`)))
  yield* log.append(
    eventOf("other person", webhook(3, `"joann.o@example.com"`).replace(/Details.*/s, `Details": "" }`))
  )
  yield* log.append(eventOf("unknown", `{"X":[{"ann.o@example.com":"{\\"to\\":\\"\\\\nann.o@example.com\\"}"}]}`))
  yield* log.append(eventOf("other connection", webhook(5, `"ann.o@example.com"`), other))
  yield* log.quarantine({
    connectionId,
    receivedAt: "2026-09-30T16:05:01.000Z",
    reason: "not JSON",
    body: `{"Email":"ann.o@example.com",\u0000`
  })
  const claimed = yield* deliveries.claim({
    wanted: [{ targetId: "rly_1", limit: 10 }],
    now: 1_000,
    leaseUntil: 2_000,
    lease: "l"
  })
  yield* deliveries.settle(claimed.map(({ sequence, targetId }) => ({
    targetId,
    sequence,
    lease: "l",
    at: 1_500,
    next: { state: "pending", dueAt: 1_500 },
    attempt: { attempt: 1, at: 1_400, durationMs: 100, status: 500, failure: "status", response: `no ${address} he` }
  })))
})

const stored = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  const deliveries = yield* DeliveryStore.DeliveryStore
  const events = yield* log.read({ after: 0, limit: 100 })
  const attempts = yield* Effect.forEach(events, ({ sequence }) => deliveries.attempts("rly_1", sequence))
  return { events, quarantined: yield* log.quarantined, attempts: attempts.flat() }
})

const claimBodies = Effect.flatMap(DeliveryStore.DeliveryStore, (deliveries) =>
  Effect.map(
    deliveries.claim({ wanted: [{ targetId: "rly_2", limit: 10 }], now: 9_000, leaseUntil: 9_001, lease: "m" }),
    (rows) => rows.map(({ event }) => event)
  ))

const mentions = (text: string) => /(?<!jo)ann\\*(\.|u002E)o/i.test(text)

const memory = Layer.merge(
  Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), EventLog.layerMemory),
  ErasureStore.layerMemory
)

const storages = {
  memory,
  SQLite: SqliteStorage.layer({ filename: ":memory:" }),
  PostgreSQL: Layer.unwrapScoped(
    Effect.map(postgresDatabase, (url) => PostgresStorage.layer({ url: Redacted.make(url) }))
  )
}

describe("Erasure", () => {
  for (const [storage, layer] of Object.entries(storages)) {
    it.effect(`erases an address of one connection, and then of all, on ${storage}`, () =>
      Effect.gen(function*() {
        yield* fill
        const before = yield* stored
        const erasure = yield* Erasure.make({ step: 2, pause: 0 })
        const report = yield* erasure.erase({ address: " ANN.O@example.com ", connectionId })
        assert.deepStrictEqual(report.changed, { events: 3, quarantine: 1, relay_attempts: 3, waits: 0 })
        const after = yield* stored
        const about = ({ event: _, raw: __, recipient: ___, ...rest }: EventLog.StoredEvent) => rest
        assert.deepStrictEqual(after.events.map(about), before.events.map(about))
        assert.deepStrictEqual(after.events.slice(2, 3), before.events.slice(2, 3))
        assert.deepStrictEqual(after.events.slice(4), before.events.slice(4))
        const [plain] = after.events
        assert.include(
          plain?.raw,
          `{ "RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "Email": "${marker}", "From"`
        )
        assert.include(plain?.raw, `"smtp;550 <${marker}> unknown\\n${marker}"`)
        for (const { event, raw } of after.events) {
          JSON.parse(raw)
          if (event !== null) JSON.parse(event)
        }
        // The same webhook is still a duplicate.
        const log = yield* EventLog.EventLog
        assert.isFalse(yield* log.append(eventOf("plain", webhook(1, `"ann.o@example.com"`))))
        // What a relay still has to send is sent with the marker.
        const bodies = yield* claimBodies
        assert.strictEqual(bodies.length, 3)
        assert.isFalse(bodies.some(mentions))
        const rest = yield* erasure.erase({ address })
        assert.deepStrictEqual(rest.changed, { events: 1, quarantine: 0, relay_attempts: 0, waits: 0 })
        assert.isFalse(mentions(JSON.stringify(yield* stored)))
        const records = yield* erasure.list(10)
        assert.deepStrictEqual(
          records.map(({ changed, connectionId, id }) => [id, connectionId, changed]),
          [[rest.id, null, rest.changed], [report.id, connectionId, report.changed]]
        )
        assert.isTrue(records.every(({ finishedAt }) => finishedAt !== null))
        assert.isFalse(mentions(JSON.stringify(records)))
      }).pipe(Effect.provide(layer)))
  }

  it.effect("leaves nothing of the address in the files of SQLite", () =>
    Effect.gen(function*() {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "erasure-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const filename = join(directory, "storage.db")
      const bytes = () =>
        ["", "-wal", "-shm"].filter((suffix) => existsSync(filename + suffix))
          .map((suffix) => readFileSync(filename + suffix, "latin1")).join("")
      yield* Effect.gen(function*() {
        yield* fill
        const log = yield* EventLog.EventLog
        // Enough for many pages, some of which are given back by the rewriting and by the pruning.
        for (let at = 0; at < 300; at++) {
          yield* log.append(eventOf(`long ${at}`, webhook(at, `"${"ann.o@example.com, ".repeat(1 + at % 300)}"`)))
        }
        assert.isTrue(mentions(bytes()))
        const { checkpoint } = yield* SqliteStorage.SqliteStorage
        yield* log.prune({ before: Date.UTC(2030, 0, 1), limit: 1 })
        const erasure = yield* Erasure.make({ pause: 0, afterwards: checkpoint })
        yield* erasure.erase({ address })
        assert.isFalse(mentions(bytes().replaceAll("joann", "")))
        assert.isTrue(bytes().includes(marker))
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
    }).pipe(Effect.scoped), 60_000)

  it.effect("leaves nothing of the address in any text column of PostgreSQL", () =>
    Effect.gen(function*() {
      const url = Redacted.make(yield* postgresDatabase)
      const options = { url }
      yield* Effect.gen(function*() {
        yield* fill
        const sql = yield* SqlClient.SqlClient
        const columns = yield* Effect.flatMap(
          sql`SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
            WHERE table_schema = current_schema() AND data_type = 'text'`,
          Schema.decodeUnknown(Schema.Array(Schema.Struct({ table: Schema.String, column: Schema.String })))
        )
        const everything = Effect.map(
          Effect.forEach(columns, ({ column, table }) => sql`SELECT ${sql(column)} FROM ${sql(table)}`),
          (rows) => JSON.stringify(rows)
        )
        assert.isTrue(mentions(yield* everything))
        const erasure = yield* Erasure.make({ pause: 0 })
        yield* erasure.erase({ address })
        assert.isFalse(mentions(yield* everything))
      }).pipe(
        Effect.provide(Layer.provideMerge(PostgresStorage.layerStores(options), PostgresStorage.layerClient(options)))
      )
    }).pipe(Effect.scoped), 60_000)

  it.live("says where it stopped, and goes on there", () =>
    Effect.gen(function*() {
      yield* fill
      const log = yield* EventLog.EventLog
      let calls = 0
      const kind: Erasure.Kind = {
        kind: "extra",
        rewrite: (step) => {
          calls += 1
          return calls > 1 && calls < 9
            ? new StoreUnavailable.StoreUnavailable({ store: "extra", operation: "rewrite", reason: "SQLITE_BUSY" })
            : log.rewrite({ ...step, limit: 1, rewrite: (text) => text })
        }
      }
      const erasure = yield* Erasure.make({ kinds: [kind], pause: 0 })
      const error = yield* Effect.flip(erasure.erase({ address }))
      if (error._tag !== "ErasureIncomplete") return assert.fail(error._tag)
      assert.deepStrictEqual(error.position, { kind: "extra", after: 1 })
      assert.isFalse(mentions(error.message))
      const [record] = yield* erasure.list(1)
      assert.deepInclude(record, {
        finishedAt: null,
        changed: { events: 4, quarantine: 1, relay_attempts: 3, waits: 0, extra: 0 }
      })
      calls = 10
      const { changed } = yield* erasure.erase({ address, from: error.position })
      assert.deepStrictEqual(changed, { extra: 0 })
    }).pipe(Effect.provide(memory)), 30_000)

  it.effect("requests the removal from Postmark, and logs that an address was erased but not whose", () =>
    Effect.gen(function*() {
      yield* fill
      const asked: Array<DataRemovals.NewDataRemoval> = []
      const removal = { id: 7, status: "Pending" }
      const dataRemovals: DataRemovals.Service = {
        create: (one) => {
          asked.push(one)
          return Effect.succeed({ ...removal, raw: removal })
        },
        status: () => Effect.dieMessage("not asked")
      }
      const logged: Array<unknown> = []
      const logger = Logger.make(({ annotations, message }) => logged.push([message, [...annotations]]))
      const erasure = yield* Erasure.make({ pause: 0 })
      const report = yield* erasure.erase({ address, postmark: { dataRemovals, requestedBy: "admin@example.com" } })
        .pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, logger))
        )
      assert.strictEqual(report.postmark?.id, 7)
      assert.deepStrictEqual(asked, [
        { requestedBy: "admin@example.com", requestedFor: address, notifyWhenCompleted: false }
      ])
      assert.strictEqual(logged.length, 1)
      assert.include(JSON.stringify(logged), "an address was erased")
      assert.isFalse(mentions(JSON.stringify(logged)))
    }).pipe(Effect.provide(memory)))

  it.effect("refuses what is not one address", () =>
    Effect.gen(function*() {
      const erasure = yield* Erasure.make()
      for (
        const text of ["", "ann", "@", "Ann <ann@example.com>", "ann@example.com, joe@example.com", "a b@example.com"]
      ) {
        const result = yield* Effect.either(erasure.erase({ address: text }))
        assert.strictEqual(Either.isLeft(result) ? result.left._tag : "", "ValidationFailure", text)
      }
      assert.deepStrictEqual(yield* erasure.list(10), [])
    }).pipe(Effect.provide(memory)))
})
