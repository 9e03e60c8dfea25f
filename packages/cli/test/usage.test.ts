import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { inProcess } from "./support/inProcess.ts"
import { canary, type Ended, file, message, type Options, program, silentFailureOf } from "./support/program.ts"

/** Nothing listens at this URL, so a run that connects ends with 5. */
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

/** The same as `refused`, in this process. */
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

describe("invalid input", () => {
  withInput("rejects invalid JSON", "invalid_json", `{"subject": "${canary.subject}", "to": ${canary.recipient}}`)
  withInput("rejects an empty file", "invalid_json", "")
  withInput("rejects a file that is not UTF-8", "unreadable_input", Uint8Array.of(0x22, 0xff, 0x22))
  withInput(
    "rejects an unknown field",
    "validation_failure",
    JSON.stringify({ Subject: canary.subject, from: canary.recipient })
  )
  withInput(
    "rejects input that is not an object if flags set fields",
    "usage_error",
    JSON.stringify([canary.subject]),
    ["--tag", "x"]
  )
  refused("rejects invalid JSON on stdin", "invalid_json", ["send-email", "--input", "-"], { stdin: canary.body })
  refused("rejects a missing file", "unreadable_input", ["send-email", "--input", "/nowhere/input.json"])
  wrong("rejects JSON in place of a path", "unreadable_input", ["send-email", "--input", JSON.stringify(canary)])
  wrong("rejects text in place of a path", "unreadable_input", ["send-email", ...message, "--attach", canary.body])
  refused("rejects a missing attachment", "unreadable_input", ["send-email", ...message, "--attach", "/nowhere/a.pdf"])
  refused("rejects an invalid model", "invalid_json", [
    "send-email-with-template",
    "--template-id",
    "1",
    "--model",
    canary.body
  ])
  refused("rejects a missing payload", "validation_failure", ["send-email-batch"])
})

describe("invalid arguments", () => {
  refused("rejects an unknown command", "usage_error", [canary.recipient])
  refused("rejects an unknown flag", "usage_error", ["send-email", "--reciepient", canary.recipient])
  refused("rejects a flag without a value", "usage_error", ["send-email", "--subject"])
  wrong("rejects a flag in place of a value", "usage_error", ["send-email", "--subject", "--text", canary.body])
  wrong("rejects a repeated flag", "usage_error", ["send-email", "--tag", "a", "--tag", canary.body])
  wrong("rejects an argument without a flag", "usage_error", ["send-email", ...message, canary.body])
  wrong("rejects an empty recipient", "usage_error", ["send-email", ...message, "--cc", ""])
  wrong("rejects a switch together with its negation", "usage_error", [
    "send-email",
    ...message,
    "--track-opens",
    "--no-track-opens"
  ])
  wrong("rejects a header without a colon", "usage_error", ["send-email", ...message, "--header", canary.body])
  wrong("rejects metadata without a name", "usage_error", ["send-email", ...message, "--metadata", canary.body])
  wrong("rejects a timeout that is not a number", "usage_error", ["send-email", ...message, "--timeout", "soon"])
  wrong("rejects an invalid base URL", "usage_error", ["send-email", ...message, "--base-url", "postmark"])
  wrong("rejects an invalid number", "validation_failure", ["list-outbound-messages", "--count", "many"])
  wrong("rejects an unknown log level", "usage_error", ["get-outbound-stats", "--log-level", "loud"])
})

describe("the token", () => {
  const none = { env: { POSTMARK_SERVER_TOKEN: "" } }
  refused("must be given", "missing_token", ["get-outbound-stats"], none)
  refused("must not be empty on stdin", "missing_token", ["get-outbound-stats", "--token-stdin"], none)
  refused(
    "must be in an existing file",
    "unreadable_input",
    ["get-outbound-stats", "--token-file", "/nowhere"],
    none
  )
  wrong("must not replace the path of its file", "unreadable_input", [
    "get-outbound-stats",
    "--token-file",
    canary.token
  ])
  refused("cannot share stdin with the input", "usage_error", ["send-email", "--token-stdin", "--input", "-"], none)
  refused("cannot be an argument", "usage_error", ["get-outbound-stats", "--token", canary.token], none)
  refused("cannot contain a line break", "usage_error", ["get-outbound-stats"], {
    env: { POSTMARK_SERVER_TOKEN: "a\nb" }
  })
})

describe("help and version", () => {
  const printed = (ended: Ended) => {
    assert.strictEqual(ended.code, 0)
    assert.strictEqual(ended.stderr, "")
    return ended.stdout
  }

  it.effect("prints the package's version with and without a command", () =>
    Effect.gen(function*() {
      const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
      assert.strictEqual(printed(yield* program(["--version"])), `${version}\n`)
      assert.strictEqual(printed(yield* program(["send-email", "--version"])), `${version}\n`)
    }))

  it.effect("prints help with commands, flags and fields, without a token", () =>
    Effect.gen(function*() {
      const none = { env: { POSTMARK_SERVER_TOKEN: "" } }
      const root = printed(yield* program(["--help"], none))
      for (const word of ["emails send-batch", "stats outbound", "--base-url", "outcome_unknown", "130"]) {
        assert.include(root, word)
      }
      assert.strictEqual(printed(yield* program([], none)), root)
      const help = printed(yield* program(["send-email", "--text", "x", "--help"], none))
      for (const word of ["--reply-to <text>", "--[no-]track-opens", "htmlBody?", "--token-stdin"]) {
        assert.include(help, word)
      }
    }))

  it.effect("prints completions with the commands", () =>
    Effect.gen(function*() {
      assert.include(printed(yield* program(["completions", "bash"])), "send-email-with-template")
    }))
})
