import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Api from "@effect-postmark/http-server/Api"
import { OpenApi } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import * as RouteTable from "../src/internal/routeTable.ts"

const api = Api.make(ActionRegistry.make(PostmarkActions.handlers), TriggerRegistry.make(PostmarkTriggers.all))
const spec: unknown = JSON.parse(JSON.stringify(OpenApi.fromApi(api)))

/** Returns all values under a key, at any depth. */
const every = (value: unknown, key: string): ReadonlyArray<unknown> =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...every(inner, key)])

const operations = Object.entries(Object(spec).paths).flatMap(([path, item]) =>
  Object.entries(Object(item)).map(([method, operation]) => ({ path, method, operation: Object(operation) }))
)

describe("OpenAPI", () => {
  it("lists every route with its parameters and responses", async () => {
    const outline = operations.map(({ method, operation, path }) => ({
      route: `${method.toUpperCase()} ${path}`,
      operationId: operation.operationId,
      security: operation.security,
      parameters: operation.parameters.map((parameter: { readonly name: string; readonly in: string }) =>
        `${parameter.in} ${parameter.name}`
      ),
      responses: Object.keys(operation.responses)
    }))
    await expect(JSON.stringify(outline, null, 2)).toMatchFileSnapshot("./fixtures/openapi.json")
  })

  it("has no dangling reference and no repeated operation id", () => {
    const components = Object.entries(Object(spec).components).flatMap(([kind, all]) =>
      Object.keys(Object(all)).map((name) => `#/components/${kind}/${name}`)
    )
    for (const reference of every(spec, "$ref")) assert.include(components, reference)
    const ids = operations.map(({ operation }) => operation.operationId)
    assert.strictEqual(new Set(ids).size, ids.length)
    for (const { operation, path } of operations) {
      const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name)
      const declared = operation.parameters
        .filter((parameter: { readonly in: string }) => parameter.in === "path")
        .map((parameter: { readonly name: string }) => parameter.name)
      assert.deepStrictEqual(declared, inPath, path)
    }
    assert.notInclude(JSON.stringify(spec), "HttpApiDecodeError")
  })

  it("documents each action with the action's title", () => {
    for (const { action } of PostmarkActions.handlers) {
      const found = operations.find(({ path }) => path === `/v1/connections/{id}/actions/${action.name}`)
      assert.strictEqual(found?.operation.summary, action.title)
      assert.include(found?.operation.description, action.id)
      assert.isDefined(found?.operation.requestBody)
    }
  })

  it("documents the Idempotency-Key on each change, and on no read", () => {
    const routes = RouteTable.make(api, [])
    for (const { method, operation, path } of operations) {
      const endpoint = routes.find(path.replace(/\{(\w+)\}/g, ":$1"))?.endpoints.get(method.toUpperCase())
      const names = operation.parameters.map(({ name }: { readonly name: string }) => name)
      const isChange = endpoint?.access !== undefined && endpoint.access !== "read"
      assert.strictEqual(names.includes("Idempotency-Key"), isChange, `${method} ${path}`)
      if (isChange) assert.includeMembers(Object.keys(operation.responses), ["400", "409", "413", "422", "504"])
    }
  })

  it("describes the typed event of the log, which has the webhook's body beside it", () => {
    const { schemas } = Object(spec).components
    const members: ReadonlyArray<{ readonly $ref: string }> = schemas.TriggerEvent.anyOf
    assert.strictEqual(members.length, PostmarkTriggers.all.length)
    for (const name of members.map(({ $ref }) => $ref.slice($ref.lastIndexOf("/") + 1))) {
      assert.notProperty(schemas[name].properties, "raw", name)
      assert.notInclude(schemas[name].required, "raw", name)
    }
    assert.property(schemas.Event.properties, "raw")
  })
})
