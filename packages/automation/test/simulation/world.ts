/**
 * One run of the real receiver, event log, outbox and relay, in one or two processes, with faults that a seed decides:
 * in the store, on the network, in the clocks, and kills.
 */
import { Relay, RelayClient, RelayTargets } from "@effect-postmark/automation"
import {
  Connections,
  ConnectionStore,
  DeliveryStore,
  Digest,
  EventLog,
  RelayTarget,
  StoreUnavailable,
  Subscriptions,
  SubscriptionStore,
  TriggerRegistry,
  WebhookReceiver
} from "@effect-postmark/core"
import { FetchHttpClient } from "@effect/platform"
import { Context, Effect, Exit, Layer, Logger, LogLevel, Option, Random, Redacted, Schema, Scope } from "effect"
import { createHash } from "node:crypto"
import { connect, connectionId, plainVault } from "../relayKit.ts"
import * as VirtualTime from "./virtualTime.ts"

export const faults = [
  "store failed before",
  "store failed after",
  "store was slow",
  "process was killed",
  "webhook came twice",
  "clock was set",
  "target answered an error",
  "target never answered",
  "target asked for a rest",
  "answer was lost after the event was taken",
  "target was gone"
] as const

export type Fault = (typeof faults)[number]

export interface Outcome {
  readonly problems: ReadonlyArray<string>
  readonly struck: ReadonlyMap<Fault, number>
  readonly events: number
}

const trigger = "postmark/email-bounced"
const secret = Redacted.make("Bearer simulation")
const minute = 60_000
const hour = 60 * minute

/** Numbers from a seed (https://en.wikipedia.org/wiki/Linear_congruential_generator, constants of Numerical Recipes). */
const chanceOf = (seed: number) => {
  let state = (seed * 2_654_435_761) >>> 0
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
  return { next, below: (limit: number) => Math.floor(next() * limit), is: (chance: number) => next() < chance }
}

const digest = Layer.succeed(Digest.Digest, {
  sha256: (data) => Effect.sync(() => createHash("sha256").update(data).digest("hex"))
})

const bounce = (id: number) =>
  JSON.stringify({
    RecordType: "Bounce",
    ID: id,
    Type: "HardBounce",
    Email: `reader-${id}@example.com`,
    BouncedAt: "2026-09-30T16:05:00Z",
    Inactive: true,
    CanActivate: true
  })

const readBody = Schema.decodeUnknownSync(Schema.parseJson(RelayTarget.RelayBody))

const stores = Layer.mergeAll(
  ConnectionStore.layerMemory,
  SubscriptionStore.layerMemory,
  Layer.provideMerge(DeliveryStore.layerMemory, EventLog.layerMemory)
)

type Stores = Layer.Layer.Success<typeof stores>

