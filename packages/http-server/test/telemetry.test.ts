import * as TelemetrySettings from "@effect-postmark/http-server/TelemetrySettings"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Context, Effect, Option, Redacted, Tracer } from "effect"
import { createServer, type IncomingHttpHeaders } from "node:http"
import * as Sampler from "../src/internal/sampler.ts"
import { freePort, run } from "./support/child.ts"
import { caller, email, idOf, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const apiKey = "canary-admin-key-from-outside"

/** A server that keeps what it receives, and answers as the one behind it, or with an empty object. */
const recording = (behind?: string) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly url: string
      readonly close: () => void
      readonly received: Array<{ readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }>
    }>((resume) => {
      const received: Array<{ readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }> =
        []
      const server = createServer(async (request, response) => {
        let body = ""
        for await (const chunk of request) body += String(chunk)
        received.push({ path: request.url ?? "", headers: request.headers, body })
        if (behind === undefined) return response.setHeader("content-type", "application/json").end("{}")
        const { host: _, connection: __, "content-length": ___, ...headers } = request.headers
        const answer = await fetch(`${behind}${request.url}`, {
          method: request.method ?? "GET",
          headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
          ...(body === "" ? {} : { body })
        })
        return response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text())
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close(), received }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(
    TelemetrySettings.config,
    ConfigProvider.fromMap(new Map(Object.entries(environment)))
  )

describe("OTLP", () => {
  it.scopedLive(
    "exports the trace of a request, metrics and logs, without private data, and sends no trace on",
    () =>
      Effect.gen(function*() {
        const double = yield* startDouble()
        const postmark = yield* recording(double.url)
        const collector = yield* recording()
        const port = yield* freePort
        const child = yield* run("bin/effect-postmark-server.mjs", {
          EFFECT_POSTMARK_PORT: String(port),
          EFFECT_POSTMARK_DATA_DIR: yield* temporaryDirectory,
          EFFECT_POSTMARK_POSTMARK_API_URL: postmark.url,
          EFFECT_POSTMARK_API_KEY: apiKey,
          OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/otlp/`,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=a%20b",
          OTEL_SERVICE_NAME: "mail",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test"
        })
        yield* child.says("listens on")
        const call = caller(`http://127.0.0.1:${port}`, apiKey)
        const id = idOf(
          (yield* call("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })).json
        )
        const traceId = "0af7651916cd43dd8448eb211c80319c"
        const sent = yield* call("POST", `/v1/connections/${id}/actions/send-email`, {
          body: { ...email, to: "canary@example.org" },
          headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
        })
        assert.strictEqual(sent.status, 200)
        yield* call("POST", `/v1/webhooks/${id}`, { key: "canary-secret", body: delivery("canary@example.org") })
        yield* call("GET", "/v1/events", {
          headers: { traceparent: "00-11111111111111111111111111111111-b7ad6b7169203331-00" }
        })
        child.process.kill("SIGTERM")
        assert.strictEqual((yield* child.exit).code, 0)

        const of = (signal: string) => collector.received.filter(({ path }) => path === `/otlp/v1/${signal}`)
        for (const signal of ["traces", "metrics"]) {
          assert.isAbove(of(signal).length, 0, signal)
          assert.strictEqual(of(signal)[0]?.headers["x-collector-key"], "a b")
          assert.include(of(signal)[0]?.body, "\"mail\"")
          assert.include(of(signal)[0]?.body, "deployment.environment")
        }
        const spans: ReadonlyArray<Record<string, unknown>> = of("traces").flatMap(({ body }) =>
          Object(JSON.parse(body)).resourceSpans[0].scopeSpans[0].spans
        )
        const server = spans.find(({ name, traceId: own }) => own === traceId && name === "http.server POST")
        assert.strictEqual(server?.["parentSpanId"], "b7ad6b7169203331")
        assert.isTrue(
          spans.some(({ name, traceId: own }) => own === traceId && name === "Postmark.sendEmail"),
          spans.map(({ name }) => name).join()
        )
        assert.notInclude(JSON.stringify(spans), "1".repeat(32))
        assert.isFalse(
          spans.some(({ name, parentSpanId }) => String(name).startsWith("sql.") && parentSpanId === undefined)
        )
        assert.include(of("metrics").at(-1)?.body, "postmark_server_requests_total")
        const everything = collector.received.map(({ body }) => body).join("\n")
        for (const secret of ["canary", tokens.acme, email.subject]) assert.notInclude(everything, secret)

        const mail = postmark.received.filter(({ path }) => path === "/email")
        assert.strictEqual(mail.length, 1)
        for (const name of ["traceparent", "tracestate", "b3"]) assert.isUndefined(mail[0]?.headers[name])
      }),
    60_000
  )

  it.scopedLive("does not delay anything when the collector is away", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const child = yield* run("bin/effect-postmark-server.mjs", {
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: yield* temporaryDirectory,
        EFFECT_POSTMARK_API_KEY: apiKey,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${yield* freePort}`
      })
      yield* child.says("listens on")
      assert.strictEqual((yield* caller(`http://127.0.0.1:${port}`, apiKey)("GET", "/v1/connections")).status, 200)
      child.process.kill("SIGTERM")
      assert.strictEqual((yield* child.exit).code, 0)
    }), 120_000)
})

describe("the settings of the export", () => {
  it.effect("are none without an endpoint, or when they are turned off", () =>
    Effect.gen(function*() {
      assert.isTrue(Option.isNone(yield* read({})))
      assert.isTrue(
        Option.isNone(yield* read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318", OTEL_SDK_DISABLED: "true" }))
      )
    }))

  it.effect("have a URL for each signal", () =>
    Effect.gen(function*() {
      const settings = Option.getOrThrow(
        yield* read({
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318/",
          OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://elsewhere/m",
          OTEL_LOGS_EXPORTER: "none",
          OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x, b=c",
          OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
          OTEL_TRACES_SAMPLER_ARG: "0.25"
        })
      )
      assert.deepStrictEqual(
        [settings.traces, settings.metrics, settings.logs],
        [Option.some("http://localhost:4318/v1/traces"), Option.some("http://elsewhere/m"), Option.none()]
      )
      assert.deepStrictEqual(Redacted.value(settings.headers), { authorization: "Bearer x", b: "c" })
      assert.deepStrictEqual(settings.sampling, { isParentBased: true, ratio: 0.25 })
    }))

  it.effect("refuse gRPC and other values that would be ignored", () =>
    Effect.gen(function*() {
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317" }
      for (
        const wrong of [
          { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
          { OTEL_TRACES_SAMPLER: "jaeger_remote" },
          { OTEL_TRACES_SAMPLER_ARG: "2" },
          { OTEL_EXPORTER_OTLP_HEADERS: "no pair" },
          { OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" }
        ]
      ) {
        yield* Effect.flip(read({ ...endpoint, ...wrong }))
      }
    }))
})

describe("sampling", () => {
  const ended: Array<string> = []
  const tracer = (sampling: TelemetrySettings.Sampling) =>
    Sampler.make(
      Tracer.make({
        context: (f) => f(),
        span: (name, parent, context, links, startTime, kind) => ({
          _tag: "Span",
          name,
          spanId: "1".repeat(16),
          traceId: Option.match(parent, {
            onNone: () => `${"0".repeat(24)}40000000`,
            onSome: ({ traceId }) => traceId
          }),
          parent,
          context,
          links,
          kind,
          status: { _tag: "Started", startTime },
          attributes: new Map(),
          sampled: true,
          end: () => ended.push(name),
          attribute: () => {},
          event: () => {},
          addLinks: () => {}
        })
      }),
      sampling
    )
  const endedBy = (sampling: TelemetrySettings.Sampling, program: Effect.Effect<void>) =>
    Effect.gen(function*() {
      ended.length = 0
      yield* Effect.withTracer(program, tracer(sampling))
      return [...ended]
    })
  const nested = Effect.void.pipe(Effect.withSpan("inner"), Effect.withSpan("outer"))
  const caller = (sampled: boolean) =>
    Tracer.externalSpan({
      spanId: "2".repeat(16),
      traceId: `${"0".repeat(24)}f0000000`,
      sampled,
      context: Context.empty()
    })

  it.effect("records a whole trace or nothing of it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 1 }, nested), ["inner", "outer"])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 0 }, nested), [])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 0.26 }, nested), ["inner", "outer"])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 0.24 }, nested), [])
    }))

  it.effect("follows the caller, unless it is told not to", () =>
    Effect.gen(function*() {
      const of = (sampled: boolean) => Effect.withParentSpan(nested, caller(sampled))
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 0 }, of(true)), ["inner", "outer"])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 1 }, of(false)), [])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: false, ratio: 1 }, of(false)), ["inner", "outer"])
      assert.deepStrictEqual(yield* endedBy({ isParentBased: false, ratio: 0.5 }, of(true)), [])
    }))

  it.effect("leaves out the statements of background work", () =>
    Effect.gen(function*() {
      const statement = Effect.void.pipe(Effect.withSpan("sql.execute"))
      assert.deepStrictEqual(yield* endedBy({ isParentBased: true, ratio: 1 }, statement), [])
      assert.deepStrictEqual(
        yield* endedBy({ isParentBased: true, ratio: 1 }, Effect.withSpan(statement, "request")),
        ["sql.execute", "request"]
      )
    }))
})
