/**
 * `npm run kill:run [messages] [kills] [seed] [PostgreSQL URL]`: a run of 100,000 messages against a double that misbehaves, whose
 * workers are killed every few seconds. It prints its seed and what came out, and fails when a message is not accounted for or was
 * accepted twice.
 */
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { killRun, problems } from "./runKills.ts"

const [messages = 100_000, kills = 20, seed = Date.now() % 1_000_000_000] = process.argv.slice(2, 5).map(Number)
const url = process.argv[5]
const directory = mkdtempSync(join(tmpdir(), "kill-run-"))
console.log(`seed ${seed}: ${messages} messages, ${kills} kills, ${url === undefined ? "SQLite" : "PostgreSQL"}`)

try {
  const report = await Effect.runPromise(killRun({
    place: url ?? join(directory, "runs.db"),
    seed,
    messages,
    chunkSize: 500,
    kills,
    latencyMs: 60,
    workers: url === undefined ? 1 : 2
  }))
  const states: Record<string, number> = {}
  for (const { source, state } of report.outcomes) {
    const name = source === "search" ? `${state} (found by search)` : state
    states[name] = (states[name] ?? 0) + 1
  }
  const found = problems(report, messages)
  console.log(`${report.kills} kills in ${report.seconds.toFixed(1)} s`)
  console.log(states)
  console.log(`the double accepted ${report.accepted.size} of ${messages}`)
  for (const problem of found.slice(0, 20)) console.error(problem)
  console.log(found.length === 0 ? "each message is accounted for, and none was accepted twice" : "FAILED")
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
