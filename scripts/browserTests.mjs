/** The tests that need a browser, and which browser that is. */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { countVitest } from "./counts.mjs"
import { root, run } from "./workspace.mjs"

/** Where Chromium and its kin are installed to. */
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium"
]

/** `CHROMIUM_PATH` if it is set, else the first that is there, else nothing. */
export const chromiumPath = (env = process.env, exists = existsSync) =>
  (env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : places).find((path) => exists(path))

export const noChromium = (env = process.env) =>
  env.CHROMIUM_PATH
    ? `There is no browser at CHROMIUM_PATH, which is ${env.CHROMIUM_PATH}.`
    : "No Chromium was found. On Debian: apt-get install -y --no-install-recommends chromium. Or set CHROMIUM_PATH."

const directory = join(root, "packages", "test-double")

export const testBrowser = async () => {
  console.log("\nThe tests in a browser")
  const path = chromiumPath()
  if (path === undefined) {
    console.error(noChromium())
    return { name: "browser", passed: 0, failed: 1, skipped: 0, note: "no Chromium" }
  }
  const report = join(directory, "build", "vitest.browser.json")
  rmSync(report, { force: true })
  const { code } = await run(join(directory, "node_modules", ".bin", "vitest"), [
    "run",
    "--config=vitest.browser.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`
  ], { cwd: directory, env: { CHROMIUM_PATH: path } })
  const result = { name: "browser", ...countVitest(existsSync(report) ? readFileSync(report, "utf8") : undefined) }
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1, note: "failed outside of the tests" } : result
}
