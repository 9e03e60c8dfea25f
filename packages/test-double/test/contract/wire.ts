/** The three ways into a double, as one: a request goes in, and what a client sees of the answer comes out. */
import type { Control } from "@effect-postmark/test-double/Control"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import type { WebhookPost } from "@effect-postmark/test-double/WebhookSender"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Chunk, Context, Effect, Fiber, Layer, Option, type Scope, TestClock } from "effect"
import { request as nodeRequest } from "node:http"

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

export interface CallOptions {
  readonly body?: unknown
  /** The server token; that of the first server if left out. */
  readonly token?: string
  /** Whether the call has the account token in place of a server token. */
  readonly account?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer as its client sees it. A connection that broke, or an answer that was cut short, has the status 0. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: unknown
}

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly answer: Answer
}

export interface World {
  readonly call: (method: Method, path: string, options?: CallOptions) => Effect.Effect<Answer>
  readonly double: Control
  /** What a receiver of webhooks got; it answers with `receiver.status`. */
  readonly posts: Array<WebhookPost>
  readonly receiver: { status: number }
  /** Everything that was called, in order. */
  readonly exchanges: ReadonlyArray<Exchange>
}

export interface Way {
  readonly name: string
  readonly connect: Effect.Effect<Send, never, PostmarkDouble.PostmarkDouble | Scope.Scope>
}

type Raw = Omit<Answer, "json">

type Send = (
  method: Method,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined
) => Effect.Effect<Raw>

const broken: Raw = { status: 0, headers: {}, text: "" }

/** An answer that is shorter than it says was cut. */
const whole = (raw: Raw): Raw => {
  const length = raw.headers["content-length"]
  return length === undefined || Buffer.byteLength(raw.text) === Number(length) ? raw : broken
}

const inProcess: Way = {
  name: "in process",
  connect: Effect.map(
    Effect.provide(HttpClient.HttpClient, PostmarkDouble.layerHttpClient),
    (client) => (method, path, headers, body) => {
      const plain = HttpClientRequest.make(method)(`https://api.postmarkapp.com${path}`, { headers })
      const request = body === undefined
        ? plain
        : HttpClientRequest.bodyText(plain, body, headers["content-type"] ?? "application/json")
      return client.execute(request).pipe(
        Effect.flatMap((response) =>
          Effect.map(
            response.text,
            (text) => whole({ status: response.status, headers: { ...response.headers }, text })
          )
        ),
        Effect.orElseSucceed(() => broken)
      )
    }
  )
}

const throughFetch: Way = {
  name: "through fetch",
  connect: Effect.map(PostmarkDouble.fetch, (fetch) => (method, path, headers, body) =>
    Effect.tryPromise(async () => {
      // A redirect is an answer here, as it is on a socket.
      const init = { method, headers, redirect: "manual" as const, ...(body === undefined ? {} : { body }) }
      const response = await fetch(`https://api.postmarkapp.com${path}`, init)
      return whole({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: await response.text()
      })
    }).pipe(Effect.orElseSucceed(() => broken)))
}

const overSocket: Way = {
  name: "over a socket",
  connect: Effect.map(
    Effect.orDie(Layer.build(NodePostmarkDouble.layerServer({ port: 0 }))),
    (context) => {
      const { url } = Context.get(context, NodePostmarkDouble.NodePostmarkDouble)
      return (method, path, headers, body) =>
        Effect.async<Raw>((resume) => {
          const request = nodeRequest(`${url}${path}`, { method, headers, agent: false }, (response) => {
            const chunks: Array<Buffer> = []
            response.on("data", (chunk: Buffer) => chunks.push(chunk))
            response.on("error", () => resume(Effect.succeed(broken)))
            response.on("end", () =>
              resume(Effect.succeed({
                status: response.statusCode ?? 0,
                headers: Object.fromEntries(
                  Object.entries(response.headers).map(([name, value]) => [name, String(value)])
                ),
                text: Buffer.concat(chunks).toString("utf8")
              })))
          })
          request.on("error", () => resume(Effect.succeed(broken)))
          request.end(body)
        })
    }
  )
}

export const ways: ReadonlyArray<Way> = [inProcess, throughFetch, overSocket]

/** Every run begins at this instant of the test's clock. */
export const start = Date.UTC(2026, 8, 30, 16, 4, 8, 512)

/** A fresh double, reached in one way. */
export const makeWorld = (way: Way, options: PostmarkDouble.Options): Effect.Effect<World, never, Scope.Scope> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(start)
    const posts: Array<WebhookPost> = []
    const receiver = { status: 200 }
    const double = yield* PostmarkDouble.make({
      seed: "contract",
      webhookSender: (post) =>
        Effect.sync(() => {
          posts.push(post)
          return receiver.status
        }),
      ...options
    })
    const send = yield* Effect.provideService(way.connect, PostmarkDouble.PostmarkDouble, double)
    const exchanges: Array<Exchange> = []
    const call: World["call"] = (method, path, { account, body, headers, token } = {}) => {
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body)
      const all = {
        accept: "application/json",
        ...(account === true
          ? { "x-postmark-account-token": PostmarkDouble.demoAccountToken }
          : { "x-postmark-server-token": token ?? PostmarkDouble.demoServerToken }),
        ...(text === undefined ? {} : { "content-type": "application/json" }),
        ...headers
      }
      return Effect.map(send(method, path, all, text), (raw) => {
        const answer = { ...raw, json: readJson(raw.text) }
        exchanges.push({ method, path, answer })
        return answer
      })
    }
    return { call, double, posts, receiver, exchanges }
  })

/**
 * Headers that belong to the transport: a client in the process meets none of them, and a date is the machine's.
 * `content-length` frames a body on a socket; the length of the body itself is compared in all cases.
 */
export const transportHeaders: ReadonlyArray<string> = ["connection", "content-length", "date", "keep-alive", "vary"]

/** Each exchange: the call, the status, the headers sorted, the body. */
export const transcript = (exchanges: ReadonlyArray<Exchange>, without: ReadonlyArray<string> = []): string =>
  exchanges.map(({ answer, method, path }) =>
    [
      `${method} ${path}`,
      String(answer.status),
      ...Object.entries(answer.headers).filter(([name]) => !without.includes(name))
        .map(([name, value]) => `${name}: ${value}`).sort(),
      "",
      answer.text,
      ""
    ].join("\n")
  ).join("\n")

/** Lets a call go on that sleeps for so long, once it has gone to sleep: a request on a socket takes its time. */
export const sleeping = <A>(millis: number, call: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    const fiber = yield* Effect.fork(call)
    while (!Chunk.contains(yield* TestClock.sleeps(), now + millis)) yield* turnOfTheLoop
    yield* TestClock.adjust(millis)
    return yield* Fiber.join(fiber)
  })

const turnOfTheLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const readJson = (text: string): unknown =>
  Option.getOrUndefined(Option.liftThrowable((): unknown => JSON.parse(text))())
