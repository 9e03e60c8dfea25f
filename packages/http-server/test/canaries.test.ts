import * as Action from "@effect-postmark/core/Action"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import { assert, describe, it } from "@effect/vitest"
import {
  Cause,
  Context,
  Effect,
  Exit,
  Inspectable,
  Layer,
  Logger,
  LogLevel,
  Option,
  Redacted,
  Schema,
  Scope,
  Tracer
} from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import { caller, codeOf, idOf, once, startDouble, temporaryDirectory } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const secrets = {
  token: "canary-server-token",
  newToken: "canary-rotated-token",
  secret: "Bearer canary-webhook-secret",
  newSecret: "Basic canary-second-secret",
  wrongSecret: "Bearer canary-wrong-secret",
  apiKey: "canary-admin-key-from-settings",
  idempotencyKey: "canary-idempotency-key"
}

const people = {
  recipient: "canary-recipient@example.org",
  subject: "canary-subject",
  text: "canary-body",
  tag: "canary-tag"
}

const broken = Action.handle(
  Action.make("example/broken", {
    title: "Broken",
    description: "Ends in a defect",
    readOnly: true,
    idempotent: true,
    payload: Schema.Struct({}),
    success: Schema.Struct({}),
    error: PostmarkError.ReadError
  }),
  () => Effect.die(new Error("canary-defect"))
)

describe("private data", () => {
  it.scopedLive(
    "appears in no log line or span, and secrets in no file",
    () =>
      Effect.gen(function*() {
        const lines: Array<string> = []
        const spans: Array<string> = []
        const { control, url: doubleUrl } = yield* startDouble({
          servers: [{ id: 1, token: secrets.token, name: "A" }, { id: 2, token: secrets.newToken, name: "B" }]
        })
        const dataDir = yield* temporaryDirectory
        const scope = yield* Scope.make()
        const observed = Layer.mergeAll(
          once,
          Logger.replace(Logger.defaultLogger, collector(lines)),
          Logger.minimumLogLevel(LogLevel.All),
          Layer.setTracer(recorder(spans))
        )
        const context = yield* Layer.buildWithScope(
          Standalone.layer(
            Settings.make({
              port: 0,
              dataDir,
              postmarkApiUrl: Option.some(doubleUrl),
              apiKey: Option.some(Redacted.make(secrets.apiKey))
            }),
            { actions: [broken] }
          ).pipe(Layer.provide(observed)),
          scope
        )
        const call = caller(Context.get(context, Standalone.Standalone).url, secrets.apiKey)

        const id = idOf(
          (yield* call("POST", "/v1/connections", { body: { name: "A", serverToken: secrets.token } })).json
        )
        yield* call("POST", "/v1/connections", { body: { name: "A", serverToken: "canary bad token" } })
        yield* call("POST", `/v1/connections/${id}/rotate`, { body: { serverToken: secrets.newToken } })
        yield* call("POST", `/v1/connections/${id}/rotate`, { body: { serverToken: secrets.token } })
        const trigger = { trigger: "postmark/email-delivered" }
        yield* call("POST", `/v1/connections/${id}/triggers`, { body: { ...trigger, secret: secrets.secret } })
        yield* call("POST", `/v1/connections/${id}/triggers`, { body: { ...trigger, secret: secrets.newSecret } })
        yield* call("POST", `/v1/connections/${id}/triggers`, {
          body: { ...trigger, secret: secrets.newSecret, rotate: true }
        })
        const created = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [id] } })
        const key: unknown = Object(created.json).key
        assert.isString(key)

        const email = {
          from: "canary-sender@example.com",
          to: people.recipient,
          subject: people.subject,
          textBody: people.text,
          tag: people.tag
        }
        const statuses: Array<number> = []
        const action = (name: string, body: unknown) =>
          call("POST", `/v1/connections/${id}/actions/${name}`, {
            body,
            key: String(key),
            headers: { "idempotency-key": `${secrets.idempotencyKey} ${name} ${statuses.length}` }
          })
        const run = (name: string, body: unknown) =>
          Effect.map(action(name, body), ({ status }) => {
            statuses.push(status)
          })
        yield* run("send-email", email)
        yield* run("send-email-batch", { messages: [email] })
        yield* run("send-email", { ...email, to: `${people.recipient}\r\nBcc: x@example.org` })
        yield* run("list-outbound-messages", { recipient: people.recipient, subject: people.subject, tag: people.tag })
        yield* run("get-outbound-stats", { tag: people.tag })
        for (
          const fault of [
            { kind: "rateLimit" },
            {
              kind: "status",
              status: 422,
              body: { ErrorCode: 300, Message: `Invalid 'To' address: '${people.recipient}'.` }
            },
            { kind: "status", status: 500, body: { ErrorCode: 1, Message: people.recipient } },
            { kind: "resetAfterAcceptance" },
            { kind: "body", body: `<html>${people.recipient}</html>`, contentType: "text/html" }
          ] as const
        ) {
          yield* control.injectFault({ first: 2, fault })
          yield* run("send-email", email)
          yield* run("list-outbound-messages", { recipient: people.recipient })
          yield* control.clearFaults
        }
        assert.deepStrictEqual(statuses.slice(0, 5), [200, 200, 422, 200, 200])
        assert.isTrue(statuses.slice(5).every((status) => status >= 400), String(statuses))

        const defect = yield* action("broken", {})
        assert.deepStrictEqual([defect.status, codeOf(defect)], [500, "internal_error"])
        assert.notInclude(defect.text, "canary")
        assert.isTrue(lines.some((line) => line.includes("a request ended in a defect") && line.includes(" at ")))

        const post = (authorization: string, text: string) =>
          call("POST", `/v1/webhooks/${id}?recipient=${people.recipient}`, {
            key: undefined,
            text,
            headers: { authorization }
          })
        const body = JSON.stringify(delivery(people.recipient))
        assert.strictEqual((yield* post(secrets.secret, body)).status, 200)
        assert.strictEqual((yield* post(secrets.newSecret, `${people.text} is not JSON`)).status, 400)
        assert.strictEqual((yield* post(secrets.wrongSecret, body)).status, 401)
        yield* call("GET", `/v1/events?connection=${id}&trigger=${encodeURIComponent(people.recipient)}`)
        yield* call("GET", `/v1/nowhere?recipient=${people.recipient}`)
        yield* call("POST", "/v1/connections", { text: `{"serverToken":"${secrets.token}` })

        const all = [...Object.values(secrets), String(key), "canary bad token"]
        const assertFiles = () => {
          assert.isTrue(existsSync(join(dataDir, "effect-postmark.db")))
          for (const file of readdirSync(dataDir)) {
            const bytes = readFileSync(join(dataDir, file)).toString("latin1")
            for (const canary of all) assert.notInclude(bytes, canary, file)
          }
        }
        assertFiles()
        yield* Scope.close(scope, Exit.void)
        assertFiles()

        assert.isAbove(lines.length, 20)
        assert.isAbove(spans.length, 20)
        const printed = [...lines, ...spans].filter((text) => text.includes("canary"))
        assert.deepStrictEqual(printed, [])
      }),
    60_000
  )
})

