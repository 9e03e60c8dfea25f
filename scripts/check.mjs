/** `npm run check`: everything about the sources that can be told without running them. */
import { join } from "node:path"
import { install, requireNode, root, run } from "./workspace.mjs"

const script = (...path) => [process.execPath, [join(root, "scripts", ...path)]]

const steps = [
  ["types", "tsc", ["-b"]],
  ["lint", "oxlint", ["--deny-warnings"]],
  ["circular imports", "oxlint", ["--allow=all", "--import-plugin", "--deny=import/no-cycle", "packages", "examples"]],
  ["format", "dprint", ["check"]],
  ["lockfile", ...script("lockfileGuard.mjs")],
  ["package arrows", process.execPath, ["--test", join(root, "scripts", "test", "arrows.test.mjs")]],
  ["package diagram", process.execPath, [join(root, "scripts", "diagram.mjs"), "--check"]],
  ["decisions", process.execPath, ["--test", join(root, "scripts", "test", "decisions.test.mjs")]],
  ["citations", ...script("citations.mjs")],
  ["how-tos", process.execPath, ["--test", join(root, "scripts", "test", "diffs.test.mjs")]]
]

requireNode()
await install()

const failed = []
for (const [name, command, args] of steps) {
  const started = performance.now()
  const { code, output } = await run(command, args, { capture: true })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`  ${code === 0 ? "passed" : "failed"}  ${name} (${seconds} s)`)
  if (code !== 0) {
    failed.push(name)
    console.log(output)
  }
}
console.log(failed.length === 0 ? "All checks passed." : `Failed: ${failed.join(", ")}.`)
process.exitCode = failed.length === 0 ? 0 : 1
