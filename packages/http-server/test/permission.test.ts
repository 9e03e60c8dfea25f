import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Api from "@effect-postmark/http-server/Api"
import { Access, Scope } from "@effect-postmark/http-server/api/Access"
import { Authorization } from "@effect-postmark/http-server/api/Authorization"
import { HttpApi } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, FastCheck, Option, Schema } from "effect"
import { refusalOf } from "../src/internal/guard/permission.ts"
import * as RouteTable from "../src/internal/routeTable.ts"
import { codeOf, email, start, tokens } from "./support/harness.ts"
import { bodyOf, raw, statusOf } from "./support/raw.ts"

const api = Api.make(ActionRegistry.make(PostmarkActions.handlers), TriggerRegistry.make(PostmarkTriggers.all))

interface Found {
  readonly method: string
  readonly path: string
  readonly access: Access["Type"] | undefined
  readonly isAuthorized: boolean
}

const endpoints: ReadonlyArray<Found> = (() => {
  const found: Array<Found> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, middleware }) =>
      found.push({
        method: endpoint.method,
        path: endpoint.path,
        access: Option.getOrUndefined(Context.getOption(endpoint.annotations, Access)),
        isAuthorized: Array.from(middleware).some(({ key }) => key === Authorization.key)
      })
  })
  return found
})()

const Created = Schema.decodeUnknownSync(
  Schema.Struct({ apiKey: Schema.Struct({ id: Schema.String }), key: Schema.String })
)

describe("each endpoint under /v1 but the webhooks", () => {
  it("says what its caller must be allowed to do, and asks for an API key", () => {
    assert.isAbove(endpoints.length, 30)
    for (const { access, isAuthorized, method, path } of endpoints) {
      const isOpen = !path.startsWith("/v1/") || path.startsWith("/v1/webhooks/")
      assert.strictEqual(isAuthorized, !isOpen, `${method} ${path}`)
      assert.strictEqual(access !== undefined, !isOpen, `${method} ${path}`)
    }
  })

  it.scopedLive("refuses a key without its scope before it looks at anything else", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const id = yield* connect(tokens.acme)
      const keyOf = (body: object) =>
        Effect.map(call("POST", "/v1/api-keys", { body: { name: "robot", ...body } }), ({ json }) => Created(json).key)
      for (const scope of Scope.literals) {
        const key = yield* keyOf({ connections: [id], scopes: [scope] })
        for (const { access, method, path } of endpoints) {
          if (access === undefined || access === scope) continue
          const url = path.replace(":id", id).replace(/:\w+/g, "x")
          const response = yield* call(method, url, { key, ...(method === "GET" ? {} : { text: "not JSON" }) })
          assert.strictEqual(response.status, 403, `${scope}: ${method} ${url}`)
          assert.strictEqual(codeOf(response), access === "admin" ? "admin_only" : "missing_scope")
          if (access !== "admin") assert.deepInclude(response.json, { missingScope: access })
        }
      }
      assert.deepStrictEqual(yield* double.sent, [])
      const sender = yield* keyOf({ connections: [id], scopes: ["send"] })
      const sent = yield* call("POST", `/v1/connections/${id}/actions/send-email`, { key: sender, body: email })
      assert.strictEqual(sent.status, 200)
      const limited = yield* keyOf({ connections: [id], scopes: ["send", "read"] })
      for (const path of ["rotate", "revoke"]) {
        assert.strictEqual((yield* call("POST", `/v1/connections/${id}/${path}`, { key: limited })).status, 403)
      }
      const reader = yield* keyOf({ scopes: ["read"] })
      assert.strictEqual((yield* call("GET", `/v1/connections/${id}`, { key: reader })).status, 200)
      const list = yield* call("GET", "/v1/api-keys", { key: reader })
      assert.deepInclude(list.json, { status: 403, code: "missing_scope", missingScope: "manage" })
      const head = yield* call("HEAD", "/v1/connections", { key: sender })
      assert.strictEqual(head.status, 403)
    }), 120_000)
})

describe("a key's permission", () => {
  const accesses: ReadonlyArray<Access["Type"]> = ["read", "send", "manage", "admin"]
  const scopes = FastCheck.subarray([...Scope.literals])
  const connections = FastCheck.option(FastCheck.array(FastCheck.string(), { maxLength: 2 }), { nil: null })

  it("is never more than with another scope or connection", () => {
    FastCheck.assert(FastCheck.property(
      scopes,
      scopes,
      connections,
      FastCheck.constantFrom(...accesses),
      (some, more, connections, access) => {
        const all = Scope.literals.filter((scope) => some.includes(scope) || more.includes(scope))
        if (refusalOf(access, { connections, scopes: some }) === undefined) {
          assert.isUndefined(refusalOf(access, { connections, scopes: all }))
          assert.isUndefined(refusalOf(access, { connections: null, scopes: all }))
          if (access !== "admin") assert.include(some, access)
          else assert.isTrue(connections === null && some.includes("manage"))
        }
      }
    ))
  })
})

