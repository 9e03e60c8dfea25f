import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { postgresDatabase, sqliteFile } from "./places.ts"
import { con1, delivered } from "./waitsKit.ts"

const double = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false, indexLag: "700 millis" }))
)

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** A program with the workflow, killed with the scope. */
const program = (places: { readonly storage: string; readonly engine: string }, options: {
  readonly openMillis: number
  readonly people: ReadonlyArray<string>
}) =>
  Effect.gen(function*() {
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const port = yield* freePort
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [
          "--conditions=@effect-postmark/source",
          "--import",
          "tsx",
          fileURLToPath(new URL("fixtures/welcome.ts", import.meta.url)),
          places.storage,
          places.engine,
          url,
          `${port}`,
          `${options.openMillis}`,
          ...options.people
        ], { stdio: ["ignore", "pipe", "inherit"] })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const lines: Array<string> = []
    const waiting = new Set<() => void>()
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line)
      for (const check of waiting) check()
    })
    const printed = (pattern: RegExp, count = 1) =>
      Effect.async<ReadonlyArray<string>>((resume) => {
        const check = () => {
          const found = lines.filter((line) => pattern.test(line))
          if (found.length < count) return
          waiting.delete(check)
          resume(Effect.succeed(found))
        }
        waiting.add(check)
        check()
      })
    return {
      printed,
      /** The program stores the delivery of a message. */
      deliver: (messageId: string, recipient: string) =>
        Effect.flatMap(printed(/^listening /), ([line = ""]) =>
          Effect.promise(() =>
            fetch(`http://127.0.0.1:${line.slice("listening ".length)}`, {
              method: "POST",
              body: delivered({ connectionId: con1, messageId, recipient }).raw
            })
          )),
      kill: Effect.async<void>((resume) => {
        child.once("exit", () =>
          resume(Effect.void))
        child.kill("SIGKILL")
      })
    }
  })

/** A held answer is no change for the double, so it is asked. */
const sentAll = (count: number) =>
  Effect.flatMap(
    PostmarkDouble.PostmarkDouble,
    ({ sent }) =>
      Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), sent), { until: (messages) => messages.length >= count })
  )

const subjects = Effect.flatMap(
  PostmarkDouble.PostmarkDouble,
  ({ sent }) => Effect.map(sent, (messages) => messages.map(({ subject }) => subject))
)

describe("a workflow's process", () => {
  it.scopedLive(
    "is killed in the middle of a send and of a wait, and the mail and the reminder are sent once",
    () =>
      Effect.gen(function*() {
        const control = yield* PostmarkDouble.PostmarkDouble
        const places = { storage: yield* sqliteFile, engine: yield* sqliteFile }
        const options = { openMillis: 4_000, people: ["ann@example.com"] }
        // Postmark takes the message, and its answer does not come before the kill.
        yield* control.injectFault({
          method: "POST",
          path: "/email",
          nth: 1,
          fault: { kind: "latency", millis: 60_000, phase: "after" }
        })
        const first = yield* program(places, options)
        yield* sentAll(1)
        yield* first.kill

        const second = yield* program(places, options)
        const [message] = yield* control.sent
        yield* second.deliver(message?.messageId ?? "", "ann@example.com")
        // In the wait for the open, or on the way there.
        yield* Effect.sleep("1 second")
        yield* second.kill

        const third = yield* program(places, options)
        yield* third.printed(/^done ann@example.com TimedOut/)
        assert.deepStrictEqual(yield* subjects, ["Welcome", "Reminder"])
      }).pipe(Effect.provide(double)),
    240_000
  )

  it.scopedLive(
    "is killed, and the other on PostgreSQL goes on with its workflows within 15 seconds",
    () =>
      Effect.gen(function*() {
        const control = yield* PostmarkDouble.PostmarkDouble
        const url = yield* postgresDatabase
        const places = { storage: url, engine: url }
        const people = Array.from({ length: 4 }, (_, at) => `person-${at}@example.com`)
        const first = yield* program(places, { openMillis: 200, people })
        yield* first.printed(/^listening/)
        const second = yield* program(places, { openMillis: 200, people })
        yield* second.printed(/^listening/)
        yield* sentAll(people.length)
        yield* first.kill
        const killed = yield* Clock.currentTimeMillis
        for (const { messageId, to } of yield* control.sent) {
          yield* second.deliver(messageId, to[0] ?? "")
        }
        yield* second.printed(/^done .* TimedOut/, people.length)
        const took = (yield* Clock.currentTimeMillis) - killed
        yield* Effect.log(`taken over and finished after ${took} ms`)
        const sent = yield* subjects
        assert.lengthOf(sent.filter((subject) => subject === "Welcome"), people.length)
        assert.lengthOf(sent.filter((subject) => subject === "Reminder"), people.length)
        assert.isBelow(took, 15_000)
      }).pipe(Effect.provide(double)),
    240_000
  )
})
