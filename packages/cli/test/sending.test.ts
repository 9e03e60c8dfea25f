import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { against, Double, failureOf, file, message } from "./support/program.ts"

const lastLine = (text: string) => `${text.trimEnd().split("\n").at(-1) ?? ""}\n`

layer(Double, { excludeTestServices: true })("sending and waiting", (it) => {
  const double = PostmarkDouble.PostmarkDouble

  it.scoped("shows the request with --dry-run, without a token and without a call", () =>
    Effect.gen(function*() {
      const { requests, reset } = yield* double
      yield* reset
      const html = yield* file("hello.html", "<p>Hello</p>")
      const args = ["emails", "send", "--from", "sender@example.com", "--to", "a@example.com", "--html-file", html]
      const ended = yield* against([...args, "--dry-run"], { env: { POSTMARK_SERVER_TOKEN: "" } })
      assert.strictEqual(ended.code, 0, ended.stderr)
      const shown = JSON.parse(ended.stdout)
      assert.deepInclude(shown, { dryRun: true, path: "/email", recipients: { actual: 1, limit: 50 } })
      assert.deepInclude(shown.body, { To: "a@example.com", HtmlBody: "<p>Hello</p>" })
      assert.lengthOf(yield* requests, 0)
    }))

  it.effect("waits for the delivery with --wait", () =>
    Effect.gen(function*() {
      yield* (yield* double).reset
      const ended = yield* against(["emails", "send", ...message, "--wait", "--quiet"])
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
      assert.nestedPropertyVal(JSON.parse(ended.stdout), "outcome.state", "delivered")
    }))

  it.effect("124: ends a wait at --timeout, with the receipt on stdout", () =>
    Effect.gen(function*() {
      const { injectFault, reset } = yield* double
      yield* reset
      // The history does not know the message.
      yield* injectFault({
        path: "/messages/outbound/*",
        fault: { kind: "status", status: 422, body: "{\"ErrorCode\":701,\"Message\":\"not found\"}" }
      })
      const ended = yield* against(["emails", "send", ...message, "--wait", "--timeout", "2"])
      failureOf({ ...ended, stderr: lastLine(ended.stderr) }, 124, "wait_timed_out")
      assert.nestedPropertyVal(JSON.parse(ended.stdout), "outcome.state", "pending")
      yield* reset
    }))

  it.effect("lists no more than --limit messages, one line each", () =>
    Effect.gen(function*() {
      const { reset } = yield* double
      yield* reset
      const stdin = "to,subject,text\na@example.com,1,T\nb@example.com,2,T\nc@example.com,3,T\n"
      const batch = yield* against(["emails", "send-batch", "--input", "-", "--from", "sender@example.com"], { stdin })
      assert.strictEqual(batch.code, 0, batch.stderr)
      const ended = yield* against([
        "messages",
        "list",
        "--limit",
        "2",
        "--since",
        "1h",
        "--format",
        "csv",
        "--fields",
        "subject"
      ])
      assert.deepStrictEqual([ended.code, ended.stdout, ended.stderr], [0, "subject\n3\n2\n", ""])
      const all = yield* against(["messages", "list", "--all", "--fields", "subject"])
      assert.strictEqual(all.stdout, "{\"subject\":\"3\"}\n{\"subject\":\"2\"}\n{\"subject\":\"1\"}\n")
    }))
})
