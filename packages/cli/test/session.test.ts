import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("../scripts/session.mjs", import.meta.url))

it.effect("the session in the README is what the program does", () =>
  Effect.gen(function*() {
    const ended = yield* Effect.async<string>((resume) => {
      const child = spawn(process.execPath, [script, "--check"])
      let errors = ""
      child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text))
      child.on("close", () => resume(Effect.succeed(errors)))
      return Effect.sync(() => child.kill())
    })
    assert.strictEqual(ended, "")
  }), 180_000)
