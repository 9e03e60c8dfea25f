import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { writeCsv } from "./support/killBatch.ts"
import { canary, Double, folder } from "./support/program.ts"

const bin = fileURLToPath(new URL("../bin/effect-postmark.mjs", import.meta.url))

/** `script` of util-linux gives a program a terminal. */
const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true

/** Runs the program on a terminal of 80 columns; answers a question with `answer` when it is asked. */
const onTerminal = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  answer?: { readonly to: string; readonly with: string }
) =>
  Effect.flatMap(
    NodePostmarkDouble.NodePostmarkDouble,
    ({ url }) =>
      Effect.async<{ readonly code: number | null; readonly screen: string }>((resume) => {
        const command = ["stty cols 80;", process.execPath, bin, ...args.map((arg) => `'${arg}'`)].join(" ")
        const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
          env: {
            PATH: process.env["PATH"],
            TERM: "xterm",
            LANG: "en_US.UTF-8",
            TZ: "UTC",
            POSTMARK_BASE_URL: url,
            POSTMARK_SERVER_TOKEN: canary.token,
            ...env
          }
        })
        let screen = ""
        let isAnswered = false
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          screen += text
          if (answer !== undefined && !isAnswered && screen.includes(answer.to)) {
            isAnswered = true
            child.stdin.write(answer.with)
          }
        })
        child.on("close", (code) => resume(Effect.succeed({ code, screen })))
        return Effect.sync(() => child.kill("SIGKILL"))
      })
  )

layer(Double, { excludeTestServices: true })("on a terminal", (it) => {
  const effect = hasScript ? it.scoped : it.scoped.skip

  effect(
    "a batch has a bar with rate and time left, and only rows that were not accepted are listed",
    () =>
      Effect.gen(function*() {
        const home = yield* folder
        const input = join(home, "people.csv")
        yield* Effect.promise(() => writeCsv(input, 1_200))
        const { code, screen } = yield* onTerminal(
          ["emails", "send-batch", "--input", input, "--from", "sender@example.com"],
          { XDG_CONFIG_HOME: home }
        )
        assert.strictEqual(code, 0, screen)
        assert.match(screen, /░/)
        assert.match(screen, /\d+ of 1,200 .*\/s/)
        assert.match(screen, /Accepted 1,200 of 1,200 in /)
        assert.notInclude(screen, "\"accepted\"")
      })
  )

  effect("a question is asked, and a no changes nothing; a secret is not shown", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const env = { XDG_CONFIG_HOME: home, POSTMARK_SERVER_TOKEN: "" }
      const added = yield* onTerminal(["connections", "add", "acme"], env, {
        to: "Server token:",
        with: `${canary.token}\n`
      })
      assert.strictEqual(added.code, 0, added.screen)
      assert.notInclude(added.screen, canary.token)
      const kept = yield* onTerminal(["connections", "revoke", "acme"], env, { to: "[y/N]", with: "n\n" })
      assert.strictEqual(kept.code, 2, kept.screen)
      assert.match(kept.screen, /Error:.*not confirmed/)
      const list = yield* onTerminal(["connections", "list"], { ...env, NO_COLOR: "1" })
      assert.match(list.screen, /NAME +CURRENT +SERVER/)
      assert.include(list.screen, "acme")
      const gone = yield* onTerminal(["connections", "revoke", "acme"], env, { to: "[y/N]", with: "y\n" })
      assert.strictEqual(gone.code, 0, gone.screen)
    }))

  effect("colors are there, unless NO_COLOR is set", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const escape = "\u001B["
      const colored = yield* onTerminal(["stats", "outbound"], { XDG_CONFIG_HOME: home })
      assert.strictEqual(colored.code, 0, colored.screen)
      assert.include(colored.screen, escape)
      assert.match(colored.screen, /sent +[\d,]+/)
      const plain = yield* onTerminal(["stats", "outbound"], { XDG_CONFIG_HOME: home, NO_COLOR: "1" })
      assert.notInclude(plain.screen, escape)
    }))
})
