import * as Vault from "@effect-postmark/core/Vault"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { freePort, run } from "./support/child.ts"
import { caller, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8)

describe("effect-postmark-server", () => {
  it.scopedLive("creates the data directory, the encryption key and the admin key once", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const { url: doubleUrl } = yield* startDouble()
      const dataDir = join(yield* temporaryDirectory, "deep", "data")
      const environment = {
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: dataDir,
        EFFECT_POSTMARK_POSTMARK_API_URL: doubleUrl
      }
      const url = `http://127.0.0.1:${port}`
      const first = yield* run("bin/effect-postmark-server.mjs", environment)
      yield* first.says("admin.key")
      const key = readFileSync(join(dataDir, "admin.key"), "utf8").trim()
      assert.strictEqual(mode(dataDir), "700")
      assert.strictEqual(mode(join(dataDir, "admin.key")), "600")
      assert.strictEqual(mode(join(dataDir, "encryption.key")), "600")
      assert.include(first.output(), join(dataDir, "admin.key"))
      assert.notInclude(first.output(), key)
      const connected = yield* caller(url, key)("POST", "/v1/connections", {
        body: { name: "Acme", serverToken: tokens.acme }
      })
      assert.strictEqual(connected.status, 201)
      first.process.kill("SIGTERM")
      assert.deepStrictEqual(yield* first.exit, { code: 0, signal: null })

      const second = yield* run("bin/effect-postmark-server.mjs", environment)
      yield* second.says("listens on")
      assert.strictEqual(readFileSync(join(dataDir, "admin.key"), "utf8").trim(), key)
      const list = yield* caller(url, key)("GET", "/v1/connections")
      assert.deepStrictEqual(list.json, { connections: [connected.json] })
      const { json } = yield* caller(url, key)("GET", "/v1/api-keys")
      assert.strictEqual(Object(json).apiKeys.length, 1)
      second.process.kill("SIGINT")
      assert.strictEqual((yield* second.exit).code, 0)
    }), 60_000)

  it.scopedLive("generates no encryption key in production", () =>
    Effect.gen(function*() {
      const dataDir = join(yield* temporaryDirectory, "data")
      for (const production of [{ NODE_ENV: "production" }, { EFFECT_POSTMARK_MODE: "production" }]) {
        const child = yield* run("bin/effect-postmark-server.mjs", {
          ...production,
          EFFECT_POSTMARK_PORT: "0",
          EFFECT_POSTMARK_DATA_DIR: dataDir
        })
        assert.deepStrictEqual(yield* child.exit, { code: 1, signal: null })
        assert.match(child.output(), /^EFFECT_POSTMARK_ENCRYPTION_KEY is not set\./)
        assert.isFalse(existsSync(join(dataDir, "encryption.key")))
        assert.isFalse(existsSync(join(dataDir, "admin.key")))
      }
      const key = Redacted.value(Vault.generateKey())
      const apiKey = "an-admin-key-from-outside"
      const port = yield* freePort
      const child = yield* run("bin/effect-postmark-server.mjs", {
        NODE_ENV: "production",
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: dataDir,
        EFFECT_POSTMARK_ENCRYPTION_KEY: `first:${key}`,
        EFFECT_POSTMARK_API_KEY: apiKey
      })
      yield* child.says("listens on")
      assert.strictEqual((yield* caller(`http://127.0.0.1:${port}`, apiKey)("GET", "/v1/connections")).status, 200)
      assert.isFalse(existsSync(join(dataDir, "admin.key")))
      assert.notInclude(child.output(), key)
      assert.notInclude(child.output(), apiKey)
    }), 60_000)
})
