/** How long the command line takes to start, beside `node -e 0`: the bundle, and the same program as separate modules. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const [rounds = 15] = process.argv.slice(2).map(Number)
const path = (name: string) => fileURLToPath(new URL(`../packages/cli/${name}`, import.meta.url))
const bundle = path("bin/effect-postmark.mjs")
const modules = path("dist/bin.js")

const programs: ReadonlyArray<readonly [name: string, args: ReadonlyArray<string>]> = [
  ["node -e 0", ["-e", "0"]],
  ["bundle, --version", [bundle, "--version"]],
  ["bundle, --help", [bundle, "--help"]],
  ["bundle, emails send --help", [bundle, "emails", "send", "--help"]],
  ["bundle, a command", [bundle, "connections", "list"]],
  ["modules, --help", [modules, "--help"]],
  ["modules, a command", [modules, "connections", "list"]]
]

const env = { PATH: process.env["PATH"], XDG_CONFIG_HOME: "/nowhere" }
const times = new Map<string, Array<number>>(programs.map(([name]) => [name, []]))

// In turns, so that what else the machine does touches all of them alike.
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of programs) {
    const startedAt = performance.now()
    const { status } = spawnSync(process.execPath, args, { env, stdio: "ignore" })
    if (status !== 0) throw new Error(`${name} ended with ${status}`)
    times.get(name)?.push(performance.now() - startedAt)
  }
}

const median = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const bare = median(times.get("node -e 0") ?? [])
for (const [name, values] of times) {
  const value = median(values)
  console.log(`${name.padEnd(28)} ${value.toFixed(0).padStart(6)} ms  ${(value / bare).toFixed(2)} × node -e 0`)
}
