#!/usr/bin/env node
/**
 * `effect-postmark-server`: the standalone server, configured by environment variables.
 *
 * @since 0.1.0
 */
import { existsSync, readFileSync } from "node:fs"
import * as CommandLine from "./internal/commandLine.ts"

const version = (): string => {
  // This file is in src or dist, and its bundle is one folder deeper.
  const manifest = ["../package.json", "../../package.json"]
    .map((path) => new URL(path, import.meta.url))
    .find((path) => existsSync(path))
  const content: unknown = manifest === undefined ? {} : JSON.parse(readFileSync(manifest, "utf8"))
  return typeof content === "object" && content !== null && "version" in content ? String(content.version) : "unknown"
}

const command = CommandLine.parse(process.argv.slice(2))
switch (command._tag) {
  case "Help":
    console.log(CommandLine.usage)
    break
  case "Version":
    console.log(version())
    break
  case "Invalid":
    console.error(command.message)
    process.exitCode = 1
    break
  case "Command":
    // Loaded only now: the lines above need none of it.
    await import("./internal/program.ts").then(({ main }) => main(command, { version: version(), env: process.env }))
}
