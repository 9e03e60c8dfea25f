/**
 * Summarizes a CPU profile: self and inclusive time by function, in µs per operation.
 *
 *   node profile.mjs <file.cpuprofile> <operations> [rows]
 */
import { readFileSync } from "node:fs"

const [file, operations, rows = "25"] = process.argv.slice(2)
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8"))
const byId = new Map(nodes.map((node) => [node.id, node]))
const parent = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])))
const nameOf = ({ callFrame: { functionName, lineNumber, url } }) => {
  const file = url.replace(/^.*node_modules\//, "").replace(/^file:\/\/.*?\/(?=packages|bench)/, "")
  return `${functionName || "(anonymous)"} ${file === "" ? "" : `${file}:${lineNumber + 1}`}`
}
const packageOf = ({ callFrame: { functionName, url } }) => {
  if (functionName === "(garbage collector)") return "garbage collection"
  if (functionName === "(idle)") return "idle"
  if (url.startsWith("node:") || url === "") return "node and v8"
  const dependency = [...url.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/g)].at(-1)?.[1]
  return dependency ?? url.replace(/^.*\/packages\/([\w-]+)\/.*$/, "our $1").replace(/^.*\/bench\/.*$/, "the bench")
}
const self = new Map()
const inclusive = new Map()
const packages = new Map()
const add = (map, key, time) => map.set(key, (map.get(key) ?? 0) + time)
let total = 0
samples.forEach((id, index) => {
  const time = timeDeltas[index] / Number(operations)
  const node = byId.get(id)
  add(packages, packageOf(node), time)
  if (node.callFrame.functionName === "(idle)") return
  total += time
  add(self, nameOf(node), time)
  const seen = new Set()
  for (let at = id; at !== undefined; at = parent.get(at)) {
    const name = nameOf(byId.get(at))
    if (seen.has(name)) continue
    seen.add(name)
    add(inclusive, name, time)
  }
})
const print = (title, map) => {
  console.log(`\n${title} (µs per operation; ${total.toFixed(1)} in all)`)
  for (const [name, time] of [...map].sort((a, b) => b[1] - a[1]).slice(0, Number(rows))) {
    console.log(`${time.toFixed(2).padStart(9)}  ${name}`)
  }
}
print("by package", packages)
print("self", self)
print("inclusive", inclusive)
