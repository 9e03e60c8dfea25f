/** Takes a request, answers it by Postmark's rules, and sets going what follows from it. */
import * as Effect from "effect/Effect"
import type { Answer, Head, Reply } from "../../Exchange.ts"
import type * as Fault from "../../Fault.ts"
import type * as Script from "../../Script.ts"
import type { WebhookAttempt } from "../../WebhookAttempt.ts"
import { type TokenGuard, unauthorized } from "../control/tokenGuard.ts"
import { answerWithFaults } from "../faults/faultResponses.ts"
import { type FaultEntry, type Faults, makeFaults } from "../faults/faults.ts"
import { parse } from "../http/json.ts"
import { isRefusal, json, refusal, refused } from "../http/response.ts"
import { readAs } from "../http/shape.ts"
import type { AccountCall, Call, Result } from "../routes/call.ts"
import { match } from "../routes/routes.ts"
import { isLargerThan } from "../rules/size.ts"
import { purgeStreams } from "../state/retention.ts"
import { findServer, makeWorld, stamp, type World, type WorldOptions } from "../state/state.ts"
import { type Dispatch, makeDispatch } from "../webhooks/dispatch.ts"
import type { Posting } from "../webhooks/webhookPost.ts"
import type { Behaviour } from "./behaviour.ts"
import type { Job } from "./job.ts"
import { runJob, schedule } from "./jobs.ts"
import { type Agenda, makeScheduler, type Scheduler } from "./scheduler.ts"
import { type ScriptEntry, scriptEntry } from "./scripts.ts"

/** What a double begins with, and goes back to. */
export interface Setup extends WorldOptions {
  readonly behaviour: Behaviour
  readonly guard: TokenGuard
  readonly scripts: ReadonlyArray<Script.Script>
  readonly faults: ReadonlyArray<Fault.Rule>
  /** In milliseconds since 1970; the clock in force if undefined. */
  readonly startTime: number | undefined
  readonly paused: boolean
}

/** A request that the double has answered; `status` is undefined if the connection was broken. */
export interface Exchanged {
  readonly method: string
  readonly path: string
  readonly status: number | undefined
}

/** Everything that changes while a double is in use. */
export interface Kept {
  readonly world: World
  readonly behaviour: Behaviour
  readonly guard: TokenGuard
  readonly scripts: ReadonlyArray<ScriptEntry>
  readonly skipped: ReadonlyArray<Script.SkippedStep>
  readonly faults: ReadonlyArray<FaultEntry>
  readonly requests: ReadonlyArray<Exchanged>
  readonly attempts: ReadonlyArray<WebhookAttempt>
  readonly agenda: Agenda<Job>
}

export interface Engine {
  world: World
  behaviour: Behaviour
  readonly scripts: Array<ScriptEntry>
  readonly skipped: Array<Script.SkippedStep>
  readonly requests: Array<Exchanged>
  readonly scheduler: Scheduler<Job>
  readonly dispatch: Dispatch
  readonly faults: Faults
  guard: TokenGuard
  readonly handle: (head: Head, readBody: Effect.Effect<string, unknown>) => Effect.Effect<Reply>
  readonly addScript: (script: Script.Script) => void
  /** A copy of all that there is once nothing is under way. */
  readonly keep: Effect.Effect<Kept>
  readonly replace: (kept: Kept) => Effect.Effect<void>
  /** Back to the beginning, or to another one. */
  readonly reset: (setup?: Setup) => Effect.Effect<void>
}

export const makeEngine = Effect.fnUntraced(function*(initial: Setup, posting: Posting) {
  let setup = initial
  const scheduler = yield* makeScheduler<Job>((job) => runJob(engine, job))
  const dispatch = makeDispatch(scheduler, () => engine.behaviour, posting)
  const faults = makeFaults(() => engine.world.seed)
  scheduler.start(agendaOf(setup))

  const engine: Engine = {
    world: makeWorld(setup, scheduler.now()),
    behaviour: setup.behaviour,
    scripts: [],
    skipped: [],
    requests: [],
    scheduler,
    dispatch,
    faults,
    guard: setup.guard,
    addScript: (script) => {
      engine.scripts.push(scriptEntry(script, engine.world.seed, engine.scripts.length))
    },
    handle: (head, readBody) =>
      Effect.suspend(() => answerWithFaults(faults.take(head), readBody, (body) => process(engine, head, body)))
        .pipe(Effect.tap((reply) =>
          Effect.sync(() => {
            const status = reply.kind === "answer" ? reply.answer.status : undefined
            engine.requests.push({ method: head.method, path: head.path, status })
            scheduler.changed()
          })
        )),
    keep: Effect.zipRight(
      scheduler.settled,
      Effect.sync(() => ({
        // Not data, and never changed.
        guard: engine.guard,
        ...structuredClone({
          world: engine.world,
          behaviour: engine.behaviour,
          scripts: engine.scripts,
          skipped: engine.skipped,
          faults: faults.entries,
          requests: engine.requests,
          attempts: dispatch.attempts,
          agenda: scheduler.agenda()
        })
      }))
    ),
    replace: ({ guard, ...kept }) =>
      Effect.sync(() => {
        // What is kept stays as it is, however often it is gone back to.
        const { agenda, attempts, behaviour, faults: entries, requests, scripts, skipped, world } = structuredClone(
          kept
        )
        engine.world = world
        engine.behaviour = behaviour
        engine.guard = guard
        refill(engine.scripts, scripts)
        refill(engine.skipped, skipped)
        refill(faults.entries, entries)
        refill(engine.requests, requests)
        refill(dispatch.attempts, attempts)
        scheduler.start(agenda)
      }),
    reset: (next) =>
      Effect.sync(() => {
        setup = next ?? setup
        scheduler.start(agendaOf(setup))
        engine.world = makeWorld(setup, scheduler.now())
        engine.behaviour = setup.behaviour
        engine.guard = setup.guard
        for (const list of [engine.scripts, engine.skipped, engine.requests, dispatch.attempts]) list.length = 0
        faults.clear()
        addRules(engine, setup)
        scheduler.changed()
      })
  }
  addRules(engine, setup)
  return engine
})

