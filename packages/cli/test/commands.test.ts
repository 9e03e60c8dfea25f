import * as Cli from "@effect-postmark/cli/Cli"
import * as ErrorReport from "@effect-postmark/cli/ErrorReport"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { documentedCommands } from "./support/documented.ts"
import { inProcess } from "./support/inProcess.ts"
import { silentFailureOf } from "./support/program.ts"

const registry = ActionRegistry.make(PostmarkActions.handlers)
const all = Cli.commands(registry, "1.2.3")
const run = (args: ReadonlyArray<string>) => inProcess(registry, args)

describe("the tree of commands", () => {
  it("has each path and each alias once", () => {
    const words = all.flatMap(({ aliases, path }) => [path.join(" "), ...aliases])
    assert.deepStrictEqual([...new Set(words)], words)
    const names: ReadonlyArray<readonly [string, string]> = [
      ["emails send", "send-email"],
      ["emails send-batch", "send-email-batch"],
      ["emails send-template", "send-email-with-template"],
      ["messages list", "list-outbound-messages"],
      ["messages get", "get-outbound-message-details"],
      ["stats outbound", "get-outbound-stats"]
    ]
    for (const [path, alias] of names) {
      const command = all.find((each) => each.path.join(" ") === path)
      assert.deepStrictEqual(command?.aliases, [alias, `postmark/${alias}`])
    }
  })

  it("has examples for each command, and only error codes that exist", () => {
    for (const { codes, examples, path } of all) {
      assert.isNotEmpty(examples, path.join(" "))
      for (const code of codes) assert.include(ErrorReport.codes, code, path.join(" "))
    }
  })

  const help = (args: ReadonlyArray<string>) =>
    Effect.map(run(args), ({ code, stderr, stdout }) => {
      assert.deepStrictEqual([code, stderr], [0, ""])
      return stdout
    })

  it.effect("shows the same help by path and by alias", () =>
    Effect.gen(function*() {
      const text = yield* help(["emails", "send", "--help"])
      assert.strictEqual(yield* help(["send-email", "--help"]), text)
      assert.strictEqual(yield* help(["emails", "send", "-h"]), text)
      assert.include(text, "--html-file <path>")
      assert.include(text, "ERROR CODES\n  validation_failure")
      assert.include(text, "EXAMPLES\n  effect-postmark emails send")
    }))

  it.effect("lists the commands of a noun", () =>
    Effect.gen(function*() {
      assert.match(yield* help(["messages"]), /messages list .*\n.*messages get/)
    }))

  const nearest: ReadonlyArray<readonly [typed: string, meant: string]> = [
    ["emails sned", "emails send"],
    ["email send", "emails send"],
    ["emial send", "emails send"],
    ["messages lst", "messages list"],
    ["send-emial", "send-email"],
    ["connection list", "connections list"],
    ["doubel", "double"]
  ]
  for (const [typed, meant] of nearest) {
    it.effect(`suggests ${meant} for ${typed}`, () =>
      Effect.gen(function*() {
        const error = silentFailureOf(yield* run(typed.split(" ")), 2, "usage_error")
        assert.include(String(error["message"]), `did you mean effect-postmark ${meant}?`)
      }))
  }

  it.effect("suggests nothing for a word that is like no command, and does not repeat it", () =>
    Effect.gen(function*() {
      const error = silentFailureOf(yield* run(["canary@example.com"]), 2, "usage_error")
      assert.notInclude(JSON.stringify(error), "canary")
      assert.notInclude(String(error["message"]), "did you mean")
    }))

  it.effect("suggests the nearest flag", () =>
    Effect.gen(function*() {
      const error = silentFailureOf(yield* run(["send-email", "--subjct", "x"]), 2, "usage_error")
      assert.include(String(error["message"]), "did you mean --subject?")
    }))

  it.effect("names a missing argument", () =>
    Effect.gen(function*() {
      const error = silentFailureOf(yield* run(["messages", "wait"]), 2, "usage_error")
      assert.include(String(error["message"]), "missing id")
    }))

  it.effect("describes itself as data", () =>
    Effect.gen(function*() {
      const described: ReadonlyArray<{ readonly command: string }> = JSON.parse((yield* run(["commands"])).stdout)
      assert.deepStrictEqual(described.map(({ command }) => command), all.map(({ path }) => path.join(" ")))
    }))
})

describe("completions", () => {
  it.effect("of bash offer commands, their flags, and nothing else", () =>
    Effect.gen(function*() {
      const script = (yield* run(["completions", "bash"])).stdout
      const complete = (line: string) =>
        execFileSync("bash", [
          "-c",
          `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _effect_postmark; echo "\${COMPREPLY[@]}"`
        ], { encoding: "utf8" }).trim().split(" ")
      assert.deepStrictEqual(complete("effect-postmark ema"), ["emails"])
      assert.deepStrictEqual(complete("effect-postmark messages ''"), ["list", "get", "wait"])
      assert.deepStrictEqual(complete("effect-postmark emails send --subj"), ["--subject"])
      assert.deepStrictEqual(complete("effect-postmark stats outbound --sin"), ["--since"])
    }))

  it.effect("exist for zsh and fish, and for no other shell", () =>
    Effect.gen(function*() {
      assert.match((yield* run(["completions", "zsh"])).stdout, /^#compdef effect-postmark/)
      assert.include((yield* run(["completions", "fish"])).stdout, "complete -c effect-postmark")
      silentFailureOf(yield* run(["completions", "tcsh"]), 2, "usage_error")
    }))
})

describe("the documentation", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url))
  const pages = [
    "README.md",
    ...readdirSync(`${root}/docs`).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
    ...readdirSync(`${root}/packages`).map((name) => `packages/${name}/README.md`)
  ]
  /** The recorded session shows what a typo gets. */
  const typo = "emails sned"
  const documented = pages.flatMap((page) =>
    documentedCommands(readFileSync(`${root}/${page}`, "utf8")).filter((words) => words.join(" ") !== typo)
      .map((words) => ({ page, words }))
  )

  it("names only commands and flags that exist", () => {
    assert.isAbove(documented.length, 15)
    for (const { page, words } of documented) {
      const command = all.find(({ aliases, path }) =>
        aliases.includes(words[0] ?? "") || path.every((word, index) => words[index] === word)
      )
      const isAbout = words[0] === undefined || words[0].startsWith("-") || words[0].startsWith("<") ||
        all.some(({ path }) => path[0] === words[0] && words.length === 1)
      assert.isTrue(command !== undefined || isAbout, `${page}: effect-postmark ${words.join(" ")}`)
      if (command === undefined || command.verbatim === true) continue
      const known = command.flags.flatMap(({ name, negatable, short }) => [
        `--${name}`,
        ...(negatable ? [`--no-${name}`] : []),
        ...(short === undefined ? [] : [`-${short}`])
      ])
      for (const word of words.filter((each) => /^--?[a-z]/.test(each))) {
        assert.include(known, word.split("=")[0] ?? "", `${page}: effect-postmark ${words.join(" ")}`)
      }
    }
  })

  it("has every error code and every exit code in the package's README", () => {
    const readme = readFileSync(`${root}/packages/cli/README.md`, "utf8")
    for (const code of ErrorReport.codes) assert.include(readme, `\`${code}\``)
  })
})