export const simulate = async (seed: number): Promise<Outcome> => {
  const chance = chanceOf(seed)
  const time = VirtualTime.make(1_790_000_000_000)
  const struck = new Map<Fault, number>()
  const strike = (fault: Fault) => struck.set(fault, (struck.get(fault) ?? 0) + 1)
  const problems: Array<string> = []
  const calm = { yes: false }
  const hits = (likelihood: number) => !calm.yes && chance.is(likelihood)
  const scope = Effect.runSync(Scope.make())

  const fork = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.runFork(
      effect.pipe(
        Effect.withClock(time.clock),
        Effect.withRandom(Random.make(seed)),
        Logger.withMinimumLogLevel(LogLevel.None)
      ),
      { scheduler: time.scheduler }
    )
  /** Runs to the end, with as much virtual time as it takes. */
  const finish = async <A, E>(effect: Effect.Effect<A, E>): Promise<A> => {
    const fiber = fork(effect)
    while (fiber.unsafePoll() === null) await time.run(1_000)
    const exit = fiber.unsafePoll()
    if (exit === null || Exit.isFailure(exit)) throw new Error(`seed ${seed}: ${String(exit)}`)
    return exit.value
  }

  const shared = await finish(Layer.buildWithScope(stores, scope))

  // What the targets received, by webhook-id: accepted bodies.
  const accepted = new Map<string, Set<string>>()
  const isGone = new Set<string>()

  const network = (isAlive: () => boolean): RelayClient.Service => ({
    post: ({ body, headers, url }) =>
      Effect.gen(function*() {
        if (!isAlive()) return yield* Effect.never
        const answer = (status: number, retryAfter?: string) => ({ status, retryAfter, body: new Uint8Array() })
        yield* Effect.sleep(1 + chance.below(200))
        if (!url.endsWith("steady")) {
          if (isGone.has(url)) return answer(410)
          if (hits(0.02)) {
            strike("target was gone")
            isGone.add(url)
            return answer(410)
          }
          if (hits(0.15)) {
            strike("target never answered")
            return yield* Effect.never
          }
          if (hits(0.2)) {
            strike("target answered an error")
            return answer([500, 502, 301, 404][chance.below(4)] ?? 500)
          }
          if (hits(0.1)) {
            strike("target asked for a rest")
            return answer(429, String(chance.below(600)))
          }
        }
        const id = headers["webhook-id"] ?? ""
        accepted.set(id, (accepted.get(id) ?? new Set()).add(body))
        if (hits(0.1)) {
          strike("answer was lost after the event was taken")
          return yield* new RelayClient.RelayFailure({ reason: "ECONNRESET" })
        }
        return isAlive() ? answer(204) : yield* Effect.never
      })
  })

  /** A process: it has the shared stores, which fail now and then, until it is killed. */
  const startProcess = async () => {
    const state = { isAlive: true }
    const own = Effect.runSync(Scope.make())
    const faulty =
      (name: string) =>
      <A, E>(operation: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable.StoreUnavailable> =>
        Effect.gen(function*() {
          const unavailable = new StoreUnavailable.StoreUnavailable({ store: name, operation, reason: "simulated" })
          if (!state.isAlive) return yield* Effect.never
          if (hits(0.05)) {
            strike("store was slow")
            yield* Effect.sleep(chance.below(20_000))
          }
          if (hits(0.05)) {
            strike("store failed before")
            return yield* unavailable
          }
          const answer = yield* effect
          if (!state.isAlive) return yield* Effect.never
          if (hits(0.04)) {
            strike("store failed after")
            return yield* unavailable
          }
          return answer
        })
    const log = Context.get(shared, EventLog.EventLog)
    const outbox = Context.get(shared, DeliveryStore.DeliveryStore)
    const onLog = faulty("event")
    const onOutbox = faulty("delivery")
    const context: Context.Context<Stores> = shared.pipe(
      Context.add(EventLog.EventLog, { ...log, append: (event) => onLog("append", log.append(event)) }),
      Context.add(DeliveryStore.DeliveryStore, {
        ...outbox,
        due: onOutbox("due", outbox.due),
        claim: (options) => onOutbox("claim", outbox.claim(options)),
        settle: (settlements) => onOutbox("settle", outbox.settle(settlements)),
        disable: (id, about) => onOutbox("disable", outbox.disable(id, about))
      })
    )
    const layer = Layer.mergeAll(
      WebhookReceiver.layer,
      Relay.layer({ pollInterval: "2 hours", timeout: "15 seconds", lease: "30 seconds" }),
      RelayTargets.layer({ hosts: ["hooks.example.com"] })
    ).pipe(
      Layer.provideMerge(Subscriptions.layer),
      Layer.provide(Layer.succeed(RelayClient.RelayClient, network(() => state.isAlive))),
      Layer.provideMerge(Connections.layer()),
      // No call to Postmark is made.
      Layer.provide([plainVault, digest, TriggerRegistry.layer(), FetchHttpClient.layer]),
      Layer.provideMerge(Layer.succeedContext(context))
    )
    const services = await finish(Layer.buildWithScope(layer, own))
    return {
      services,
      state,
      kill: () => {
        state.isAlive = false
        fork(Scope.close(own, Exit.void))
      }
    }
  }

  type Process = Awaited<ReturnType<typeof startProcess>>
  const count = 1 + chance.below(2)
  const processes: Array<Process> = []
  for (let index = 0; index < count; index++) processes.push(await startProcess())
  const [first] = processes
  if (first === undefined) throw new Error("no process")

  await finish(
    Effect.provide(
      Effect.gen(function*() {
        yield* connect
        yield* (yield* Subscriptions.Subscriptions).subscribe({ connectionId, trigger, secret })
      }),
      Layer.succeedContext(Context.merge(first.services, shared))
    ).pipe(Effect.retry({ times: 20 }))
  )
  const targetIds: Array<string> = []
  for (const name of ["steady", "shaky"]) {
    const { target } = await finish(
      Context.get(first.services, RelayTargets.RelayTargets).create({
        connectionId,
        trigger,
        url: `https://hooks.example.com/${name}`
      })
    )
    targetIds.push(target.id)
  }

  // Postmark posts each event until it gets a 200 (https://postmarkapp.com/developer/webhooks/webhooks-overview).
  const acknowledged = new Set<number>()
  const postUntilTaken = (id: number) =>
    Effect.gen(function*() {
      yield* Effect.sleep(chance.below(2 * hour))
      while (true) {
        const process = processes[chance.below(processes.length)]
        const decision = process === undefined || !process.state.isAlive
          ? Option.none()
          : yield* Context.get(process.services, WebhookReceiver.WebhookReceiver).receive({
            connectionId,
            authorization: [Redacted.value(secret)],
            body: new TextEncoder().encode(bounce(id))
          }).pipe(Effect.timeoutOption("2 minutes"))
        if (Option.isSome(decision) && decision.value.status === 200) {
          acknowledged.add(id)
          if (!hits(0.2)) return
          strike("webhook came twice")
        }
        yield* Effect.sleep(minute + chance.below(5 * minute))
      }
    })
  const events = 5 + chance.below(15)
  for (let id = 1; id <= events; id++) fork(postUntilTaken(id))

  for (let step = 0; step < 24; step++) {
    await time.run(chance.below(10 * minute))
    if (chance.is(0.2)) {
      strike("clock was set")
      time.setBack([hour, -hour, 24 * hour, -24 * hour][chance.below(4)] ?? 0)
    }
    if (chance.is(0.25)) {
      strike("process was killed")
      const index = chance.below(processes.length)
      processes[index]?.kill()
      await time.run(chance.below(2 * minute))
      processes[index] = await startProcess()
    }
  }

  // Everything works again; the ladder has its last attempts within four days.
  calm.yes = true
  await time.run(6 * 24 * hour)

  const log = Context.get(shared, EventLog.EventLog)
  const outbox = Context.get(shared, DeliveryStore.DeliveryStore)
  const stored = await finish(log.read({ after: 0, limit: 1_000 }))
  const numbers = stored.map(({ raw }) => Number(/"ID":(\d+)/.exec(raw)?.[1]))
  for (const id of acknowledged) {
    if (!numbers.includes(id)) problems.push(`event ${id} was acknowledged and is not stored`)
  }
  if (acknowledged.size !== events) problems.push(`${events - acknowledged.size} events were never acknowledged`)
  if (new Set(numbers).size !== numbers.length) problems.push("an event is stored twice")
  for (const [index, id] of targetIds.entries()) {
    const rows = await finish(
      outbox.list({ targetId: id, states: ["pending", "delivered", "dead", "held"], after: 0, limit: 1_000 })
    )
    if (rows.length !== stored.length) {
      problems.push(`target ${index} has ${rows.length} rows of ${stored.length} events`)
    }
    for (const { sequence, state } of rows) {
      const bodies = accepted.get(`${id}_${sequence}`)
      if (bodies !== undefined && bodies.size > 1) problems.push(`event ${sequence} was relayed with two bodies`)
      if (state === "delivered" && bodies === undefined) {
        problems.push(`event ${sequence} counts as relayed and was not`)
      }
      if (state === "pending" && !isGone.has("https://hooks.example.com/shaky")) {
        problems.push(`event ${sequence} still waits for target ${index}`)
      }
      if (index === 0 && state !== "delivered") problems.push(`event ${sequence} is ${state} for the steady target`)
    }
  }
  for (const bodies of accepted.values()) for (const body of bodies) readBody(body)
  for (const process of processes) process.kill()
  await time.run(minute)
  return { problems, struck, events }
}
