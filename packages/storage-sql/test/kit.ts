import { EventLog, Ids } from "@effect-postmark/core"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { Effect, Option, Stream } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A path in a directory that ends with the scope. */
export const tempFile = FileSystem.FileSystem.pipe(
  Effect.flatMap((files) => files.makeTempDirectoryScoped()),
  Effect.map((directory) => `${directory}/storage.db`),
  Effect.provide(NodeFileSystem.layer),
  Effect.orDie
)

export const newEvent = (identity: string, raw = "{}"): EventLog.NewEvent => ({
  connectionId: Ids.ConnectionId.make("con_1"),
  identity,
  receivedAt: "2026-01-01T00:00:00.000Z",
  recordType: "Delivery",
  trigger: "postmark/email-delivered",
  status: "decoded",
  event: "{}",
  raw
})

/** The identities of all events, in their order. */
export const identities = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  const pages = Stream.paginateEffect(0, (after) =>
    Effect.map(log.read({ after, limit: 1_000 }), (events) => {
      const last = events.at(-1)
      return [events, last === undefined ? Option.none() : Option.some(last.sequence)] as const
    }))
  return Array.from(yield* Stream.runCollect(pages)).flat().map((event) => event.identity)
})

/** Another process that appends to the file, or to the PostgreSQL database; killed with the scope, as the operating system kills. */
export const child = (place: string, prefix: string) =>
  Effect.gen(function*() {
    const script = fileURLToPath(new URL("fixtures/child.ts", import.meta.url))
    const running = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [
          "--import",
          "tsx",
          script,
          place,
          prefix
        ], { stdio: ["ignore", "pipe", "inherit"] })
      ),
      (process) => Effect.sync(() => process.kill("SIGKILL"))
    )
    const lines: Array<string> = []
    const reader = createInterface({ input: running.stdout })
    reader.on("line", (line) => lines.push(line))
    /** Waits until it has printed so many lines. */
    const printed = (count: number) =>
      Effect.async<ReadonlyArray<string>>((resume) => {
        const check = () => {
          if (lines.length >= count) {
            reader.off("line", check)
            resume(Effect.succeed([...lines]))
          }
        }
        reader.on("line", check)
        check()
      })
    /** Kills it; all that it printed before. */
    const kill = Effect.async<ReadonlyArray<string>>((resume) => {
      reader.once("close", () => resume(Effect.succeed([...lines])))
      running.kill("SIGKILL")
    })
    return { printed, kill }
  })
