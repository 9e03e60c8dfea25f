/** A standalone server and a double, both on ports of this process. */
import type * as Relay from "@effect-postmark/automation/Relay"
import type * as Action from "@effect-postmark/core/Action"
import type * as Trigger from "@effect-postmark/core/Trigger"
import type * as Server from "@effect-postmark/http-server/Server"
import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const tokens = { acme: "acme-server-token-1", acmeNew: "acme-server-token-2", other: "other-server-token" }

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-postmark-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const startDouble = (options: PostmarkDouble.Options = {}) =>
  Effect.gen(function*() {
    const control = yield* PostmarkDouble.make({
      servers: [
        { id: 101, token: tokens.acme, name: "Acme" },
        { id: 202, token: tokens.other, name: "Other" }
      ],
      deliveryDelay: "5 millis",
      ...options
    })
    const { url } = yield* NodePostmarkDouble.make({ port: 0 }).pipe(
      Effect.provideService(PostmarkDouble.PostmarkDouble, control)
    )
    return { control, url }
  })

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

export interface Call {
  readonly key?: string | undefined
  readonly body?: unknown
  readonly text?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls a server over a real socket. */
export const caller =
  (url: string, defaultKey: string | undefined) => (method: string, path: string, call: Call = {}) =>
    Effect.promise(async (): Promise<HttpResponse> => {
      const key = "key" in call ? call.key : defaultKey
      const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...call.headers },
        ...(body === undefined ? {} : { body })
      })
      const text = await response.text()
      const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "")
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson && text !== "" ? JSON.parse(text) : undefined
      }
    })

export { once } from "./policies.ts"

export const start = (
  options: {
    readonly double?: PostmarkDouble.Options
    readonly settings?: Partial<Settings.Settings>
    readonly server?: Server.Options
    readonly actions?: ReadonlyArray<Action.Handled>
    readonly triggers?: ReadonlyArray<Trigger.Any>
    readonly relay?: Relay.Options
    readonly limits?: Pick<
      NonNullable<Parameters<typeof Standalone.layer>[1]>,
      "headersTimeout" | "receiver" | "requestTimeout"
    >
    readonly policies?: Layer.Layer<never>
  } = {}
) =>
  Effect.gen(function*() {
    const double = yield* startDouble(options.double)
    const dataDir = options.settings?.dataDir ?? (yield* temporaryDirectory)
    const context = yield* Layer.build(
      Standalone.layer(
        Settings.make({
          port: 0,
          dataDir,
          postmarkApiUrl: Option.some(double.url),
          publicUrl: Option.some("https://hooks.example.com/"),
          ...options.settings
        }),
        {
          drainTimeout: "1 second",
          ...options.server,
          ...options.limits,
          actions: options.actions,
          triggers: options.triggers,
          relay: options.relay
        }
      ).pipe(Layer.provide(options.policies ?? Layer.empty))
    )
    const { url } = Context.get(context, Standalone.Standalone)
    const given = options.settings?.apiKey
    const key = given !== undefined && Option.isSome(given)
      ? Redacted.value(given.value)
      : readFileSync(join(dataDir, "admin.key"), "utf8").trim()
    const call = caller(url, key)
    const connect = (token: string, name = "Acme") =>
      Effect.map(call("POST", "/v1/connections", { body: { name, serverToken: token } }), ({ json }) => idOf(json))
    return { double: double.control, doubleUrl: double.url, url, key, call, connect, context, dataDir }
  })

const WithId = Schema.Struct({ id: Schema.String })
export const idOf = (json: unknown): string => Schema.decodeUnknownSync(WithId)(json).id

const WithCode = Schema.Struct({ code: Schema.String })
export const codeOf = (response: HttpResponse): string => Schema.decodeUnknownSync(WithCode)(response.json).code

export const email = { from: "sender@example.com", to: "reader@example.org", subject: "Hello", textBody: "Hi" }
