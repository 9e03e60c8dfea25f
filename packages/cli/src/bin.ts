#!/usr/bin/env node
/**
 * `effect-postmark`: the command line.
 *
 * @since 0.1.0
 */
import { existsSync, readFileSync } from "node:fs"
import { helpTexts } from "./internal/helpTexts.ts"

// Beside `dist`, or one directory further up from the bundle in it.
const manifest = ["../package.json", "../../package.json"].map((path) => new URL(path, import.meta.url)).find(
  existsSync
)
const version = manifest === undefined ? "unknown" : String(JSON.parse(readFileSync(manifest, "utf8")).version)
const args = process.argv.slice(2)

/** People and scripts ask for the version and for help all the time, so neither loads the program. */
const quick = (): string | undefined => {
  if (args.length === 1 && args[0] === "--version") return `${version}\n`
  const last = args.at(-1)
  const words = last === "--help" || last === "-h" ? args.slice(0, -1) : args
  const text = words.length < args.length || args.length === 0 ? helpTexts[words.join(" ")] : undefined
  return text === undefined ? undefined : `${text.trimEnd()}\n`
}

const text = quick()
if (text === undefined) {
  const { main } = await import("./internal/main.ts")
  main(args, version, () => process.stdin)
} else {
  process.stdout.on("error", () => {})
  process.stdout.write(text)
}
