/** Sends random requests to a server and compares each response with the document. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { Effect } from "effect"
import { Agent, request as httpRequest } from "node:http"
import { email, idOf, once, start, tokens } from "../harness.ts"
import { delivery } from "../webhooks.ts"
import * as Random from "./random.ts"
import { type Request, requests, type World } from "./requests.ts"
import { type Json, record } from "./values.ts"

export interface Result {
  readonly requests: number
  readonly byStatus: Readonly<Record<string, number>>
  /** The operations with at least one success. */
  readonly succeeded: ReadonlyArray<string>
  readonly operations: number
  readonly failures: ReadonlyArray<string>
  readonly slowestMs: number
}

export const fuzz = (options: {
  readonly requests: number
  readonly seed: number
  readonly report?: (line: string) => void
}) =>
  Effect.gen(function*() {
    const server = yield* start({ policies: once })
    const world = yield* worldOf(server)
    const spec = record((yield* server.call("GET", "/openapi.json")).json)
    const check = checker(spec)
    const { next, operations } = requests(spec, world, Random.make(options.seed))
    const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
    yield* Effect.addFinalizer(() => Effect.sync(() => agent.destroy()))

    const byStatus: Record<string, number> = {}
    const succeeded = new Set<string>()
    const failures: Array<string> = []
    let slowestMs = 0
    const plan = Array.from({ length: options.requests }, (_, index) => ({ index, request: next() }))
    yield* Effect.forEach(plan, ({ index, request }) =>
      Effect.promise(async () => {
        const began = performance.now()
        const response = await send(server.url, agent, request)
        slowestMs = Math.max(slowestMs, performance.now() - began)
        byStatus[response.status] = (byStatus[response.status] ?? 0) + 1
        if (response.status >= 200 && response.status < 300) succeeded.add(request.operation.operationId)
        const secret = [tokens.acme, tokens.other].some((token) => response.text.includes(token))
        const problem = secret ? "the response has a token" : check(request, response)
        if (problem !== undefined) failures.push(`${index}: ${describe(request)} -> ${response.status}: ${problem}`)
        if ((index + 1) % 5_000 === 0) options.report?.(`${index + 1} requests, ${failures.length} failures`)
      }), { concurrency })

    const alive = yield* server.call("POST", `/v1/connections/${world.ids["id"]?.[0]}/template-validation`, {
      body: { textBody: "Hi" }
    })
    if (alive.status !== 200) failures.push(`afterwards: a good request got ${alive.status}`)
    return {
      requests: plan.length,
      byStatus,
      succeeded: [...succeeded].sort(),
      operations: operations.length,
      failures,
      slowestMs: Math.round(slowestMs)
    } satisfies Result
  })

const concurrency = 8

const hangMs = 30_000

interface Response {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly requestId: unknown
}

const send = (base: string, agent: Agent, { body, headers, operation, url }: Request): Promise<Response> =>
  new Promise((resolve) => {
    const failed = (text: string) => resolve({ status: 0, type: "", text, requestId: undefined })
    const encoded = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, "utf8").toString("latin1")])
    )
    const sent = httpRequest(base + url, { method: operation.method, headers: encoded, agent }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          text: Buffer.concat(chunks).toString("utf8"),
          requestId: response.headers["x-request-id"]
        }))
    })
    sent.setTimeout(hangMs, () => {
      failed(`no response within ${hangMs} ms`)
      sent.destroy()
    })
    sent.on("error", (error) => failed(error.message))
    if (body !== undefined) sent.setHeader("content-length", Buffer.byteLength(body))
    sent.end(body)
  })

