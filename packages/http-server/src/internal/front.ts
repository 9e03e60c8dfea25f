/**
 * The receiver in front of the router: plain functions from the socket to the log, since the router's fibers cost several
 * times more than all work on a webhook. The receiver's decisions, the problems and the headers are those of the route.
 */
import type { Decision, Service } from "@effect-postmark/core/WebhookReceiver"
import * as Headers from "@effect/platform/Headers"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as LogLevel from "effect/LogLevel"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { randomUUID } from "node:crypto"
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import * as Problem from "../api/Problem.ts"
import * as ServerMetrics from "../ServerMetrics.ts"
import * as ClientAddress from "./clientAddress.ts"
import type { Drain } from "./drain.ts"
import { BodyTooSlow, Draining, type Failure } from "./failures.ts"
import * as Incoming from "./incoming.ts"
import * as Problems from "./problems.ts"
import * as RequestId from "./requestId.ts"
import * as WebhookAnswer from "./webhookAnswer.ts"

/** Takes a request, or returns false to leave it to the router. */
export type Handler = (message: IncomingMessage, response: ServerResponse) => boolean

/** The server's place for a handler that is asked first. */
export class Front extends Context.Tag("@effect-postmark/http-server/internal/front")<Front, {
  readonly install: (handler: Handler) => void
  readonly remove: (handler: Handler) => void
}>() {}

export interface Options {
  readonly receiver: Service
  readonly drain: Drain
  readonly client: ClientAddress.ClientAddress
  readonly maxBytes: number
}

export const make = ({ client, drain, maxBytes, receiver }: Options): Effect.Effect<Handler> =>
  Effect.gen(function*() {
    const observe = yield* makeObserver
    return (message, response) => {
      const connectionId = message.method === "POST" ? receiverPath.exec(message.url ?? "")?.[1] : undefined
      if (connectionId === undefined) return false
      const { headers } = message
      const begun = performance.now()
      const given = textOf(headers[RequestId.headerName])
      const requestId = RequestId.isValid(given) ? given : randomUUID()
      const observed = observe(headers, requestId)
      const answer = (answered: ReturnType<typeof WebhookAnswer.of> | Failure): void => {
        const status = respond(response, answered, requestId)
        ServerMetrics.record(served, "POST", status, (performance.now() - begun) / 1_000)
        observed?.(status)
      }
      if (drain.isDraining()) {
        answer(new Draining())
        return true
      }
      drain.enter()
      const decided = (decision: Decision): void => {
        answer(WebhookAnswer.of(decision, maxBytes))
        drain.exit()
      }
      const address = client.of(message.socket.remoteAddress, textOf(headers["x-forwarded-for"]))
      const length = Number(headers["content-length"] ?? 0)
      receiver.admit({
        connectionId,
        authorization: Incoming.nodeAuthorization(message),
        contentEncoding: headers["content-encoding"],
        traceId: textOf(headers["x-pm-webhook-trace-id"]),
        length: length > maxBytes ? 0 : length,
        source: address === undefined ? undefined : ClientAddress.networkOf(address)
      }, ({ decision, place }) => {
        if (place === undefined) return decided(decision)
        const gone = (): void => {
          place.leave()
          drain.exit()
        }
        if (length > maxBytes) return decided(place.refuseTooLarge())
        if (message.destroyed) return gone()
        let refusal: Decision | undefined
        const takes = (read: number): boolean => {
          refusal = read > maxBytes ? place.refuseTooLarge() : place.reserve(read)
          return refusal === undefined
        }
        Incoming.collect(message, takes, {
          done: (body) => place.accept(body, decided),
          refused: () => {
            if (refusal !== undefined) decided(refusal)
          },
          slow: () => {
            answer(new BodyTooSlow({ seconds: Incoming.seconds }))
            gone()
          },
          gone
        })
      })
      return true
    }
  })

/** What else looks like it, such as an id with escaped characters, is the router's. */
const receiverPath = /^\/v1\/webhooks\/([\w-]{1,100})\/?(?:\?.*)?$/

const textOf = (header: string | ReadonlyArray<string> | undefined): string | undefined =>
  header === undefined || typeof header === "string" ? header : header.join(", ")

const respond = (
  response: ServerResponse,
  answer: ReturnType<typeof WebhookAnswer.of>,
  requestId: string
): number => {
  if (WebhookAnswer.isReceived(answer)) {
    write(response, 200, "application/json", JSON.stringify(answer), requestId)
    return 200
  }
  const { headers, problem } = Problems.of(answer satisfies Failure, requestId)
  write(response, problem.status, Problem.contentType, JSON.stringify(problem), requestId, headers)
  return problem.status
}

const write = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  requestId: string,
  headers: Readonly<Record<string, string>> = {}
): void => {
  response.writeHead(status, {
    ...headers,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    [RequestId.headerName]: requestId,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store"
  })
  response.end(body)
}

/** Starts the span and the debug line of a request where somebody wants them; the result ends them. */
const makeObserver = Effect.gen(function*() {
  const runtime = yield* Effect.runtime<never>()
  const clock = yield* Effect.clock
  const tracer = yield* Effect.tracer
  // The default tracer's spans go nowhere.
  const isTraced = tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer)
  const isLogged = LogLevel.lessThanEqual(
    FiberRefs.getOrDefault(runtime.fiberRefs, FiberRef.currentMinimumLogLevel),
    LogLevel.Debug
  )
  const run = Runtime.runFork(runtime)
  return (headers: IncomingHttpHeaders, requestId: string): ((status: number) => void) | undefined => {
    if (!isTraced && !isLogged) return undefined
    const span = isTraced ? startSpan(tracer, clock, headers) : undefined
    span?.attribute("http.request.method", "POST")
    span?.attribute("http.route", route)
    span?.attribute("requestId", requestId)
    return (status) => {
      span?.attribute("http.response.status_code", status)
      span?.end(clock.unsafeCurrentTimeNanos(), Exit.void)
      if (isLogged) {
        run(
          Effect.annotateLogs(Effect.logDebug("responded to a request"), { method: "POST", route, status, requestId })
        )
      }
    }
  }
})

const startSpan = (tracer: Tracer.Tracer, clock: Clock.Clock, headers: IncomingHttpHeaders): Tracer.Span =>
  tracer.span(
    "http.server POST",
    HttpTraceContext.fromHeaders(
      Headers.fromInput(Object.entries(headers).map(([name, value]) => [name, textOf(value) ?? ""] as const))
    ),
    Context.empty(),
    [],
    clock.unsafeCurrentTimeNanos(),
    "server"
  )

const route = "/v1/webhooks/:connectionId"

const served = { path: route, methods: ["POST"] }
