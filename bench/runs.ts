/**
 * A bulk run's input: small messages, 1,000,000 by default, are validated, encoded and stored in a SQLite file. The memory of the
 * process is printed on the way: it must not grow with the number of messages.
 */
import { BulkRuns } from "@effect-postmark/automation"
import { Connections, ConnectionStore, Digest, Ids, Vault } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, Layer, Stream } from "effect"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const messages = Number(process.argv[2] ?? 1_000_000)
const directory = mkdtempSync(join(tmpdir(), "runs-"))
const filename = join(directory, "runs.db")
const connectionId = Ids.ConnectionId.make("con_bench")

const services = BulkRuns.layer.pipe(
  Layer.provide(Connections.layer()),
  Layer.provideMerge(SqliteStorage.layer({ filename })),
  Layer.provide([
    Vault.layerEphemeral,
    Digest.layer,
    Layer.provide(PostmarkDouble.layerHttpClient, PostmarkDouble.layer())
  ])
)

const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`

const program = Effect.gen(function*() {
  const connections = yield* ConnectionStore.ConnectionStore
  const runs = yield* BulkRuns.BulkRuns
  yield* connections.insert({
    id: connectionId,
    name: "bench",
    serverId: 1,
    serverName: "bench",
    fingerprint: "f",
    sealedToken: "sealed",
    state: "active",
    createdAt: "2026-01-01T00:00:00.000Z",
    rotatedAt: null,
    revokedAt: null,
    lastRefusedAt: null
  })
  const started = performance.now()
  let peak = 0
  const run = yield* runs.start({
    connectionId,
    messages: Stream.map(Stream.range(1, messages), (reader) => {
      if (reader % 500 === 0) peak = Math.max(peak, process.memoryUsage.rss())
      if (reader % (messages / 10) === 0) {
        console.log(`${reader}: RSS ${megabytes(process.memoryUsage.rss())}, peak ${megabytes(peak)}`)
      }
      return {
        from: "shop@example.org",
        to: `reader${reader}@example.com`,
        subject: "What is new in autumn",
        textBody: "Dear reader, a short letter."
      }
    })
  })
  const seconds = (performance.now() - started) / 1_000
  console.log(
    `stored ${run.messages} messages in ${seconds.toFixed(1)} s: ${
      Math.round(run.messages / seconds)
    } messages/s, file ${megabytes(statSync(filename).size)}`
  )
  const asked = performance.now()
  yield* runs.progress(run.id)
  console.log(`progress in ${Math.round(performance.now() - asked)} ms`)
}).pipe(Effect.provide(services))

try {
  await Effect.runPromise(program)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
