/**
 * The event log on SQLite: pages and filtered reads against the first page. A read that finds one rare event must not cost
 * a scan of the whole log. `npm run bench:log -- 1000000` sets the number of events.
 */
import { EventLog, Ids } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { Effect, Stream } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const total = Number(process.argv[2] ?? 100_000)
const rounds = 30

const raw = JSON.stringify({ RecordType: "Delivery", Details: "x".repeat(500) })

const event = (index: number): EventLog.NewEvent => {
  const isRare = index === Math.floor(total / 2)
  return {
    connectionId: Ids.ConnectionId.make(isRare ? "con_rare" : `con_${index % 20}`),
    identity: String(index),
    receivedAt: "2026-01-01T00:00:00.000Z",
    recordType: "Delivery",
    trigger: isRare ? "postmark/rare" : "postmark/email-delivered",
    status: "decoded",
    event: "{}",
    raw
  }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const measure = (log: EventLog.Service, options: EventLog.ReadOptions, found: number) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const start = performance.now()
      const events = yield* log.read(options)
      times.push(performance.now() - start)
      if (events.length !== found) return yield* Effect.dieMessage(`found ${events.length} events in place of ${found}`)
    }
    return median(times)
  })

const directory = mkdtempSync(join(tmpdir(), "effect-postmark-bench-"))
const filename = join(directory, "events.db")

const fill = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  const start = performance.now()
  yield* Stream.runDrain(Stream.mapEffect(Stream.range(0, total - 1), (index) => log.append(event(index)), {
    concurrency: 2_000,
    unordered: true
  }))
  const seconds = (performance.now() - start) / 1_000
  console.log(`${total} events appended in ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} per second`)
})

const read = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  console.log(`opened in ${(performance.now() - opened).toFixed(0)} ms`)
  const end = yield* log.latest
  const first = yield* measure(log, { after: 0, limit: 100 }, 100)
  const rows: ReadonlyArray<readonly [string, EventLog.ReadOptions, number]> = [
    ["first page of 100", { after: 0, limit: 100 }, 100],
    ["last page of 100", { after: end - 100, limit: 100 }, 100],
    ["one rare trigger", { after: 0, limit: 100, trigger: "postmark/rare" }, 1],
    ["one rare connection", { after: 0, limit: 100, connections: ["con_rare"] }, 1],
    ["a common connection", { after: 0, limit: 100, connections: ["con_3"] }, 100],
    ["three connections", { after: 0, limit: 100, connections: ["con_rare", "con_3", "con_4"] }, 100],
    ["nothing new, all connections", { after: end, limit: 100, trigger: "postmark/email-delivered" }, 0]
  ]
  for (const [name, options, found] of rows) {
    const time = yield* measure(log, options, found)
    console.log(`${name.padEnd(30)} ${time.toFixed(2).padStart(8)} ms  ${(time / first).toFixed(2)} × the first page`)
  }
})

let opened = 0
await Effect.runPromise(Effect.provide(fill, SqliteStorage.layer({ filename })))
opened = performance.now()
await Effect.runPromise(Effect.provide(read, SqliteStorage.layer({ filename })))
rmSync(directory, { recursive: true })
