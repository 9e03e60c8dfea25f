import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { request } from "node:https"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { start, temporaryDirectory } from "./support/harness.ts"

/** Made for these tests alone, for localhost and 127.0.0.1, valid until 2126. */
const certificate = (name: string) => fileURLToPath(new URL(`./fixtures/tls/${name}.pem`, import.meta.url))

const get = (url: string, ca: string) =>
  Effect.async<{ readonly status: number; readonly body: string }>((resume) => {
    request(url, { ca, agent: false }, (response) => {
      let body = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        body += chunk
      })
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, body })))
    }).on("error", (error) => resume(Effect.die(error))).end()
  })

const files = (cert: string, key: string) => ({ tlsCertFile: Option.some(cert), tlsKeyFile: Option.some(key) })

const refusal = (settings: Partial<Settings.Settings>) =>
  Effect.gen(function*() {
    const dataDir = yield* temporaryDirectory
    const failure = yield* Effect.flip(Layer.build(Standalone.layer(Settings.make({ port: 0, dataDir, ...settings }))))
    return failure.message
  })

describe("a server with a certificate", () => {
  it.scopedLive("speaks HTTPS", () =>
    Effect.gen(function*() {
      const { url } = yield* start({ settings: files(certificate("cert"), certificate("key")) })
      assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
      const response = yield* get(`${url}/healthz`, readFileSync(certificate("cert"), "utf8"))
      assert.strictEqual(response.status, 200)
    }))

  it.scopedLive("does not start without the key, or with one that is not its own, and says which file is wrong", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const garbage = join(directory, "garbage.pem")
      writeFileSync(garbage, "canary")
      const missing = join(directory, "missing.pem")
      const [cert, key, otherKey] = [certificate("cert"), certificate("key"), certificate("otherKey")]
      assert.include(yield* refusal({ tlsCertFile: Option.some(cert) }), "EFFECT_POSTMARK_TLS_KEY_FILE is not set")
      assert.include(yield* refusal({ tlsKeyFile: Option.some(key) }), "EFFECT_POSTMARK_TLS_CERT_FILE is not set")
      assert.include(yield* refusal(files(missing, key)), `EFFECT_POSTMARK_TLS_CERT_FILE: ${missing} cannot be read`)
      assert.include(yield* refusal(files(cert, missing)), `EFFECT_POSTMARK_TLS_KEY_FILE: ${missing} cannot be read`)
      const unreadable = yield* refusal(files(garbage, key))
      assert.include(unreadable, `${garbage} holds no certificate`)
      assert.notInclude(unreadable, "canary")
      assert.include(yield* refusal(files(cert, garbage)), `${garbage} holds no private key`)
      assert.include(yield* refusal(files(cert, otherKey)), `${otherKey} is not that of the first certificate`)
    }))
})
