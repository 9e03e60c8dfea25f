import { RelaySigning } from "@effect-postmark/automation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

const page = readFileSync(new URL("../../../docs/relay.md", import.meta.url), "utf8")

/** The page's code in a language. */
const quoted = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? ""

const languages = {
  js: {
    command: process.execPath,
    args: ["--input-type=module", "-e"],
    code: `${quoted("js")}
const [secret, headers, body] = JSON.parse(process.argv[1])
console.log(verify(secret, headers, body) ? "valid" : "refused")`
  },
  python: {
    command: "python3",
    args: ["-c"],
    code: `${quoted("python")}
import json, sys
print("valid" if verify(*json.loads(sys.argv[1])) else "refused")`
  },
  php: {
    command: "php",
    args: ["-r"],
    code: `${quoted("php")}
[$secret, $headers, $body] = json_decode($argv[1], true);
echo verify($secret, $headers, $body) ? "valid" : "refused";`
  },
  ruby: {
    command: "ruby",
    args: ["-rjson", "-e"],
    code: `${quoted("ruby")}
puts verify(*JSON.parse(ARGV[0])) ? "valid" : "refused"`
  }
}

const isPresent = (command: string) => spawnSync(command, ["--version"]).status === 0

describe("docs/relay.md", () => {
  for (const [language, { args, code, command }] of Object.entries(languages)) {
    const isMissing = !isPresent(command)
    it.effect.skipIf(isMissing)(
      `verifies in ${language}, also during a rotation${isMissing ? ` (skipped: ${command} is not installed)` : ""}`,
      () =>
        Effect.gen(function*() {
          const [old, current, other] = yield* Effect.all([
            RelaySigning.generateSecret,
            RelaySigning.generateSecret,
            RelaySigning.generateSecret
          ])
          const body = `{"text":"\u00fc \u{1f4e7}"}`
          const now = Math.floor(performance.timeOrigin + performance.now())
          const headers = RelaySigning.headers({ id: "rly_1_2", timestampMs: now, body, secrets: [current, old] })
          const stale = RelaySigning.headers({ id: "rly_1_2", timestampMs: now - 400_000, body, secrets: [current] })
          const ask = (...input: ReadonlyArray<unknown>) =>
            spawnSync(command, [...args, code, JSON.stringify(input)], { encoding: "utf8" }).stdout.trim()
          assert.strictEqual(ask(Redacted.value(current), headers, body), "valid")
          assert.strictEqual(ask(Redacted.value(old), headers, body), "valid")
          assert.strictEqual(ask(Redacted.value(other), headers, body), "refused")
          assert.strictEqual(ask(Redacted.value(current), headers, `${body} `), "refused")
          assert.strictEqual(ask(Redacted.value(current), stale, body), "refused")
        }),
      120_000
    )
  }
})
