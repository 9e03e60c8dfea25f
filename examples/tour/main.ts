/**
 * The tour that `npm start` runs: the HTTP server on an SQLite file, a fake Postmark, and every step of an email's life
 * through both. Then it serves until Ctrl-C; `--once` ends it after the tour.
 *
 * It talks to the double, whatever the environment says. Nothing leaves this machine.
 */
import { Triggers } from "@effect-postmark/automation"
import { PostmarkTriggers } from "@effect-postmark/core"
import { Settings, Standalone } from "@effect-postmark/http-server"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Layer, Option } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Steps from "./steps.ts"
import * as Workflow from "./workflow.ts"

const once = process.argv.includes("--once")

/** The requested port, or any free one when it is in use. */
const freePort = (preferred: number): Effect.Effect<number> =>
  Effect.async<number>((resume) => {
    const probe = createServer()
    probe.once("error", () => resume(preferred === 0 ? Effect.dieMessage("no port is free") : freePort(0)))
    probe.listen(preferred, "127.0.0.1", () => {
      const address = probe.address()
      const port = typeof address === "object" && address !== null ? address.port : preferred
      probe.close(() => resume(Effect.succeed(port)))
    })
  })

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-postmark-tour-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const program = Effect.gen(function*() {
  const dataDir = yield* temporaryDirectory
  const serverPort = yield* freePort(once ? 0 : 8025)
  const doublePort = yield* freePort(once ? 0 : 4010)
  const publicUrl = `http://127.0.0.1:${serverPort}`
  const postmarkUrl = `http://127.0.0.1:${doublePort}`

  const double = NodePostmarkDouble.layerServer({ port: doublePort }).pipe(
    Layer.provideMerge(PostmarkDouble.layer({
      servers: [{
        token: PostmarkDouble.demoServerToken,
        name: "Acme",
        templates: [{
          alias: "welcome",
          subject: "Welcome, {{name}}",
          htmlBody: "<p>Welcome, {{name}}.</p>",
          textBody: "Welcome, {{name}}."
        }]
      }]
    }))
  )
  const workflow = yield* Workflow.start
  const server = Standalone.layer(
    Settings.make({
      port: serverPort,
      dataDir,
      publicUrl: Option.some(publicUrl),
      postmarkApiUrl: Option.some(postmarkUrl),
      relayHosts: ["127.0.0.1"],
      relayPorts: [workflow.port]
    }),
    // The standard ladder has ten attempts over three days.
    { relay: { ladder: ["0 seconds", "500 millis", "500 millis"] } }
  )
  const onBounce = Triggers.on(
    PostmarkTriggers.EmailBounced,
    { subscriber: "tour" },
    (bounce) => Console.log(`     (a handler in this program got the bounce: ${bounce.type} of ${bounce.recipient})`)
  )

  yield* Effect.gen(function*() {
    yield* Steps.tour({ stays: !once, url: publicUrl, postmarkUrl, dataDir, workflow })
    if (once) return
    yield* Console.log("\nServing until Ctrl-C.")
    return yield* Effect.never
  }).pipe(
    Effect.provide(Layer.mergeAll(Layer.provideMerge(onBounce, server), double, NodeHttpClient.layerUndici))
  )
}).pipe(Effect.scoped)

NodeRuntime.runMain(
  program.pipe(
    Effect.onExit((exit) =>
      Exit.isSuccess(exit) ? Effect.void : Cause.isInterruptedOnly(exit.cause)
        ? Console.log("\nShut down cleanly: what was in flight is done, and the data of the tour is removed.")
        : Console.error(`\nThe tour failed: ${Cause.pretty(exit.cause)}`)
    )
  ),
  { disableErrorReporting: true }
)
