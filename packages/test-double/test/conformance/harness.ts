/** Drives the official client against a double on a real socket, and keeps count of what it was made to do. */
import type { Control, RequestLog } from "@effect-postmark/test-double/Control"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Effect, Layer } from "effect"
import assert from "node:assert/strict"
import { AccountClient, ServerClient } from "postmark"

/** A server of its own for each case, made through the account client. */
export interface Server {
  readonly id: number
  readonly token: string
  readonly client: ServerClient
}

export interface World {
  readonly url: string
  readonly double: Control
  readonly account: AccountClient
  readonly newServer: (name: string) => Promise<Server>
  readonly client: (token: string) => ServerClient
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
  /** A call that the official client has no method for. */
  readonly raw: (method: string, path: string, token: string, body?: object) => Promise<unknown>
}

export interface Case {
  readonly resource: string
  readonly endpoints: ReadonlyArray<string>
  readonly run: (world: World) => Promise<void>
}

export interface Outcome {
  readonly resource: string
  readonly endpoints: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
  readonly failure: unknown
}

/** Runs the cases one after another against one double. A failing case does not stop the others. */
export const runCases = (cases: ReadonlyArray<Case>): Effect.Effect<ReadonlyArray<Outcome>> =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { host, port, url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const options = { requestHost: `${host}:${port}`, useHttps: false }
    const outcomes: Array<Outcome> = []
    for (const { endpoints, resource, run } of cases) {
      const methods = new Set<string>()
      const client = (token: string) => recording(new ServerClient(token, options), "ServerClient", methods)
      const account = recording(
        new AccountClient(PostmarkDouble.demoAccountToken, options),
        "AccountClient",
        methods
      )
      const world: World = {
        url,
        double,
        client,
        account,
        run: Effect.runPromise,
        newServer: async (name) => {
          // Not through the recording one: making a server is no part of the case.
          const made = await new AccountClient(PostmarkDouble.demoAccountToken, options).createServer({ Name: name })
          const token = made.ApiTokens[0] ?? ""
          return { id: made.ID, token, client: client(token) }
        },
        raw: async (method, path, token, body) => {
          const response = await fetch(`${url}${path}`, {
            method,
            headers: {
              "accept": "application/json",
              "content-type": "application/json",
              "x-postmark-server-token": token
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          })
          assert.equal(response.status, 200)
          return response.json()
        }
      }
      const before = (yield* double.requests).length
      const failure = yield* Effect.promise(() =>
        run(world).then(
          async () => answered(endpoints, (await Effect.runPromise(double.requests)).slice(before)),
          (error: unknown) => error
        )
      )
      outcomes.push({ resource, endpoints, methods: [...methods].sort(), failure })
    }
    return outcomes
  }).pipe(Effect.provide(Double), Effect.orDie)

/** What the promise is rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => "no rejection", (error: unknown) => error)

type ErrorClass = abstract new(
  ...parameters: ReadonlyArray<never>
) => { readonly code: number; readonly statusCode: number }

/** Asserts the class, the code and the status of a rejection. */
export const rejectsWith = async (promise: Promise<unknown>, type: ErrorClass, code: number, status = 422) => {
  const error = await rejection(promise)
  assert.ok(error instanceof type, `expected ${type.name}, got ${String(error)}`)
  assert.deepEqual({ code: error.code, status: error.statusCode }, { code, status })
}

/** A value without the classes and the null prototypes of the client's parser. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

export const mail = { From: "shop@example.org", To: "ann@example.com", Subject: "Receipt", TextBody: "Thanks." }

/** The table of the README. */
export const renderTable = (outcomes: ReadonlyArray<Outcome>): string => {
  const header = ["resource", "endpoints", "client methods", "passed"]
  const rows = [...new Set(outcomes.map(({ resource }) => resource))].map((resource) => {
    const own = outcomes.filter((outcome) => outcome.resource === resource)
    const passed = own.filter(({ failure }) => failure === undefined).length
    return [
      resource,
      String(new Set(own.flatMap(({ endpoints }) => endpoints)).size),
      String(new Set(own.flatMap(({ methods }) => methods)).size),
      `${passed} of ${own.length}`
    ]
  })
  const widths = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map((cell) => cell.length))
  )
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

/** The README with the table between its two marks. */
export const withTable = (readme: string, outcomes: ReadonlyArray<Outcome>): string =>
  readme.replace(
    /(<!-- conformance table -->\n\n)[^]*?(\n\n<!-- end -->)/,
    (_all, before: string, after: string) => before + renderTable(outcomes) + after
  )

const Double = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({ deliveryDelay: "10 millis" }))
)

/** An endpoint counts only if the double has answered it with 200. */
const answered = (endpoints: ReadonlyArray<string>, requests: ReadonlyArray<RequestLog>): unknown => {
  const idle = endpoints.filter((endpoint) => {
    const pattern = new RegExp(`^${endpoint.replaceAll(/\{\w+\}/g, "[^/]+")}/?$`, "i")
    return !requests.some(({ method, path, status }) => status === 200 && pattern.test(`${method} ${path}`))
  })
  return idle.length === 0 ? undefined : new assert.AssertionError({ message: `not answered: ${idle.join(", ")}` })
}

const recording = <Client extends object>(client: Client, name: string, methods: Set<string>): Client =>
  new Proxy(client, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== "function" || typeof key !== "string") return value
      return (...parameters: ReadonlyArray<unknown>) => {
        methods.add(`${name}.${key}`)
        return Reflect.apply(value, target, parameters)
      }
    }
  })
