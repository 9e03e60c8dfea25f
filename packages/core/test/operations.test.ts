import type * as Operation from "@effect-postmark/core/Operation"
import * as Bulk from "@effect-postmark/core/operations/Bulk"
import * as Edits from "@effect-postmark/core/operations/Server"
import * as Templates from "@effect-postmark/core/operations/Templates"
import * as Hooks from "@effect-postmark/core/operations/Webhooks"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as PostmarkOperations from "@effect-postmark/core/PostmarkOperations"
import * as Reconciliation from "@effect-postmark/core/Reconciliation"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"

/** The methods that are neither an action nor an operation. */
const elsewhere = {
  sendEmailStream: "takes a stream; over HTTP, a bulk run does the same",
  "prepared.send": "the parts of a bulk run",
  "prepared.search": "the parts of a bulk run"
}

/** Payloads with which each action calls its method. */
const actionPayloads: Readonly<Record<string, unknown>> = {
  "send-email": { from: "a@example.com", to: "b@example.org", subject: "Hi", textBody: "Hi" },
  "send-email-batch": { messages: [{ from: "a@example.com", to: "b@example.org", subject: "Hi", textBody: "Hi" }] },
  "send-email-with-template": { from: "a@example.com", to: "b@example.org", templateAlias: "hi", templateModel: {} },
  "list-outbound-messages": {},
  "get-outbound-message-details": { messageId: "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316" },
  "get-outbound-stats": {}
}

/** A client whose calls get one response. */
const clientOf = (body: unknown, status = 200) =>
  PostmarkClient.make({ serverToken: Redacted.make("token") }).pipe(
    Effect.provideService(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.succeed(
          HttpClientResponse.fromWeb(request, Response.json(body, { status, headers: { server: "Postmark" } }))
        )
      )
    )
  )

const isGroup = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Effect.isEffect(value)

const methodsOf = (value: object, prefix = ""): ReadonlyArray<string> =>
  Object.entries(value).flatMap(([name, member]) =>
    isGroup(member) ? methodsOf(member, `${prefix}${name}.`) : [`${prefix}${name}`]
  )

/** Notes the methods that are asked for. */
const watched = <A extends object>(target: A, used: Array<string>, prefix = ""): A =>
  new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name)
      const path = `${prefix}${String(name)}`
      if (isGroup(member)) return watched(member, used, `${path}.`)
      used.push(path)
      return member
    }
  })

const fieldsOf = (schema: Schema.Schema.AnyNoContext) => {
  const find = (ast: typeof schema.ast): ReadonlyArray<string> =>
    ast._tag === "TypeLiteral"
      ? ast.propertySignatures.map(({ name }) => String(name))
      : ast._tag === "Refinement" || ast._tag === "Transformation"
      ? find(ast.from)
      : []
  return find(schema.ast)
}