const agendaOf = ({ paused, startTime }: Setup): Agenda<Job> => ({ now: startTime, running: !paused, queue: [] })

const addRules = ({ addScript, faults }: Engine, setup: Setup): void => {
  setup.scripts.forEach(addScript)
  setup.faults.forEach(faults.inject)
}

const refill = <A>(list: Array<A>, items: ReadonlyArray<A>): void => {
  list.length = 0
  for (const item of items) list.push(item)
}

/**
 * In the order of docs/postmark.md#order-of-checks: route and method, token, headers, size, JSON, then the endpoint
 * itself.
 */
const process = (engine: Engine, head: Head, text: string): Effect.Effect<Answer> =>
  Effect.suspend(() => {
    const found = match(head.method, head.path)
    if (found.tag === "unknown") return Effect.succeed(unknownPath(head.path))
    if (found.tag === "wrongMethod") return Effect.succeed(wrongMethod)
    const { path, route: { access, body: shape, maxBytes, segments } } = found
    const { world } = engine
    const server = findServer(world, head.headers["x-postmark-server-token"] ?? "")
    // Not established (docs/postmark.md#unknowns): the test token outside of sending. Here it opens nothing else.
    const opened = access.token === "server"
      ? server !== undefined && (server !== world.sandbox || segments[0] === "email")
      : (head.headers["x-postmark-account-token"] ?? "").trim().toLowerCase() === world.account.token.toLowerCase()
    if (!opened) return engine.guard.refuse(world, head, access.token)
    if (!hasJsonHeaders(head, text)) return Effect.succeed(notJson)
    if (isLargerThan(text, maxBytes)) return Effect.succeed(tooLarge)
    const body = text.trim() === "" ? undefined : parse(text)
    const needsBody = segments[0] === "email" && head.method !== "GET"
    if ((text.trim() !== "" || needsBody) && body === undefined) return Effect.succeed(badJson)
    const call: AccountCall = {
      world,
      path,
      query: head.query,
      body: shape === undefined ? body?.value : readAs(shape, body?.value),
      now: stamp(world, engine.scheduler.now())
    }
    if (access.token === "account") return Effect.succeed(settled(access.handler(call)))
    if (server === undefined) return Effect.succeed(unauthorized.server)
    const full: Call = {
      ...call,
      server,
      dispatch: engine.dispatch,
      behaviour: engine.behaviour,
      accepted: [],
      fired: [],
      deferred: []
    }
    purgeStreams(server, call.now)
    const result = access.handler(full)
    return Effect.isEffect(result)
      ? Effect.map(result, (result) => finish(engine, full, result))
      : Effect.succeed(finish(engine, full, result))
  })

const settled = (result: Result): Answer => isRefusal(result) ? refused(result) : result

/** Sets going what a call has caused. */
const finish = (engine: Engine, { accepted, deferred, fired }: Call, result: Result): Answer => {
  if (isRefusal(result)) return refused(result)
  engine.dispatch.fire(fired)
  schedule(engine, accepted)
  for (const work of deferred) engine.scheduler.schedule(engine.behaviour.deliveryDelay, { kind: "bulk", work })
  return result
}

// Not established (docs/postmark.md#transport): the body for a path that does not exist.
const unknownPath = (path: string): Answer => json(404, { Message: `There is nothing at ${path} in the Postmark API.` })

const wrongMethod: Answer = { status: 405, headers: {}, body: "" }

const notJson = json(415, { Message: "Content-Type and Accept must be application/json." })

const tooLarge = json(413, { Message: "The request is too large." })

const badJson = refused(refusal(402, "The body of the request is not valid JSON."))

// Not established (docs/postmark.md#unknowns): the body of a 415, and whether a missing Accept is refused; clients that
// leave it out are served.
const hasJsonHeaders = ({ headers }: Head, body: string): boolean => {
  const accept = headers["accept"]
  return (body === "" || /(application|text)\/(x-)?json/i.test(headers["content-type"] ?? "")) &&
    (accept === undefined || /\*\/\*|application\/\*|\/(x-)?json/i.test(accept))
}