/** Records every log message in every form that a logger could write. */
const collector = (lines: Array<string>) =>
  Logger.make<unknown, void>((options) => {
    for (const logger of [Logger.stringLogger, Logger.logfmtLogger, Logger.jsonLogger]) lines.push(logger.log(options))
    lines.push(Inspectable.toStringUnknown(Logger.structuredLogger.log(options)))
    lines.push(inspect(options.message, { depth: 12 }))
    const { error, info, log, warn } = console
    const collect = (...parts: ReadonlyArray<unknown>) => {
      lines.push(parts.map((part) => inspect(part, { depth: 12 })).join(" "))
    }
    Object.assign(console, { error: collect, info: collect, log: collect, warn: collect })
    try {
      Logger.prettyLogger({ mode: "browser", colors: false }).log(options)
    } finally {
      Object.assign(console, { error, info, log, warn })
    }
  })

/** A tracer that records everything in a span. */
const recorder = (spans: Array<string>): Tracer.Tracer =>
  Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      spans.push(name)
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      return {
        _tag: "Span",
        name,
        spanId: String(spans.length),
        traceId: "trace",
        parent,
        context,
        get status() {
          return status
        },
        attributes,
        links,
        sampled: true,
        kind,
        end: (endTime, exit) => {
          status = { _tag: "Ended", startTime, endTime, exit }
          // Exporters record why a span failed, but not its result.
          if (Exit.isFailure(exit)) spans.push(Inspectable.toStringUnknown(exit), Cause.pretty(exit.cause))
        },
        attribute: (key, value) => {
          spans.push(`${name} ${key}=${Inspectable.toStringUnknown(value)}`)
        },
        event: (event, _, about) => {
          spans.push(`${event} ${Inspectable.toStringUnknown(about)}`)
        },
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
