/**
 * `double`: starts the test double, if its package is installed.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import type { CliCommand } from "../CliCommand.ts"
import { NotInstalled } from "../CliError.ts"

const packageName = "@effect-postmark/test-double"

/** The double is looked for from the person's directory first, then from the place of this program. */
const programOf = (from: string): string | undefined => {
  try {
    const manifest = createRequire(from).resolve(`${packageName}/package.json`)
    const about: { readonly bin?: Readonly<Record<string, string>> } = JSON.parse(readFileSync(manifest, "utf8"))
    const bin = about.bin?.["effect-postmark-double"]
    return bin === undefined ? undefined : join(dirname(manifest), bin)
  } catch {
    return undefined
  }
}

/**
 * @since 0.1.0
 * @category commands
 */
export const command: CliCommand = {
  path: ["double"],
  aliases: [],
  group: "Local tools",
  summary: "Start the test double of Postmark, which sends nothing",
  details: `All arguments are passed on. The double is the package ${packageName}.`,
  operands: [],
  flags: [],
  output: "what the double prints",
  examples: ["double --port 4010", "double --scenario scenario.yaml"],
  codes: ["not_installed"],
  verbatim: true,
  run: ({ operands }) =>
    Effect.gen(function*() {
      const program = programOf(pathToFileURL(join(process.cwd(), "package.json")).href) ?? programOf(import.meta.url)
      if (program === undefined) {
        return yield* new NotInstalled({
          message: `the test double is not installed; run: npm install --save-dev ${packageName}`
        })
      }
      const code = yield* Effect.async<number>((resume) => {
        const child = spawn(process.execPath, [program, ...operands], { stdio: "inherit" })
        child.on("error", () => resume(Effect.succeed(1)))
        child.on("exit", (status, signal) => resume(Effect.succeed(status ?? (signal === "SIGINT" ? 130 : 143))))
        // The terminal sends Ctrl-C to both; a signal that only we get is passed on.
        return Effect.sync(() => child.kill("SIGTERM"))
      })
      if (code !== 0) {
        return yield* new NotInstalled({ message: `the test double ended with the exit code ${code}` })
      }
    })
}
