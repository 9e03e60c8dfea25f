#!/usr/bin/env node
/**
 * `effect-postmark`: the command line.
 *
 * @since 0.1.0
 */
import { readFileSync } from "node:fs"

const version = String(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version)
const args = process.argv.slice(2)

// Scripts ask for the version, so print it without loading the program.
if (args.length === 1 && args[0] === "--version") process.stdout.write(`${version}\n`)
else {
  const { main } = await import("./internal/main.ts")
  main(args, version, () => process.stdin)
}
