import * as WorkflowEngine from "@effect-postmark/storage-sql/WorkflowEngine"
import type * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Activity, DurableDeferred, Workflow } from "@effect/workflow"
import type * as Engine from "@effect/workflow/WorkflowEngine"
import { Clock, Effect, Exit, Layer, Schema, type Scope } from "effect"
import { createServer } from "node:net"
import * as EngineRows from "../src/internal/engineRows.ts"
import * as PostgresDatabase from "../src/internal/postgresDatabase.ts"
import * as SqliteFile from "../src/internal/sqliteFile.ts"
import { tempFile } from "./kit.ts"
import { database } from "./postgres/database.ts"

const Job = Workflow.make({
  name: "Job",
  payload: { id: Schema.String, waits: Schema.Boolean },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const Signal = DurableDeferred.make("signal", { success: Schema.String })

const job = Job.toLayer(({ id, waits }) =>
  Effect.gen(function*() {
    yield* Activity.make({ name: "step", execute: Effect.void })
    return waits ? yield* DurableDeferred.await(Signal) : id
  })
)

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** The engine, and a client of its own for the database after the engine is gone. */
interface Place {
  readonly engine: Layer.Layer<Engine.WorkflowEngine>
  readonly client: Effect.Effect<SqlClient.SqlClient, never, Scope.Scope>
}

const sqlite: Effect.Effect<Place, never, Scope.Scope> = Effect.map(tempFile, (filename) => ({
  engine: Layer.orDie(WorkflowEngine.layerSqlite({ filename })),
  client: Effect.orDie(SqliteFile.openEmpty(filename, "1 second"))
}))

const postgres: Effect.Effect<Place, never, Scope.Scope> = Effect.gen(function*() {
  const { url } = yield* database
  const port = yield* freePort
  return {
    engine: Layer.orDie(WorkflowEngine.layerPostgres({ url, runner: { host: "127.0.0.1", port } })),
    client: Effect.orDie(
      PostgresDatabase.connect({ url, maxConnections: 2, connectTimeout: "5 seconds", statementTimeout: "5 seconds" })
    )
  }
})

const rowsOf = (sql: SqlClient.SqlClient, executionId: string) =>
  Effect.map(
    sql`SELECT 1 FROM cluster_messages m LEFT JOIN cluster_replies r ON r.request_id = m.id
      WHERE m.entity_id = ${executionId}`,
    (rows) => rows.length
  )

for (const [name, place] of Object.entries({ SQLite: sqlite, PostgreSQL: postgres })) {
  describe(`the workflow engine on ${name}`, () => {
    it.scopedLive(
      "loses the rows of old, ended workflows, and none of a workflow that sleeps",
      () =>
        Effect.gen(function*() {
          const { client, engine } = yield* place
          const run = <A, E>(effect: Effect.Effect<A, E, Engine.WorkflowEngine>) =>
            Effect.scoped(Effect.provide(effect, Layer.provideMerge(job, engine)))
          const ended = yield* Job.executionId({ id: "ended", waits: false })
          const sleeping = yield* Job.executionId({ id: "sleeping", waits: true })
          yield* run(Effect.gen(function*() {
            assert.strictEqual(yield* Job.execute({ id: "ended", waits: false }), "ended")
            yield* Job.execute({ id: "sleeping", waits: true }, { discard: true })
            yield* Effect.repeat(Effect.zipRight(Effect.sleep("50 millis"), Job.poll(sleeping)), {
              until: (result) => result?._tag === "Suspended"
            })
          }))
          yield* Effect.scoped(Effect.gen(function*() {
            const sql = yield* client
            const before = yield* rowsOf(sql, sleeping)
            assert.isAbove(yield* rowsOf(sql, ended), 0)
            const now = yield* Clock.currentTimeMillis
            assert.strictEqual(yield* EngineRows.prune(sql, now - 3_600_000), 0)
            assert.strictEqual(yield* EngineRows.prune(sql, now + 3_600_000), 1)
            assert.strictEqual(yield* rowsOf(sql, ended), 0)
            assert.strictEqual(yield* rowsOf(sql, sleeping), before)
          }))
          yield* run(Effect.gen(function*() {
            const token = DurableDeferred.tokenFromExecutionId(Signal, { workflow: Job, executionId: sleeping })
            yield* DurableDeferred.done(Signal, { token, exit: Exit.succeed("woken") })
            assert.strictEqual(yield* Job.execute({ id: "sleeping", waits: true }), "woken")
          }))
        }),
      60_000
    )
  })
}

describe("the workflow engine", () => {
  it.scopedLive("refuses a second program on its file", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      yield* Layer.build(WorkflowEngine.layerSqlite({ filename }))
      const error = yield* Effect.flip(Layer.build(WorkflowEngine.layerSqlite({ filename })))
      assert.strictEqual(error.reason, "inUse")
    }))
})
