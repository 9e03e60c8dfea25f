/**
 * Webhooks a second over HTTP, durable before the answer: our server beside servers that a user would write on `node:http`
 * and on fastify, with better-sqlite3 and the same group commit. The runs are interleaved, each on a new database. Needs
 * `npm run build` before. `npm run bench:http -- 5 20000` sets the rounds and the webhooks of one.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bodyOf, closedLoop, median, percentile } from "./ingestClient.ts"

const rounds = Number(process.argv[2] ?? 3)
const total = Number(process.argv[3] ?? 10_000)
const connections = 64
const secret = "Basic YmVuY2g6d2ViaG9va3MtYXJlLXN0b3JlZC1iZWZvcmUtMjAw"

const local = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const require = createRequire(import.meta.url)
const versionOf = (name: string): string => Reflect.get(Object(require(`${name}/package.json`)), "version")

const servers = ["ours", "node:http", "fastify"] as const

const start = (name: (typeof servers)[number], directory: string): ChildProcess =>
  name === "ours"
    ? fork(local("ingestOurs.mjs"), [directory, secret], { execArgv: [] })
    : fork(local("ingestPeers.mjs"), [name, join(directory, "events.db"), secret], { execArgv: [] })

const asked = async (child: ChildProcess): Promise<{ readonly cpu: number; readonly rss: number }> => {
  const answer = once(child, "message")
  child.send("usage")
  const [{ cpu, rss }] = await answer
  return { cpu: cpu.user + cpu.system, rss }
}

interface Measured {
  readonly rate: number
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  readonly rss: number
}

let index = 0
const measure = async (name: (typeof servers)[number]): Promise<Measured> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-postmark-bench-"))
  const child = start(name, directory)
  const [{ ids, port }] = await once(child, "message")
  const target = { port, path: `/v1/webhooks/${ids?.[0] ?? "con_1"}`, secret }
  const next = () => bodyOf(++index)
  // The first ones warm up.
  await closedLoop(target, connections, total / 2, next)
  const before = await asked(child)
  const { answers, seconds } = await closedLoop(target, connections, total, next)
  const after = await asked(child)
  const odd = answers.find(({ status }) => status !== 200)
  if (odd !== undefined) throw new Error(`${name} answered ${odd.status}`)
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  await gone
  rmSync(directory, { recursive: true })
  const times = answers.map(({ time }) => time)
  return {
    rate: answers.length / seconds,
    cpu: (after.cpu - before.cpu) / answers.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    rss: after.rss / 1_048_576
  }
}

console.log(
  `node ${process.version}, fastify ${versionOf("fastify")}, better-sqlite3 ${versionOf("better-sqlite3")}; ` +
    `${connections} connections, ${rounds} rounds of ${total} webhooks`
)
const all = new Map<string, Array<Measured>>(servers.map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const name of servers) {
    const measured = await measure(name)
    all.get(name)?.push(measured)
    console.log(
      `${name.padEnd(10)} ${measured.rate.toFixed(0).padStart(6)}/s ${
        measured.cpu.toFixed(0).padStart(5)
      } µs of CPU  ` +
        `p50 ${measured.p50.toFixed(1)} ms  p99 ${measured.p99.toFixed(1)} ms  ${measured.rss.toFixed(0)} MB`
    )
  }
}
const of = (name: string, field: keyof Measured) => median((all.get(name) ?? []).map((measured) => measured[field]))
for (const peer of ["node:http", "fastify"]) {
  console.log(
    `ours beside ${peer}: ${(of("ours", "rate") / of(peer, "rate")).toFixed(2)} × the webhooks, ` +
      `${(of("ours", "cpu") / of(peer, "cpu")).toFixed(2)} × the CPU of one`
  )
}
