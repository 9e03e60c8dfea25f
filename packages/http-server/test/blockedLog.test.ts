import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { freePort } from "./support/child.ts"
import { temporaryDirectory } from "./support/harness.ts"

describe("a server whose output nobody reads", () => {
  it.scopedLive("answers all the same", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const child = yield* Effect.acquireRelease(
        Effect.map(temporaryDirectory, (dataDir) =>
          spawn(process.execPath, ["bin/effect-postmark-server.mjs"], {
            cwd: fileURLToPath(new URL("..", import.meta.url)),
            env: {
              NODE_ENV: "production",
              EFFECT_POSTMARK_PORT: String(port),
              EFFECT_POSTMARK_DATA_DIR: dataDir,
              EFFECT_POSTMARK_ENCRYPTION_KEY: "A".repeat(43),
              EFFECT_POSTMARK_API_KEY: "an-admin-key-from-outside",
              EFFECT_POSTMARK_LOG_LEVEL: "debug"
            },
            stdio: ["ignore", "pipe", "ignore"]
          })),
        (running) =>
          Effect.promise(async () => {
            running.kill("SIGKILL")
            running.stdout.destroy()
            if (running.exitCode === null && running.signalCode === null) await once(running, "exit")
          })
      )
      yield* Effect.promise(async () => {
        for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
          if (String(chunk).includes("listens on")) break
        }
        child.stdout.pause()
      })
      // Far more than a pipe and the buffers on both of its ends take.
      const lines = 700
      const statuses = yield* Effect.forEach(
        Array.from({ length: lines }, (_, index) => index),
        (index) =>
          Effect.promise(async () => {
            const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
              headers: { "x-request-id": `${"r".repeat(100)}-${index}` }
            })
            await response.arrayBuffer()
            return response.status
          }),
        { concurrency: 10 }
      )
      assert.strictEqual(statuses.filter((status) => status === 200).length, lines)
    }), 120_000)
})