/** Returns what is wrong with a response. */
const checker = (spec: Json) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ ...spec, $id: "spec" })
  const compiled = new Map<string, ValidateFunction>()
  const validator = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `spec#${pointer}` })
    compiled.set(pointer, known)
    return known
  }
  return ({ operation }: Request, { requestId, status, text, type }: Response): string | undefined => {
    if (status === 0) return text
    if (requestId === undefined) return "no X-Request-Id"
    if (status >= 500) return `a server error: ${text.slice(0, 300)}`
    const response = record(operation.responses[String(status)])
    if (operation.responses[String(status)] === undefined) {
      return /"code":"no_such_route"/.test(text) ? undefined : `an undocumented status: ${text.slice(0, 300)}`
    }
    const shared = typeof response["$ref"] === "string" ? response["$ref"].slice(1) : undefined
    const content = shared === undefined ? record(response["content"]) : { "application/problem+json": {} }
    const [expected] = Object.keys(content)
    if (expected === undefined) return text === "" ? undefined : "a body where none is documented"
    if (!type.startsWith(expected)) return `the type ${type} in place of ${expected}`
    const at = shared ?? `/paths/${escaped(operation.path)}/${operation.method.toLowerCase()}/responses/${status}`
    const validate = validator(`${at}/content/${escaped(expected)}/schema`)
    return validate(JSON.parse(text))
      ? undefined
      : `not as documented: ${ajv.errorsText(validate.errors)} ${text.slice(0, 300)}`
  }
}

/** A key as a part of a JSON pointer in the fragment of a URL. */
const escaped = (key: string) => encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))

const describe = ({ body, headers, operation, url }: Request) =>
  `${operation.operationId} ${operation.method} ${url.slice(0, 300)} ${JSON.stringify(headers).slice(0, 200)} ${
    String(body).slice(0, 600)
  }`

/** Two connections with something of each kind, so that many requests can succeed. */
const worldOf = ({ call, connect, double, key }: Effect.Effect.Success<ReturnType<typeof start>>) =>
  Effect.gen(function*() {
    const acme = yield* connect(tokens.acme)
    const other = yield* connect(tokens.other, "Other")
    const at = `/v1/connections/${acme}`
    yield* call("POST", `${at}/templates`, { body: { name: "W", alias: "welcome", subject: "Hi", textBody: "Hi" } })
    yield* call("POST", `${at}/message-streams`, {
      body: { id: "news", name: "News", messageStreamType: "Broadcasts" }
    })
    const hook = yield* call("POST", `${at}/webhooks`, { body: { url: "https://example.com/hook", verify: false } })
    const rule = yield* call("POST", `${at}/inbound-rules`, { body: { rule: "spam.example" } })
    const sent = yield* call("POST", `${at}/actions/send-email`, { body: email })
    const limited = yield* call("POST", "/v1/api-keys", { body: { name: "limited", connections: [other] } })
    yield* double.settled
    yield* double.suppress(email.to, { token: tokens.acme })
    const subscribed = yield* call("POST", `${at}/triggers`, { body: { trigger: "postmark/email-delivered" } })
    yield* call("POST", `/v1/webhooks/${acme}`, {
      key: undefined,
      headers: { authorization: textOf(subscribed.json, "generatedSecret") },
      body: delivery(email.to)
    })
    const bounces = yield* call("GET", `${at}/bounces`)
    const ids: World["ids"] = {
      id: [acme, acme, acme, acme, acme, acme, other, "con_unknown"],
      // These end a connection.
      "connections.revoke id": ["con_unknown", other],
      "connections.rotate id": ["con_unknown", other],
      connectionId: [acme, "con_unknown"],
      template: ["welcome", "welcome", "1", "missing"],
      streamId: ["outbound", "outbound", "inbound", "news", "missing"],
      webhookId: [textOf(hook.json, "id"), "999"],
      ruleId: [textOf(rule.json, "id"), "999"],
      messageId: [textOf(sent.json, "messageId"), "00000000-0000-4000-8000-000000000000"],
      bounceId: [textOf(record(Object(bounces.json).bounces?.[0]), "id"), "999"]
    }
    return { ids, key, limitedKey: textOf(limited.json, "key") } satisfies World
  })

const textOf = (json: unknown, field: string) => String(record(json)[field] ?? idOf({ id: "missing" }))
