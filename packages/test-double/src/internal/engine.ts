/** Takes a request, answers it by Postmark's rules, and sets going what follows from it. */
import * as Effect from "effect/Effect"
import type { Answer, Head, Reply } from "../Exchange.ts"
import type { AccountCall, Call, Result } from "./call.ts"
import { type Dispatch, type DispatchOptions, makeDispatch } from "./dispatch.ts"
import { answerWithFaults } from "./faultAnswers.ts"
import { type Faults, makeFaults } from "./faults.ts"
import { isRefusal, json, refusal, refused } from "./http.ts"
import { parse } from "./json.ts"
import { bounce, deliver, fate } from "./outcomes.ts"
import { match } from "./routes.ts"
import { makeScheduler, type Scheduler } from "./scheduler.ts"
import { isLargerThan } from "./size.ts"
import { findServer, makeWorld, type Message, stamp, type World, type WorldOptions } from "./state.ts"

export interface EngineOptions extends DispatchOptions, WorldOptions {
  readonly autoDeliver: boolean
  readonly deliveryDelay: number
  readonly indexLag: number
}

/** A request that the double has answered; `status` is undefined if the connection was broken. */
export interface Exchanged {
  readonly method: string
  readonly path: string
  readonly status: number | undefined
}

export interface Engine {
  world: World
  readonly requests: Array<Exchanged>
  readonly scheduler: Scheduler
  readonly dispatch: Dispatch
  readonly faults: Faults
  readonly handle: (head: Head, readBody: Effect.Effect<string, unknown>) => Effect.Effect<Reply>
  readonly reset: Effect.Effect<void>
}

export const makeEngine = Effect.fnUntraced(function*(options: EngineOptions) {
  const scheduler = yield* makeScheduler
  const dispatch = makeDispatch(scheduler, options)
  const faults = makeFaults()
  const newWorld = () => makeWorld(options, scheduler.now())

  const engine: Engine = {
    world: newWorld(),
    requests: [],
    scheduler,
    dispatch,
    faults,
    handle: (head, readBody) =>
      Effect.suspend(() =>
        answerWithFaults(faults.take(head), readBody, (body) => process(engine, options, head, body))
      )
        .pipe(Effect.tap((reply) =>
          Effect.sync(() => {
            const status = reply.kind === "answer" ? reply.answer.status : undefined
            engine.requests.push({ method: head.method, path: head.path, status })
            scheduler.changed()
          })
        )),
    reset: Effect.zipRight(
      scheduler.cancelAll,
      Effect.sync(() => {
        engine.world = newWorld()
        engine.requests.length = 0
        dispatch.attempts.length = 0
        faults.clear()
        scheduler.changed()
      })
    )
  }
  return engine
})

/** In the order of Postmark API, G.5: route and method, token, headers, size, JSON, then the endpoint itself. */
const process = (engine: Engine, options: EngineOptions, head: Head, text: string): Effect.Effect<Answer> =>
  Effect.suspend(() => {
    const found = match(head.method, head.path)
    if (found.tag === "unknown") return Effect.succeed(unknownPath(head.path))
    if (found.tag === "wrongMethod") return Effect.succeed(wrongMethod)
    const { path, route: { access, maxBytes, segments } } = found
    const { world } = engine
    const server = findServer(world, head.headers["x-postmark-server-token"] ?? "")
    // Not established (H): the test token outside of sending. Here it opens nothing else.
    const opened = access.token === "server"
      ? server !== undefined && (server !== world.sandbox || segments[0] === "email")
      : (head.headers["x-postmark-account-token"] ?? "").trim().toLowerCase() === world.account.token.toLowerCase()
    if (!opened) return Effect.succeed(unauthorized[access.token])
    if (!hasJsonHeaders(head, text)) return Effect.succeed(notJson)
    if (isLargerThan(text, maxBytes)) return Effect.succeed(tooLarge)
    const body = text.trim() === "" ? undefined : parse(text)
    const needsBody = segments[0] === "email" && head.method !== "GET"
    if ((text.trim() !== "" || needsBody) && body === undefined) return Effect.succeed(badJson)
    const call: AccountCall = {
      world,
      path,
      query: head.query,
      body: body?.value,
      now: stamp(world, engine.scheduler.now())
    }
    if (access.token === "account") return Effect.succeed(settled(access.handler(call)))
    if (server === undefined) return Effect.succeed(unauthorized.server)
    const full: Call = {
      ...call,
      server,
      dispatch: engine.dispatch,
      indexLag: options.indexLag,
      accepted: [],
      fired: [],
      deferred: []
    }
    const result = access.handler(full)
    return Effect.isEffect(result)
      ? Effect.map(result, (result) => finish(engine, options, full, result))
      : Effect.succeed(finish(engine, options, full, result))
  })

const settled = (result: Result): Answer => isRefusal(result) ? refused(result) : result

/** Sets going what a call has caused. */
const finish = (
  engine: Engine,
  options: EngineOptions,
  { accepted, deferred, fired }: Call,
  result: Result
): Answer => {
  const { dispatch, scheduler } = engine
  if (isRefusal(result)) return refused(result)
  dispatch.fire(fired)
  deliverLater(engine, options, accepted)
  for (const work of deferred) {
    scheduler.schedule(
      options.deliveryDelay,
      Effect.sync(() => deliverLater(engine, options, work(scheduler.now())))
    )
  }
  return result
}

const deliverLater = (engine: Engine, options: EngineOptions, messages: ReadonlyArray<Message>): void => {
  if (!options.autoDeliver || messages.length === 0) return
  engine.scheduler.schedule(options.deliveryDelay, Effect.sync(() => settleFates(engine, messages)))
}

// Not established (A.2): the body for a path that does not exist.
const unknownPath = (path: string): Answer => json(404, { Message: `There is nothing at ${path} in the Postmark API.` })

const wrongMethod: Answer = { status: 405, headers: {}, body: "" }

// Not established (A.4): the wording for an account token.
const unauthorized = {
  server: refused(refusal(10, "Request does not contain a valid Server token.", 401)),
  account: refused(refusal(10, "Request does not contain a valid Account token.", 401))
}

const notJson = json(415, { Message: "Content-Type and Accept must be application/json." })

const tooLarge = json(413, { Message: "The request is too large." })

const badJson = refused(refusal(402, "The body of the request is not valid JSON."))

// Not established (H): the body of a 415, and whether a missing Accept is refused; clients that leave it out are served.
const hasJsonHeaders = ({ headers }: Head, body: string): boolean => {
  const accept = headers["accept"]
  return (body === "" || /(application|text)\/(x-)?json/i.test(headers["content-type"] ?? "")) &&
    (accept === undefined || /\*\/\*|application\/\*|\/(x-)?json/i.test(accept))
}

/** Delivers or bounces what nobody has delivered or bounced by hand in the meantime. */
const settleFates = (engine: Engine, messages: ReadonlyArray<Message>): void => {
  for (const message of messages) {
    // Its server may have been deleted since.
    if (!engine.world.messages.has(message.id)) continue
    for (const recipient of message.recipients) {
      if (message.inactive.includes(recipient.toLowerCase())) continue
      if (message.events.some((event) => event.recipient === recipient)) continue
      const { bounce: type } = fate(message, recipient)
      const now = engine.scheduler.now()
      engine.dispatch.fire(
        type === undefined
          ? deliver(engine.world, message, recipient, now)
          : bounce(engine.world, message, recipient, type, now)
      )
    }
  }
  engine.scheduler.changed()
}