describe("operations", () => {
  it.effect("cover each method of the client once, together with the actions", () =>
    Effect.gen(function*() {
      const client = yield* clientOf({})
      const used: Array<string> = []
      for (const { example, id, run } of PostmarkOperations.all) {
        const before = used.length
        yield* Effect.exit(run(example, watched(client, used)))
        assert.strictEqual(used.length, before + 1, id)
      }
      for (const { action, run } of PostmarkActions.handlers) {
        yield* Effect.exit(run(actionPayloads[action.name], watched(client, used)))
      }
      assert.deepStrictEqual([...used, ...Object.keys(elsewhere)].sort(), [...methodsOf(client)].sort())
    }).pipe(
      Effect.provideService(RetryPolicy.RetryPolicy, RetryPolicy.none),
      Effect.provideService(Reconciliation.Reconciliation, Reconciliation.none)
    ))

  for (const operation of PostmarkOperations.all) {
    it(`${operation.id} has an example that its schemas accept`, () => {
      const { body, example, params, path, query, success } = operation
      const decode = (schema: Schema.Schema.AnyNoContext, value: unknown) =>
        Schema.decodeUnknownSync(schema, { onExcessProperty: "error", errors: "all" })(value)
      decode(params, example.params ?? {})
      decode(query, example.query ?? {})
      decode(body, example.body ?? {})
      decode(success, example.success)
      assert.deepStrictEqual(fieldsOf(params), Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => name))
      const fields = [...fieldsOf(params), ...fieldsOf(query), ...fieldsOf(body)]
      assert.strictEqual(new Set(fields).size, fields.length)
      assert.strictEqual(operation.status === 204, example.success === undefined)
      assert.isFalse(operation.readOnly && operation.destructive)
      if (operation.method === "GET") assert.isTrue(operation.readOnly)
    })
  }

  it("have ids, routes and names of their own", () => {
    const all = [...PostmarkOperations.all, ...PostmarkActions.handlers.map(({ action }) => action)]
    assert.strictEqual(new Set(all.map(({ id }) => id)).size, all.length)
    const unique = (key: (operation: Operation.Any) => string) =>
      assert.strictEqual(new Set(PostmarkOperations.all.map(key)).size, PostmarkOperations.all.length)
    unique(({ method, path }) => `${method} ${path.replace(/:\w+/g, ":")}`)
    unique(({ group, member }) => `${group}.${member}`)
  })

  it.effect("name each field that is wrong, with its limit", () =>
    Effect.gen(function*() {
      const client = yield* clientOf({})
      const issues = (operation: Operation.Any, input: Operation.Input) =>
        Effect.map(Effect.flip(operation.run(input, client)), (error) =>
          error._tag === "ValidationFailure"
            ? error.issues.map(({ message, path }) => `${path.join(".")}: ${message}`)
            : [error._tag])
      assert.deepStrictEqual(
        yield* issues(Templates.list, { query: { count: 501, offset: -1, From: 1, templateType: "standard" } }),
        [
          "From: unknown field",
          "count: must be a whole number from 1 to 500",
          "offset: must be a whole number of at least 0",
          "templateType: must be one of \"All\", \"Standard\", \"Layout\""
        ]
      )
      assert.deepStrictEqual(yield* issues(Templates.edit, { params: { template: "1 2" }, body: { name: "" } }), [
        "template: letters, digits, '.', '-', '_', a letter first",
        "name: must be text that is not empty"
      ])
    }))

  it.effect("say that something does not exist, whether Postmark says it with 422 or with 404", () =>
    Effect.gen(function*() {
      const reasonOf = (operation: Operation.Any, input: Operation.Input, code: number, status: number) =>
        clientOf({ ErrorCode: code, Message: "not found" }, status).pipe(
          Effect.flatMap((client) => Effect.flip(operation.run(input, client))),
          Effect.map((error) => error._tag === "ValidationFailure" ? error.reason : error._tag)
        )
      assert.strictEqual(yield* reasonOf(Templates.get, { params: { template: "missing" } }, 1101, 422), "notFound")
      assert.strictEqual(yield* reasonOf(Bulk.get, { params: { bulkId: "missing" } }, 12, 404), "notFound")
      assert.strictEqual(yield* reasonOf(Bulk.get, { params: { bulkId: "missing" } }, 999, 404), "RequestRefused")
    }))

  it.effect("show a server and its webhooks without secrets", () =>
    Effect.gen(function*() {
      const server = yield* clientOf({
        ID: 1,
        Name: "Shop",
        ApiTokens: ["canary-token"],
        InboundHookUrl: "https://canary-user:canary/@word@example.com/in?key=canary-key#x",
        ClickHookUrl: ""
      })
      assert.deepStrictEqual(yield* Edits.get.run({}, server), {
        id: 1,
        name: "Shop",
        inboundHookUrl: "https://redacted@example.com/in?redacted",
        clickHookUrl: ""
      })
      const hook = {
        ID: 7,
        Url: "https://canary:canary@example.com/hook",
        HttpAuth: { Username: "ann", Password: "canary-password" },
        HttpHeaders: [{ Name: "Authorization", Value: "Bearer canary" }]
      }
      const shown = {
        id: 7,
        url: "https://redacted@example.com/hook",
        httpAuth: { username: "ann" },
        httpHeaders: [{ name: "Authorization" }]
      }
      const one = yield* clientOf(hook)
      const many = yield* clientOf({ Webhooks: [hook] })
      const params = { webhookId: 7 }
      const create = { url: "https://u:canary@example.com/", httpAuth: { username: "u", password: "canary" } }
      assert.deepStrictEqual(yield* Hooks.get.run({ params }, one), shown)
      assert.deepStrictEqual(yield* Hooks.create.run({ body: create }, one), shown)
      assert.deepStrictEqual(yield* Hooks.edit.run({ params, body: create }, one), shown)
      assert.deepStrictEqual(yield* Hooks.list.run({}, many), { webhooks: [shown] })
      const verified = yield* clientOf({ Id: 7, WebhookId: 7, Url: hook.Url, Success: true, Results: [] })
      assert.notInclude(JSON.stringify(yield* Hooks.verify.run({ params }, verified)), "canary")
      assert.notInclude(JSON.stringify(yield* Hooks.statistics.run({ params }, verified)), "canary")
    }))

  it.effect("refuse a URL that lost its credentials in a response", () =>
    Effect.gen(function*() {
      const client = yield* clientOf({ ID: 1, Name: "Shop" })
      const refused = yield* Effect.flip(
        Edits.edit.run({ body: { inboundHookUrl: "https://redacted@example.com/in" } }, client)
      )
      assert.include(refused.message, "inboundHookUrl: must be the whole URL")
      assert.deepStrictEqual(yield* Edits.edit.run({ body: { inboundHookUrl: "", name: null } }, client), {
        id: 1,
        name: "Shop"
      })
    }))
})
