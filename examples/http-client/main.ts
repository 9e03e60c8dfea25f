/**
 * The typed client of the HTTP adapter: it connects a Postmark server, makes a template, sends with it, looks at what
 * became of the message, and reads a problem. It never sees the server token again.
 *
 * The adapter and the double run in this program. Elsewhere, the client needs only a URL and an API key.
 */
import * as Client from "@effect-postmark/http-server/Client"
import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import { FetchHttpClient } from "@effect/platform"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Option, Redacted } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const apiKey = Redacted.make("an-api-key-for-this-example")

const program = Effect.gen(function*() {
  const client = yield* Client.Client
  const { id } = yield* client.connections.connect({
    payload: { name: "Acme", serverToken: Redacted.make(PostmarkDouble.demoServerToken) }
  })
  const path = { id }

  const template = yield* client.templates.create({
    path,
    payload: { name: "Order", alias: "order", subject: "Order {{number}}", textBody: "Thank you, {{name}}!" }
  })
  yield* Console.log(`made the template ${template.alias}`)

  const receipt = yield* client.actions.sendEmailWithTemplate({
    path,
    payload: {
      from: "shop@example.org",
      to: "ann@example.com",
      templateAlias: "order",
      templateModel: { number: 7, name: "Ann" }
    }
  })
  const message = yield* client.actions.getOutboundMessageDetails({ path, payload: { messageId: receipt.messageId } })
  yield* Console.log(`sent "${message.subject}", which is ${message.status}`)

  const outbound = { ...path, streamId: "outbound" }
  yield* client.suppressions.create({ path: outbound, payload: { emailAddresses: ["bob@example.com"] } })
  const { suppressions } = yield* client.suppressions.list({ path: outbound, urlParams: {} })
  yield* Console.log(`${suppressions.length} suppressed address`)

  // A refusal is a value with a status, a code, and issues that name each field.
  const problem = yield* Effect.flip(client.templates.get({ path: { ...path, template: "missing" } }))
  if (!Client.isProblem(problem)) return yield* Effect.fail(problem)
  yield* Console.log(`${problem.status} ${problem.code}`)

  yield* client.templates.delete({ path: { ...path, template: template.templateId } })
})

const dataDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "http-client-example-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

const adapter = Layer.unwrapScoped(Effect.gen(function*() {
  const postmark = yield* NodePostmarkDouble.NodePostmarkDouble
  return Standalone.layer(Settings.make({
    port: 0,
    dataDir: yield* dataDir,
    apiKey: Option.some(apiKey),
    postmarkApiUrl: Option.some(postmark.url)
  }))
}))

const client = Layer.unwrapEffect(
  Effect.map(Standalone.Standalone, ({ url }) => Client.layer({ baseUrl: url, apiKey }))
)

const double = Layer.provide(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())

NodeRuntime.runMain(
  Effect.provide(program, client.pipe(Layer.provide([adapter, FetchHttpClient.layer]), Layer.provide(double)))
)
