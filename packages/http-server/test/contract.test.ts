import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as Api from "@effect-postmark/http-server/Api"
import { FetchHttpClient, HttpApi, HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Option, Redacted, Schema, SchemaAST } from "effect"
import { email, start, tokens } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const clientOf = (url: string, key: string) =>
  HttpApiClient.make(Api.Api, {
    baseUrl: url,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
  }).pipe(Effect.provide(FetchHttpClient.layer))

describe("the contract", () => {
  it.scopedLive("gives a derived client that decodes every response", () =>
    Effect.gen(function*() {
      const { call, key, url } = yield* start()
      const client = yield* clientOf(url, key)
      const serverToken = Redacted.make(tokens.acme)
      const connection = yield* client.connections.connect({ payload: { name: "Acme", serverToken } })
      const path = { id: connection.id }
      assert.deepStrictEqual((yield* client.connections.list()).connections, [connection])
      assert.deepStrictEqual(yield* client.connections.get({ path }), connection)
      assert.strictEqual((yield* client.connections.check({ path })).server.id, 101)
      assert.isNotNull((yield* client.connections.rotate({ path, payload: { serverToken } })).rotatedAt)

      const first = yield* client.triggers.subscribe({ path, payload: { trigger: "postmark/email-delivered" } })
      const secret = first.generatedSecret ?? ""
      assert.match(secret, /^Bearer \S{40,}$/)
      const posted = yield* call("POST", `/v1/webhooks/${connection.id}`, {
        key: secret.slice("Bearer ".length),
        body: delivery(email.to)
      })
      assert.strictEqual(posted.status, 200)
      const { events } = yield* client.events.list({ urlParams: { connection: connection.id, limit: "1" } })
      assert.deepInclude(events[0], { trigger: "postmark/email-delivered", status: "decoded" })
      assert.strictEqual((yield* client.triggers.list({ path })).subscriptions.length, 1)
      yield* client.triggers.finishRotation({ path })
      yield* client.triggers.unsubscribe({ path: { ...path, subscriptionId: first.subscription.id } })

      const created = yield* client.apiKeys.create({ payload: { name: "robot", connections: [connection.id] } })
      assert.strictEqual((yield* client.apiKeys.list()).apiKeys.length, 2)
      yield* client.apiKeys.revoke({ path: { keyId: created.apiKey.id } })
      assert.strictEqual((yield* client.system.health()).status, "ok")
      assert.strictEqual((yield* client.system.readiness()).status, "ready")

      assert.strictEqual((yield* client.connections.revoke({ path })).state, "revoked")
      const gone = yield* Effect.flip(client.connections.check({ path }))
      assert.deepInclude(gone, { status: 410, code: "connection_revoked" })
      const stranger = yield* Effect.flip(Effect.flatMap(clientOf(url, "wrong"), (other) => other.connections.list()))
      assert.deepInclude(stranger, { status: 401, code: "unauthorized" })
    }))

  it.scopedLive("gives a derived client for the actions", () =>
    Effect.gen(function*() {
      const { connect, key, url } = yield* start()
      const id = yield* connect(tokens.acme)
      const client = yield* HttpApiClient.make(Api.actions(ActionRegistry.make(PostmarkActions.handlers)), {
        baseUrl: url,
        transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
      }).pipe(Effect.provide(FetchHttpClient.layer))
      const send = client.actions["send-email"]
      if (send === undefined) return assert.fail("the action has no method")
      const receipt: unknown = yield* send({ path: { id }, payload: email })
      assert.strictEqual(Object(receipt).message, "OK")
    }))

  it("leaves each refusal of a path or a query to the handlers, which respond with problems", () => {
    const refused: Array<string> = []
    HttpApi.reflect(Api.Api, {
      onGroup: () => {},
      onEndpoint: ({ endpoint, group }) => {
        for (const schema of [endpoint.pathSchema, endpoint.urlParamsSchema].flatMap(Option.toArray)) {
          const names = fieldsOf(schema.ast)
          for (const text of ["", "x", "-1", "\u0000", "1e99"]) {
            const decoded = Schema.decodeUnknownEither(schema)(Object.fromEntries(names.map((name) => [name, text])))
            if (Either.isLeft(decoded)) refused.push(`${group.identifier}.${endpoint.name}: ${JSON.stringify(text)}`)
          }
        }
      }
    })
    assert.deepStrictEqual(refused, [])
  })
})

const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isTransformation(ast)
    ? fieldsOf(ast.from)
    : SchemaAST.isTypeLiteral(ast)
    ? ast.propertySignatures.map(({ name }) => String(name))
    : []
