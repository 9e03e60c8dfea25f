/**
 * The receiver under load, as it is published: a steady rate beside slow connections, then more than it can take. Prints
 * what was acknowledged, stored and refused, the times and the memory. Needs `npm run build` before.
 * `npm run load:ingest -- 1000 60` sets the rate and the seconds.
 */
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bodyOf, keep, type Kept, percentile, requestOf } from "./ingestClient.ts"

const rate = Number(process.argv[2] ?? 1_000)
const seconds = Number(process.argv[3] ?? 60)
const slowConnections = Number(process.argv[4] ?? 1_000)
const secret = "Basic bG9hZDp3ZWJob29rcy1hcmUtc3RvcmVkLWJlZm9yZS0yMDA="

const directory = mkdtempSync(join(tmpdir(), "effect-postmark-load-"))
const child = fork(fileURLToPath(new URL("ingestOurs.mjs", import.meta.url)), [directory, secret, "2"], {
  execArgv: ["--expose-gc"]
})
const [{ ids: [busy, calm], port }] = await once(child, "message")

const memory = async (): Promise<string> => {
  const answer = once(child, "message")
  child.send("usage")
  const [{ rss }] = await answer
  return `${Math.round(rss / 1_048_576)} MB`
}

interface Tally {
  readonly acknowledged: Array<number>
  readonly times: Array<number>
  readonly refusedTimes: Array<number>
  readonly statuses: Map<number, number>
}

const tally = (): Tally => ({ acknowledged: [], times: [], refusedTimes: [], statuses: new Map() })

let index = 0
/** Posts at a rate, whatever the answers do. The time of a webhook counts from when it was due. */
const openLoop = async (connectionId: string, perSecond: number, duration: number, connections: number) => {
  const all = tally()
  const target = { port, path: `/v1/webhooks/${connectionId}`, secret }
  const idle: Array<Kept> = await Promise.all(Array.from({ length: connections }, () => keep(port)))
  const kept = [...idle]
  const load = { open: 0 }
  const due: Array<number> = []
  const start = performance.now()
  const post = (one: Kept, at: number) => {
    load.open += 1
    const own = ++index
    one.post(requestOf(target, bodyOf(own)), ({ status }) => {
      load.open -= 1
      const time = performance.now() - at
      all.statuses.set(status, (all.statuses.get(status) ?? 0) + 1)
      if (status === 200) {
        all.acknowledged.push(own)
        all.times.push(time)
      } else {
        all.refusedTimes.push(time)
      }
      const next = due.shift()
      if (next === undefined) idle.push(one)
      else post(one, next)
    })
  }
  let sent = 0
  while (sent < perSecond * duration) {
    const owed = Math.min(perSecond * duration, Math.floor((performance.now() - start) / 1_000 * perSecond))
    for (; sent < owed; sent++) {
      const at = start + sent / perSecond * 1_000
      const one = idle.pop()
      if (one === undefined) due.push(at)
      else post(one, at)
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  while (load.open > 0 || due.length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const one of kept) one.close()
  return { ...all, seconds: (performance.now() - start) / 1_000 }
}

const print = (name: string, { acknowledged, refusedTimes, seconds, statuses, times }: Tally & { seconds: number }) => {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`).join(", ")
  console.log(
    `${name}: ${counts} in ${seconds.toFixed(1)} s (${Math.round(acknowledged.length / seconds)} stored/s); ` +
      `p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms` +
      (refusedTimes.length === 0 ? "" : `; refused in p50 ${percentile(refusedTimes, 0.5).toFixed(0)} ms, ` +
        `p99 ${percentile(refusedTimes, 0.99).toFixed(0)} ms`)
  )
}

/** Connections that send a byte of a header each second, and never a whole request. */
const slow = (): ReadonlyArray<Socket> =>
  Array.from({ length: slowConnections }, () => {
    const socket = connect(port, "127.0.0.1")
    socket.on("error", () => {})
    socket.write(`POST /v1/webhooks/${calm} HTTP/1.1\r\nHost: x\r\nX-Slow: `)
    const timer = setInterval(() => socket.write("x"), 1_000)
    socket.on("close", () => clearInterval(timer))
    return socket
  })

const acknowledged: Array<number> = []
const before = await memory()
const sockets = slow()
const steady = await openLoop(busy, rate, seconds, 256)
acknowledged.push(...steady.acknowledged)
print(`${rate}/s beside ${slowConnections} slow connections`, steady)
const capacity = await openLoop(busy, 20_000, 2, 256)
acknowledged.push(...capacity.acknowledged)
const most = Math.round(capacity.acknowledged.length / capacity.seconds)
console.log(`capacity with 256 connections: ${most}/s`)
const [flood, victim] = await Promise.all([
  openLoop(busy, most * 5, 10, 4_000),
  openLoop(calm, 20, 10, 32)
])
acknowledged.push(...flood.acknowledged, ...victim.acknowledged)
print(`5 × the capacity, on 4,000 connections`, flood)
print(`another client's 20/s meanwhile`, victim)
const after = await openLoop(busy, Math.min(200, Math.floor(most / 4)), 10, 64)
acknowledged.push(...after.acknowledged)
print("afterwards", after)
for (const socket of sockets) socket.destroy()
const rss = await memory()
console.log(`memory: ${before} before, ${rss} after`)

const gone = once(child, "exit")
child.kill("SIGKILL")
await gone
const rows = await Effect.runPromise(Effect.provide(
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ readonly id: string }>`SELECT message_id AS id FROM postmark_events`
  ),
  SqliteStorage.layerClient({ filename: join(directory, "effect-postmark.db") })
))
const stored = new Set(rows.map(({ id }) => id.slice(0, 8)))
const lost = acknowledged.filter((own) => !stored.has(own.toString(16).padStart(8, "0")))
console.log(`${acknowledged.length} acknowledged, ${stored.size} stored, ${lost.length} acknowledged and not stored`)
rmSync(directory, { recursive: true })
process.exit(lost.length === 0 ? 0 : 1)
