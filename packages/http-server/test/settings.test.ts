import * as Settings from "@effect-postmark/http-server/Settings"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Either, Option, Redacted } from "effect"

const key = (letter: string) => letter.repeat(43)

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(
    Settings.config,
    ConfigProvider.fromMap(new Map(Object.entries(environment)), { pathDelim: "_" })
  )

describe("settings", () => {
  it.effect("have defaults", () =>
    Effect.gen(function*() {
      const settings = yield* read({})
      assert.deepStrictEqual(settings, Settings.make())
      assert.deepStrictEqual([settings.port, settings.host, settings.mode], [8025, "127.0.0.1", "development"])
    }))

  it.effect("are read from the environment", () =>
    Effect.gen(function*() {
      const settings = yield* read({
        EFFECT_POSTMARK_PORT: "0",
        EFFECT_POSTMARK_HOST: "0.0.0.0",
        EFFECT_POSTMARK_DATA_DIR: "/var/lib/x",
        EFFECT_POSTMARK_PUBLIC_URL: "https://hooks.example.com/base/",
        EFFECT_POSTMARK_ENCRYPTION_KEY: `new:${key("A")}, old:${key("B")}=`,
        EFFECT_POSTMARK_API_KEY: "twenty-characters-or-more",
        EFFECT_POSTMARK_POSTMARK_API_URL: "http://127.0.0.1:4010",
        EFFECT_POSTMARK_RELAY_ALLOWED_HOSTS: "n8n.internal, 10.0.0.0/8,127.0.0.1",
        EFFECT_POSTMARK_RELAY_ALLOWED_PORTS: "5678, 3000",
        EFFECT_POSTMARK_RATE_LIMIT: "0",
        EFFECT_POSTMARK_AUDIT_RETENTION_DAYS: "30",
        EFFECT_POSTMARK_RETENTION_EVENTS: "forever",
        EFFECT_POSTMARK_RETENTION_RAW_BODIES: "30 days",
        EFFECT_POSTMARK_TRUSTED_PROXIES: "10.1.0.0/16, ::1,192.0.2.7",
        EFFECT_POSTMARK_TLS_CERT_FILE: "/etc/tls/cert.pem",
        EFFECT_POSTMARK_TLS_KEY_FILE: "/etc/tls/key.pem",
        NODE_ENV: "production"
      })
      assert.deepStrictEqual(settings.retention, { events: Duration.infinity, rawBodies: Duration.days(30) })
      assert.deepStrictEqual(settings.relayHosts, ["n8n.internal", "10.0.0.0/8", "127.0.0.1"])
      assert.deepStrictEqual(settings.relayPorts, [5678, 3000])
      assert.deepStrictEqual(settings.rateLimit, Option.none())
      assert.strictEqual(settings.auditRetentionDays, 30)
      assert.deepStrictEqual(settings.trustedProxies, ["10.1.0.0/16", "::1", "192.0.2.7"])
      assert.deepStrictEqual(settings.tlsCertFile, Option.some("/etc/tls/cert.pem"))
      assert.deepStrictEqual(settings.tlsKeyFile, Option.some("/etc/tls/key.pem"))
      assert.deepInclude(settings, { port: 0, host: "0.0.0.0", dataDir: "/var/lib/x", mode: "production" })
      assert.deepStrictEqual(settings.publicUrl, Option.some("https://hooks.example.com/base"))
      assert.deepStrictEqual(settings.postmarkApiUrl, Option.some("http://127.0.0.1:4010"))
      assert.deepStrictEqual(settings.encryptionKeys.map(({ id }) => id), ["new", "old"])
      assert.strictEqual(Redacted.value(Option.getOrThrow(settings.apiKey)), "twenty-characters-or-more")
    }))

  it.effect("prefer EFFECT_POSTMARK_MODE to NODE_ENV", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* read({ NODE_ENV: "production", EFFECT_POSTMARK_MODE: "development" })).mode,
        "development"
      )
      assert.strictEqual((yield* read({ NODE_ENV: "test", EFFECT_POSTMARK_MODE: "production" })).mode, "production")
    }))

  for (
    const [name, value] of [
      ["PORT", "65536"],
      ["PORT", "1.5"],
      ["MODE", "staging"],
      ["RATE_LIMIT", "-1"],
      ["RATE_LIMIT", "1000001"],
      ["RATE_LIMIT", "many"],
      ["AUDIT_RETENTION_DAYS", "0"],
      ["PUBLIC_URL", "not a url"],
      ["ENCRYPTION_KEY", "canary-too-short"],
      ["ENCRYPTION_KEY", `${key("A")},${key("B")}`],
      ["API_KEY", "canary short"],
      ["RELAY_ALLOWED_HOSTS", "10.0.0.0/33"],
      ["RELAY_ALLOWED_HOSTS", "ok.internal, http://x"],
      ["RELAY_ALLOWED_PORTS", "5678,0"],
      ["TRUSTED_PROXIES", "10.0.0.0/33"],
      ["TRUSTED_PROXIES", "proxy.internal"],
      ["TRUSTED_PROXIES", "10.0.0.0/8/8"]
    ] as const
  ) {
    it.effect(`reject ${name}=${value.slice(0, 12)} and name the variable`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(read({ [`EFFECT_POSTMARK_${name}`]: value }))
        assert.include(Settings.explain(error), `EFFECT_POSTMARK_${name}: `)
        assert.notInclude(Settings.explain(error), "canary")
        assert.notInclude(Settings.explain(error), key("B"))
      }))
  }

  it("give a key without an id the id default", () => {
    const keys = Either.getOrThrow(Settings.parseEncryptionKeys(key("A")))
    assert.deepStrictEqual(keys.map(({ id, key }) => [id, Redacted.value(key)]), [["default", key("A")]])
  })
})
