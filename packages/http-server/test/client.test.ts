import * as Action from "@effect-postmark/core/Action"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import * as Client from "@effect-postmark/http-server/Client"
import { FetchHttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { email, once, start, tokens } from "./support/harness.ts"

const Echo = Action.make("example/echo", {
  title: "Echo",
  description: "Returns its payload",
  readOnly: true,
  idempotent: true,
  payload: Schema.Struct({ text: Schema.String }),
  success: Schema.Struct({ text: Schema.String }),
  error: PostmarkError.ReadError
})

const clientOf = (baseUrl: string, apiKey: string) =>
  Client.make({ baseUrl, apiKey: Redacted.make(apiKey) }).pipe(Effect.provide(FetchHttpClient.layer))

const started = Effect.gen(function*() {
  const server = yield* start({ policies: once, actions: [Action.handle(Echo, Effect.succeed)] })
  const path = { id: yield* server.connect(tokens.acme) }
  return { ...server, path, client: yield* clientOf(server.url, server.key) }
})

const minute = 60_000

describe("the typed client", () => {
  it.scopedLive("reads and changes what a connection has in Postmark", () =>
    Effect.gen(function*() {
      const { client, double, path } = yield* started
      const made = yield* client.templates.create({
        path,
        payload: { name: "Welcome", alias: "welcome", subject: "Hi {{name}}", textBody: "Hello {{name}}" }
      })
      const template = { ...path, template: made.templateId }
      yield* client.templates.edit({ path: template, payload: { subject: "Welcome {{name}}" } })
      const found = yield* client.templates.get({ path: { ...path, template: "welcome" } })
      assert.deepInclude(found, { templateId: made.templateId, subject: "Welcome {{name}}" })
      const page = yield* client.templates.list({ path, urlParams: { count: 1, templateType: "Standard" } })
      assert.deepStrictEqual(page.templates.map(({ alias }) => alias), ["welcome"])
      const valid = yield* client.templates.validate({ path, payload: { textBody: "{{#a}}" } })
      assert.isFalse(valid.allContentIsValid)
      const sent = yield* client.emails.sendBatchWithTemplates({
        path,
        payload: {
          messages: [{ from: email.from, to: email.to, templateAlias: "welcome", templateModel: { name: "Ann" } }]
        }
      })
      assert.deepStrictEqual(sent.outcomes.map(({ _tag }) => _tag), ["Accepted"])
      yield* client.templates.delete({ path: template })
      yield* double.settled

      const statistics = yield* client.statistics.sends({ path, urlParams: {} })
      assert.strictEqual(statistics.sent, 1)
      const streams = yield* client.messageStreams.list({ path, urlParams: { includeArchivedStreams: true } })
      assert.include(streams.messageStreams.map(({ id }) => id), "outbound")
      const outbound = { ...path, streamId: "outbound" }
      const suppressed = yield* client.suppressions.create({
        path: outbound,
        payload: { emailAddresses: ["ann+tag@example.org"] }
      })
      assert.deepStrictEqual(suppressed.suppressions.map(({ status }) => status), ["Suppressed"])
      const { suppressions } = yield* client.suppressions.list({
        path: outbound,
        urlParams: { emailAddress: "ann+tag@example.org" }
      })
      assert.strictEqual(suppressions.length, 1)
      yield* client.suppressions.delete({ path: outbound, payload: { emailAddresses: ["ann+tag@example.org"] } })
      const rule = yield* client.inboundRules.create({ path, payload: { rule: "spam.example" } })
      yield* client.inboundRules.delete({ path: { ...path, ruleId: rule.id } })
      assert.deepStrictEqual((yield* client.inboundRules.list({ path, urlParams: {} })).inboundRules, [])
      assert.strictEqual((yield* client.bounces.list({ path, urlParams: { inactive: true } })).totalCount, 0)
      yield* client.bounces.deliveryStats({ path })
    }), minute)

  it.scopedLive("never shows a token or a secret of a webhook", () =>
    Effect.gen(function*() {
      const { call, client, path } = yield* started
      const webhook = yield* client.postmarkWebhooks.create({
        path,
        payload: {
          url: "https://user:canary@example.com/hook?key=canary",
          verify: false,
          httpAuth: { username: "ann", password: Redacted.make("canary") },
          httpHeaders: [{ name: "Authorization", value: Redacted.make("Bearer canary") }]
        }
      })
      assert.strictEqual(webhook.url, "https://redacted@example.com/hook?redacted")
      yield* client.server.edit({ path, payload: { inboundHookUrl: "https://user:canary@example.com/in" } })
      for (const route of ["server", "webhooks", `webhooks/${webhook.id}`, `webhooks/${webhook.id}/statistics`]) {
        const { status, text } = yield* call("GET", `/v1/connections/${path.id}/${route}`)
        assert.strictEqual(status, 200, route)
        assert.notInclude(text, "canary", route)
        assert.notInclude(text, tokens.acme, route)
      }
      const copied = yield* call("PATCH", `/v1/connections/${path.id}/server`, {
        body: { inboundHookUrl: "https://redacted@example.com/in" }
      })
      assert.strictEqual(copied.status, 422)
      assert.include(copied.text, "must be the whole URL")
    }), minute)

  it.scopedLive("sends by an action, and calls an action that only this server has", () =>
    Effect.gen(function*() {
      const { client, double, key, path, url } = yield* started
      const receipt = yield* client.actions.sendEmail({ path, payload: email })
      yield* double.settled
      const details = yield* client.actions.getOutboundMessageDetails({
        path,
        payload: { messageId: receipt.messageId }
      })
      assert.strictEqual(details.subject, email.subject)
      const page = yield* client.actions.listOutboundMessages({ path, payload: { count: 1 } })
      assert.strictEqual(page.totalCount, 1)
      const { body } = yield* client.outboundMessages.dump({ path: { ...path, messageId: receipt.messageId } })
      assert.include(body, email.subject)

      const echo = yield* Client.action({ baseUrl: url, apiKey: Redacted.make(key) }, Echo).pipe(
        Effect.provide(FetchHttpClient.layer)
      )
      assert.deepStrictEqual(yield* echo({ path, payload: { text: "hi" } }), { text: "hi" })
    }), minute)

  it.scopedLive("fails with the server's problems", () =>
    Effect.gen(function*() {
      const { client, connect, double, path, url } = yield* started
      const missing = yield* Effect.flip(client.templates.get({ path: { ...path, template: "missing" } }))
      assert.isTrue(Client.isProblem(missing))
      assert.deepInclude(missing, { status: 404, code: "not_found" })
      const invalid = yield* Effect.flip(client.templates.list({ path, urlParams: { count: 501 } }))
      assert.deepInclude(invalid, {
        status: 422,
        issues: [{ path: ["count"], message: "must be a whole number from 1 to 500" }]
      })
      yield* double.injectFault({ path: "/templates/", first: 1, fault: { kind: "resetAfterAcceptance" } })
      const unknown = yield* Effect.flip(
        client.templates.create({ path, payload: { name: "Lost", subject: "Hi", textBody: "Hi" } })
      )
      assert.deepInclude(unknown, { status: 504, code: "change_unknown", retryable: false })
      yield* double.injectFault({ path: "/bounces", first: 1, fault: { kind: "rateLimit", retryAfter: 7 } })
      const limited = yield* Effect.flip(client.bounces.list({ path, urlParams: {} }))
      assert.deepInclude(limited, { status: 429, code: "rate_limited", retryable: true })
      const nobody = yield* clientOf(url, "wrong")
      assert.deepInclude(yield* Effect.flip(nobody.server.get({ path })), { status: 401, code: "unauthorized" })
      const other = { id: yield* connect(tokens.other) }
      yield* client.connections.revoke({ path: other })
      assert.deepInclude(yield* Effect.flip(client.server.get({ path: other })), { status: 410 })
      const nowhere = yield* Effect.flip(client.server.get({ path: { id: "a/b" } }))
      assert.deepInclude(nowhere, { status: 404, code: "connection_not_found" })
    }), minute)

  it("brings nothing of the server or of Node into a browser's bundle", async () => {
    const { metafile } = await build({
      stdin: {
        contents: "export * from \"@effect-postmark/http-server/Client\"",
        resolveDir: fileURLToPath(new URL(".", import.meta.url))
      },
      bundle: true,
      format: "esm",
      platform: "browser",
      conditions: ["@effect-postmark/source"],
      metafile: true,
      minify: true,
      write: false,
      logLevel: "error"
    })
    const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path)
    assert.isAbove(inputs.length, 50)
    const unwanted = /node:|platform-node|storage-sql|\/automation\/|@effect\/sql|\/(?:handlers|Standalone|Server|bin)/
    // These are schemas only.
    const schemas = /automation\/src\/(?:DeadLetter|GapFillReport)\.ts$/
    assert.deepStrictEqual(
      inputs.filter((path) => unwanted.test(path) && !schemas.test(path) && !/core\/src/.test(path)),
      []
    )
    const imports = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    assert.deepStrictEqual(imports.filter((path) => path.startsWith("node:")), [])
    const size = Object.values(metafile.outputs)[0]?.bytes ?? 0
    assert.isBelow(size, 1_500_000)
  }, minute)
})
