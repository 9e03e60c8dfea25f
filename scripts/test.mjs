/**
 * `npm test`: installs and builds what is missing, then runs the tests of every package, the tests of these scripts,
 * and every example; with `--browser` also those that need a browser. The last line is the sum of all:
 * `N passed, M failed`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { cpus } from "node:os"
import { basename, join } from "node:path"
import { testBrowser } from "./browserTests.mjs"
import { countTap, countVitest, summary } from "./counts.mjs"
import { build, install, requireNode, root, run, workspaceDirectories } from "./workspace.mjs"

const exampleSeconds = 60

const finish = (results) => {
  const { lines, failed } = summary(results)
  console.log(`\n${lines.join("\n")}`)
  process.exitCode = failed === 0 ? 0 : 1
}

const testPackages = async () => {
  const directories = workspaceDirectories().filter((path) => path.startsWith("packages/"))
  const report = (path) => join(root, path, "build", "vitest.json")
  // A report left by an earlier run must never be counted.
  directories.forEach((path) => rmSync(report(path), { force: true }))
  // Each vitest brings its own two workers.
  const concurrency = Math.max(1, Math.floor(cpus().length / 2))
  const { code } = await run("turbo", [
    "run",
    "test",
    "--only",
    "--continue",
    `--concurrency=${concurrency}`,
    "--log-order=grouped",
    "--log-prefix=none",
    "--filter=./packages/*"
  ])
  const results = directories.map((path) => ({
    name: basename(path),
    ...countVitest(existsSync(report(path)) ? readFileSync(report(path), "utf8") : undefined)
  }))
  // vitest can also fail outside of any test: an unhandled rejection, a worker that died.
  if (code !== 0 && results.every(({ failed }) => failed === 0)) {
    results.push({ name: "outside of the tests", passed: 0, failed: 1, skipped: 0 })
  }
  return results
}

const testScripts = async () => {
  const report = join(root, "build", "scripts.tap")
  mkdirSync(join(root, "build"), { recursive: true })
  rmSync(report, { force: true })
  const files = readdirSync(join(root, "scripts", "test")).filter((name) => name.endsWith(".test.mjs")).sort()
  console.log("\nThe tests of the scripts")
  await run(process.execPath, [
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=tap",
    `--test-reporter-destination=${report}`,
    ...files.map((name) => join("scripts", "test", name))
  ])
  return { name: "scripts", ...countTap(existsSync(report) ? readFileSync(report, "utf8") : undefined) }
}

const testExamples = async () => {
  const result = { name: "examples", passed: 0, failed: 0, skipped: 0 }
  console.log("\nThe examples")
  for (const path of workspaceDirectories().filter((path) => path.startsWith("examples/"))) {
    const name = basename(path)
    const args = [join(path, "dist", "main.js"), ...(name === "tour" ? ["--once"] : [])]
    const started = performance.now()
    const { code, output, tooLong } = await run(process.execPath, args, { capture: true, seconds: exampleSeconds })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    if (code === 0) {
      result.passed++
      console.log(`  passed  ${name} (${seconds} s)`)
    } else {
      result.failed++
      console.log(`  failed  ${name} (${tooLong ? `stopped after ${exampleSeconds} s` : `exit code ${code}`})`)
      console.log(output.replace(/^/gm, "          "))
    }
  }
  return result
}

requireNode()
await install()
if (await build() === 0) {
  finish([
    ...await testPackages(),
    ...(process.argv.includes("--browser") ? [await testBrowser()] : []),
    await testScripts(),
    await testExamples()
  ])
} else {
  finish([{ name: "build", passed: 0, failed: 1, skipped: 0 }])
}