describe("an odd spelling of a route", () => {
  it.scopedLive("reaches no handler that its guards did not judge", () =>
    Effect.gen(function*() {
      const { call, connect, key: admin, url } = yield* start()
      const id = yield* connect(tokens.acme)
      const { key } = Created(
        (yield* call("POST", "/v1/api-keys", { body: { name: "reader", connections: [id], scopes: ["read"] } })).json
      )
      const ask = (line: string, bearer: string | null = key) =>
        raw(url, [`${line} HTTP/1.1`, ...(bearer === null ? [] : [`Authorization: Bearer ${bearer}`])])
      const change = `/v1/connections/${id}/revoke`
      const spellings = [
        change,
        `/v1/connections/${id}/%72evoke`,
        `/v1/connections/${id}/revok%65`,
        `/v1/connect%69ons/${id}/revoke`,
        `/%761/connections/${id}/revoke`,
        `/v1/connections/${id}/revoke/`,
        `/v1/connections/${id}//revoke`,
        `//v1/connections/${id}/revoke`,
        `/V1/Connections/${id}/Revoke`,
        `/v1/connections/${id}/revoke;x=/check`,
        `/v1/connections/${id}/revoke;/../check`,
        `/v1/connections/${id}/revoke%3Bx`,
        `/v1/connections/${id}/revoke#/check`,
        `/v1/connections/${id}/revoke?/check`,
        `/v1/connections/${id}/check/../revoke`,
        `/v1/connections/${id}/check%2f..%2frevoke`,
        `/v1/connections/${id}%2frevoke`,
        `/v1/connections/${id}/./revoke`,
        `/v1/connections/${id}\\revoke`,
        `http://elsewhere.example/v1/connections/${id}/revoke`,
        `http://elsewhere.example?/v1/connections/${id}/revoke`,
        `HTTP://elsewhere.example/v1/connections/${id}/revoke`,
        `/v1/webhooks/x/../../connections/${id}/revoke`,
        `/v1/webhooks/${id}/revoke`,
        `/healthz/../v1/connections/${id}/revoke`,
        `/healthz;/v1/connections/${id}/revoke`,
        `/v1/triggers;/v1/connections/${id}/revoke`
      ]
      const methods = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "PoSt"]
      for (const spelling of spellings) {
        for (const method of methods) {
          for (const bearer of [key, null]) {
            const response = yield* ask(`${method} ${spelling}`, bearer)
            const status = statusOf(response)
            const about = `${method} ${spelling} ${bearer === null ? "without a key" : "with a key"}: ${status}`
            assert.isTrue(status >= 200 && status < 500, about)
            assert.notInclude(bodyOf(response), "internal_error", about)
          }
        }
      }
      assert.deepInclude((yield* call("GET", `/v1/connections/${id}`)).json, { state: "active" })

      // The table and the router agree on all of these.
      for (const path of ["/v1/connections?x", "http://elsewhere.example/v1/connections", "/v1/connections;x"]) {
        assert.strictEqual(statusOf(yield* ask(`GET ${path}`)), 200, path)
        assert.strictEqual(statusOf(yield* ask(`HEAD ${path}`)), 200, path)
        assert.strictEqual(statusOf(yield* ask(`GET ${path}`, null)), 401, path)
      }
      const encoded = id.replace("_", "%5F")
      assert.strictEqual(statusOf(yield* ask(`GET /v1/connections/${encoded}`)), 200)
      assert.strictEqual(statusOf(yield* ask(`POST /v1/connections/${encoded}/revoke`)), 403)
      // And here they do not: the table finds a target, and the router what is spelled with a percent sign.
      const odd = `/v1/connections/${id}/relay-targets/x/%74est`
      assert.strictEqual(statusOf(yield* ask(`POST ${odd}`, admin)), 404)
    }), 120_000)

  it("is found by the table only as the literal path, or with its parameters", () => {
    const table = RouteTable.make(api, ["/docs"])
    FastCheck.assert(FastCheck.property(
      FastCheck.constantFrom(...endpoints.map(({ path }) => path)),
      FastCheck.array(FastCheck.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), { minLength: 3, maxLength: 3 }),
      (path, ids) => {
        const values = [...ids]
        const url = path.replace(/:\w+/g, () => values.shift() ?? "x")
        const found = table.find(url)
        assert.isDefined(found)
        if (found === undefined) return
        // Another route has this path only if a parameter's value is one of its words.
        if (found.path === path) {
          const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name)
          assert.deepStrictEqual(Array.from(RouteTable.paramsOf(found, url)), names.map((name, at) => [name, ids[at]]))
        }
      }
    ))
  })
})
