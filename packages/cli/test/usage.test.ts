import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { inProcess } from "./support/inProcess.ts"
import { canary, type Ended, file, message, type Options, program, silentFailureOf } from "./support/program.ts"

/** Nobody listens here, so a run that gets this far ends with 5. */
const url = "http://127.0.0.1:1"

const refused = (name: string, error: string, args: ReadonlyArray<string>, options: Options = {}) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      const ended = yield* program(args, { url, ...options })
      assert.strictEqual(
        silentFailureOf(ended, 2, error)["disposition"],
        error === "validation_failure" ? "rejected" : "notSent"
      )
      assert.deepStrictEqual(ended.connections, [])
    }))

/** The same, without a process of its own. */
const wrong = (name: string, error: string, args: ReadonlyArray<string>) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      silentFailureOf(yield* inProcess(registry, args), 2, error)
    }))

const registry = ActionRegistry.make(PostmarkActions.handlers)

const withInput = (name: string, error: string, content: string | Uint8Array, extra: ReadonlyArray<string> = []) =>
  it.scoped(name, () =>
    Effect.gen(function*() {
      const path = yield* file("input.json", content)
      const ended = yield* program(["send-email", "--input", path, ...extra], { url })
      silentFailureOf(ended, 2, error)
      assert.deepStrictEqual(ended.connections, [])
    }))

describe("input", () => {
  withInput("bad JSON", "invalid_json", `{"subject": "${canary.subject}", "to": ${canary.recipient}}`)
  withInput("an empty file", "invalid_json", "")
  withInput("a file that is not UTF-8", "unreadable_input", Uint8Array.of(0x22, 0xff, 0x22))
  withInput(
    "an unknown field",
    "validation_failure",
    JSON.stringify({ Subject: canary.subject, from: canary.recipient })
  )
  withInput("no object under flags", "usage_error", JSON.stringify([canary.subject]), ["--tag", "x"])
  refused("bad JSON on stdin", "invalid_json", ["send-email", "--input", "-"], { stdin: canary.body })
  refused("a missing file", "unreadable_input", ["send-email", "--input", "/nowhere/input.json"])
  wrong("JSON where a path is expected", "unreadable_input", ["send-email", "--input", JSON.stringify(canary)])
  wrong("a text where a path is expected", "unreadable_input", ["send-email", ...message, "--attach", canary.body])
  refused("a missing attachment", "unreadable_input", ["send-email", ...message, "--attach", "/nowhere/a.pdf"])
  refused("a bad model", "invalid_json", ["send-email-with-template", "--template-id", "1", "--model", canary.body])
  refused("no input at all", "validation_failure", ["send-email-batch"])
})

describe("arguments", () => {
  refused("an unknown command", "usage_error", [canary.recipient])
  refused("an unknown flag", "usage_error", ["send-email", "--reciepient", canary.recipient])
  refused("a flag without a value", "usage_error", ["send-email", "--subject"])
  wrong("a flag where a value should stand", "usage_error", ["send-email", "--subject", "--text", canary.body])
  wrong("a flag given twice", "usage_error", ["send-email", "--tag", "a", "--tag", canary.body])
  wrong("a word that belongs to no flag", "usage_error", ["send-email", ...message, canary.body])
  wrong("an empty recipient", "usage_error", ["send-email", ...message, "--cc", ""])
  wrong("both ways of a switch", "usage_error", ["send-email", ...message, "--track-opens", "--no-track-opens"])
  wrong("a header without a colon", "usage_error", ["send-email", ...message, "--header", canary.body])
  wrong("metadata without a name", "usage_error", ["send-email", ...message, "--metadata", canary.body])
  wrong("a time-out that is no number", "usage_error", ["send-email", ...message, "--timeout", "soon"])
  wrong("a base URL that is none", "usage_error", ["send-email", ...message, "--base-url", "postmark"])
  wrong("a number that is none", "validation_failure", ["list-outbound-messages", "--count", "many"])
  wrong("a log level that is none", "usage_error", ["get-outbound-stats", "--log-level", "loud"])
})

describe("the token", () => {
  const none = { env: { POSTMARK_SERVER_TOKEN: "" } }
  refused("is missing", "missing_token", ["get-outbound-stats"], none)
  refused("is empty on stdin", "missing_token", ["get-outbound-stats", "--token-stdin"], none)
  refused(
    "is in a file that is not there",
    "unreadable_input",
    ["get-outbound-stats", "--token-file", "/nowhere"],
    none
  )
  wrong("stands where its file should", "unreadable_input", ["get-outbound-stats", "--token-file", canary.token])
  refused("and the input both want stdin", "usage_error", ["send-email", "--token-stdin", "--input", "-"], none)
  refused("is never an argument", "usage_error", ["get-outbound-stats", "--token", canary.token], none)
  refused("cannot break a header", "usage_error", ["get-outbound-stats"], { env: { POSTMARK_SERVER_TOKEN: "a\nb" } })
})

describe("words for people", () => {
  const printed = (ended: Ended) => {
    assert.strictEqual(ended.code, 0)
    assert.strictEqual(ended.stderr, "")
    return ended.stdout
  }

  it.effect("--version is the package's, with and without a command", () =>
    Effect.gen(function*() {
      const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
      assert.strictEqual(printed(yield* program(["--version"])), `${version}\n`)
      assert.strictEqual(printed(yield* program(["send-email", "--version"])), `${version}\n`)
    }))

  it.effect("--help needs no token and names commands, flags and fields", () =>
    Effect.gen(function*() {
      const none = { env: { POSTMARK_SERVER_TOKEN: "" } }
      const root = printed(yield* program(["--help"], none))
      for (const word of ["send-email-batch", "get-outbound-stats", "--base-url", "outcome_unknown", "130"]) {
        assert.include(root, word)
      }
      assert.strictEqual(printed(yield* program([], none)), root)
      const help = printed(yield* program(["send-email", "--text", "x", "--help"], none))
      for (const word of ["--reply-to <text>", "--[no-]track-opens", "htmlBody?", "--token-stdin"]) {
        assert.include(help, word)
      }
    }))

  it.effect("completions name the commands", () =>
    Effect.gen(function*() {
      assert.include(printed(yield* program(["--completions", "bash"])), "send-email-with-template")
    }))
})
