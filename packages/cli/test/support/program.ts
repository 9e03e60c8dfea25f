/** Runs the program as a child process, with a double to talk to. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** Private values that an error must never contain. */
export const canary = {
  token: "canary-token-5f0d7c2e",
  recipient: "canary-recipient@example.com",
  subject: "canary subject",
  body: "canary body"
}

/** The flags of a message with canaries in every field. */
export const message = [
  ["--from", "sender@example.com", "--to", canary.recipient],
  ["--subject", canary.subject, "--text", canary.body]
].flat()

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly connections: ReadonlyArray<string>
}

export interface Options {
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Runs after the process has started. */
  readonly onStart?: (child: ChildProcess) => void
}

export const Double = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({
    servers: [{
      token: canary.token,
      templates: [{ alias: "welcome", subject: "Welcome", textBody: "Hello {{name}}" }]
    }],
    deliveryDelay: "0 millis",
    firstBounceId: 9_007_199_254_740_993n
  }))
)

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Runs the built program until it exits. */
export const program = (args: ReadonlyArray<string>, options: Options = {}): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const folder = mkdtempSync(join(tmpdir(), "effect-postmark-cli-"))
    const connections = join(folder, "connections")
    writeFileSync(connections, "")
    const child = spawn(
      process.execPath,
      [
        "--import",
        new URL("loopbackOnly.mjs", import.meta.url).href,
        join(root, "bin", "effect-postmark.mjs"),
        ...args
      ],
      {
        cwd: root,
        env: {
          PATH: process.env["PATH"],
          CONNECTIONS_FILE: connections,
          XDG_CONFIG_HOME: folder,
          POSTMARK_SERVER_TOKEN: canary.token,
          ...(options.url === undefined ? {} : { POSTMARK_BASE_URL: options.url }),
          ...options.env
        }
      }
    )
    const read = { stdout: "", stderr: "" }
    child.stdout.setEncoding("utf8").on("data", (text: string) => (read.stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (read.stderr += text))
    child.stdin.on("error", () => {})
    child.stdin.end(options.stdin ?? "")
    child.on("close", (code) => {
      const hosts = readFileSync(connections, "utf8").split("\n").filter((host) => host !== "")
      rmSync(folder, { recursive: true, force: true })
      resume(Effect.succeed({ code, ...read, connections: hosts }))
    })
    options.onStart?.(child)
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Runs the program with the test's double. */
export const against = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.flatMap(NodePostmarkDouble.NodePostmarkDouble, ({ url }) => program(args, { url, ...options }))

/** Parses the one line of JSON on stdout. */
export const dataOf = (ended: Ended): unknown => {
  assert.strictEqual(ended.stderr, "")
  assert.strictEqual(ended.stdout.indexOf("\n"), ended.stdout.length - 1)
  return JSON.parse(ended.stdout)
}

/** Checks the rules of every failure, and returns the error. */
export const failureOf = (ended: Ended, code: number, error: string): Readonly<Record<string, unknown>> => {
  const lines = ended.stderr.trimEnd().split("\n")
  assert.strictEqual(lines.length, 1, ended.stderr)
  const parsed: { readonly error: Readonly<Record<string, unknown>> } = JSON.parse(ended.stderr)
  assert.strictEqual(parsed.error["code"], error)
  assert.strictEqual(ended.code, code)
  assert.strictEqual(typeof parsed.error["message"], "string")
  assert.include(["caller", "accountOwner", "retry"], parsed.error["fixableBy"])
  assert.strictEqual(typeof parsed.error["retryable"], "boolean")
  for (const text of Object.values(canary)) assert.notInclude(ended.stderr, text)
  assert.notInclude(ended.stdout, canary.token)
  return parsed.error
}

/** Checks a failure with empty stdout: every failure except the rejected messages of a batch. */
export const silentFailureOf = (ended: Ended, code: number, error: string) => {
  assert.strictEqual(ended.stdout, "")
  return failureOf(ended, code, error)
}

/** Creates a directory for the test's files. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-postmark-cli-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const file = (name: string, content: string | Uint8Array) =>
  Effect.map(folder, (path) => {
    writeFileSync(join(path, name), content)
    return join(path, name)
  })
