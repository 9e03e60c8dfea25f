/**
 * Sends a template to 3,000 people as a bulk run. The program stops in the middle and starts again; the run goes on.
 *
 * It talks to the double, which never sends email. Faults make it misbehave: a 429, and two answers that are lost after
 * their messages were accepted. Nothing is sent twice, and nothing is lost.
 */
import { BulkRuns } from "@effect-postmark/automation"
import { Connections, Digest, Vault } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { Fault, PostmarkDouble } from "@effect-postmark/test-double"
import { FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted, Stream } from "effect"

const rows = Stream.map(Stream.range(1, 3_000), (reader): BulkRuns.Row => ({
  // Every thousandth address is invalid: that message is rejected, and the others are sent.
  to: reader % 1_000 === 0 ? "nowhere" : `reader${reader}@example.com`,
  templateModel: { name: `Reader ${reader}` }
}))

const template = { from: "shop@example.org", templateAlias: "autumn", messageStream: "broadcast" }

const path = "/email/batchWithTemplates"
const double = PostmarkDouble.layer({
  autoDeliver: false,
  indexLag: "1 second",
  servers: [{
    token: PostmarkDouble.demoServerToken,
    templates: [{ name: "Autumn", alias: "autumn", subject: "Hello {{name}}", textBody: "What is new in autumn" }]
  }],
  faults: [
    Fault.rule({ path, nth: 2 }, Fault.rateLimit({ retryAfter: 1 })),
    Fault.rule({ path, nth: 3 }, Fault.resetAfterAcceptance),
    Fault.rule({ path, nth: 5 }, Fault.resetAfterAcceptance)
  ]
})

/** The program as it starts: its file, its connections, a worker. */
const services = (filename: string) =>
  Layer.mergeAll(BulkRuns.layer, BulkRuns.worker({ pollInterval: "200 millis" })).pipe(
    Layer.provideMerge(Connections.layer()),
    Layer.provide([
      SqliteStorage.layer({ filename }),
      Vault.layer([{ id: "2026", key: Redacted.make("a".repeat(43)) }]),
      Digest.layer
    ])
  )

const follow = (id: string, isEnough: (progress: BulkRuns.Progress) => boolean) =>
  Effect.gen(function*() {
    const runs = yield* BulkRuns.BulkRuns
    while (true) {
      const progress = yield* runs.progress(id)
      const { accepted, inDoubt, open, perSecond, run } = progress
      yield* Console.log(
        `${run.state}: ${accepted} accepted, ${open} open, ${inDoubt} of them in doubt, ${
          Math.round(perSecond)
        } per second`
      )
      if (isEnough(progress)) return
      yield* Effect.sleep("500 millis")
    }
  })

const begin = Effect.gen(function*() {
  const connections = yield* Connections.Connections
  const runs = yield* BulkRuns.BulkRuns
  const serverToken = Redacted.make(PostmarkDouble.demoServerToken)
  const { id: connectionId } = yield* connections.connect({ name: "Acme", serverToken })
  const run = yield* runs.start({ connectionId, name: "Autumn letter", key: "autumn-2026", template, rows })
  yield* follow(run.id, ({ accepted }) => accepted >= 500)
  return run.id
})

const goOn = (id: string) =>
  Effect.gen(function*() {
    yield* follow(id, ({ run }) => run.finishedAt !== null)
    const runs = yield* BulkRuns.BulkRuns
    for (const { detail, index } of yield* runs.outcomes(id, { states: ["rejected"] })) {
      yield* Console.log(`row ${index} was rejected: ${detail}`)
    }
    const bySearch = Stream.filter(runs.outcomesStream(id), ({ source }) => source === "search")
    yield* Console.log(`found by search: ${yield* Stream.runCount(bySearch)}`)
  })

const program = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const filename = `${yield* files.makeTempDirectoryScoped()}/runs.db`
  const id = yield* Effect.provide(begin, services(filename))
  yield* Console.log("the program stops, and starts again")
  yield* Effect.provide(goOn(id), services(filename))
  const taken = yield* Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ sent }) => sent)
  const people = new Set(taken.flatMap(({ recipients }) => recipients))
  yield* Console.log(`The double took ${taken.length} messages to ${people.size} people.`)
})

NodeRuntime.runMain(
  Effect.scoped(program).pipe(
    Effect.provide(Layer.merge(Layer.provideMerge(PostmarkDouble.layerHttpClient, double), NodeFileSystem.layer))
  )
)
