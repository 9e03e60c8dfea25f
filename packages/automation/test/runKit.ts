/** Runs against a double in the same process, and a clock that goes on until something is so. */
import { BulkRuns } from "@effect-postmark/automation"
import {
  type BulkRun,
  Connections,
  ConnectionStore,
  Digest,
  type Email,
  RunStore,
  SubscriptionStore,
  Vault
} from "@effect-postmark/core"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { type Duration, Effect, Layer, Option, Redacted, Stream, TestClock } from "effect"

export const stores = Layer.mergeAll(RunStore.layerMemory, ConnectionStore.layerMemory, SubscriptionStore.layerMemory)

export const services = (options: PostmarkDouble.Options = {}) =>
  BulkRuns.layer.pipe(
    Layer.provideMerge(Connections.layer({ timeout: "15 seconds" })),
    Layer.provideMerge(Layer.mergeAll(stores, Vault.layerEphemeral, Digest.layer)),
    Layer.provideMerge(PostmarkDouble.layerHttpClient),
    Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false, ...options }))
  )

export const token = Redacted.make(PostmarkDouble.demoServerToken)

export const connect = Effect.flatMap(
  Connections.Connections,
  (connections) => Effect.map(connections.connect({ name: "Acme", serverToken: token }), ({ id }) => id)
)

export const email = (index: number, fields: Partial<Email.Email> = {}): Email.Email => ({
  from: "shop@example.org",
  to: `reader${index}@example.com`,
  subject: `${index}`,
  textBody: "t",
  ...fields
})

export const emails = (count: number): Stream.Stream<Email.Email> =>
  Stream.map(Stream.range(0, count - 1), (index) => email(index))

/** Starts a run of so many messages, 10 to a call. */
export const start = (count: number, options: Partial<BulkRuns.StartOptions> = {}) =>
  Effect.gen(function*() {
    const runs = yield* BulkRuns.BulkRuns
    const connectionId = options.connectionId ?? (yield* connect)
    return yield* runs.start({ chunkSize: 10, ...options, connectionId, messages: emails(count) })
  })

/**
 * A worker that polls seldom, since every step of the test's clock takes some real time, and that does not wait for a call when
 * the test is over.
 */
export const worker = (options: BulkRuns.WorkerOptions = {}) =>
  BulkRuns.makeWorker({ pollInterval: "10 seconds", grace: 0, ...options })

/** Lets time go on until the condition holds. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>, step: Duration.DurationInput = "5 seconds") =>
  Effect.gen(function*() {
    for (let steps = 0; steps < 100_000; steps++) {
      if (yield* condition) return
      yield* TestClock.adjust(step)
      // Work that is not timed goes on as well.
      yield* Effect.yieldNow()
    }
    return yield* Effect.dieMessage("it never came to that")
  })

export const untilState = (id: string, state: BulkRun.RunState) =>
  Effect.flatMap(
    RunStore.RunStore,
    (store) => until(Effect.map(store.get(id), Option.exists((run) => run.state === state)))
  )

export const untilOver = (id: string) =>
  Effect.flatMap(
    RunStore.RunStore,
    (store) => until(Effect.map(store.get(id), Option.exists((run) => run.finishedAt !== null)))
  )

/** How often the double accepted each subject. */
export const acceptances = Effect.gen(function*() {
  const double = yield* PostmarkDouble.PostmarkDouble
  const times = new Map<string, number>()
  for (const { subject } of yield* double.sent) times.set(subject, (times.get(subject) ?? 0) + 1)
  return times
})

export const batchCalls = Effect.map(
  Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.requests),
  (requests) => requests.filter(({ path }) => path.startsWith("/email/batch")).length
)

/** Until a call is in flight. */
export const untilCalling = (id: string) =>
  Effect.flatMap(
    RunStore.RunStore,
    (store) => until(Effect.map(store.counts(id, 0), ({ inDoubt }) => inDoubt > 0), "100 millis")
  )

export const counted = (id: string) =>
  Effect.flatMap(
    BulkRuns.BulkRuns,
    (runs) =>
      Effect.map(runs.progress(id), ({ accepted, messages, notSent, open, rejected, unknown }) => ({
        accepted,
        messages,
        notSent,
        open,
        rejected,
        unknown
      }))
  )
