/** Runs the program in this process, without a network. */
import * as Cli from "@effect-postmark/cli/Cli"
import * as ExitCode from "@effect-postmark/cli/ExitCode"
import * as Input from "@effect-postmark/cli/Input"
import * as Output from "@effect-postmark/cli/Output"
import * as Profiles from "@effect-postmark/cli/Profiles"
import * as Terminal from "@effect-postmark/cli/Terminal"
import type * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import { HttpClient } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { ConfigProvider, Effect, Layer, Stream } from "effect"
import { Readable, Writable } from "node:stream"
import { canary, type Ended } from "./program.ts"

export const inProcess = (
  registry: ActionRegistry.Service,
  args: ReadonlyArray<string>,
  terminal = false
): Effect.Effect<Ended> =>
  Effect.gen(function*() {
    const written = { stdout: "", stderr: "" }
    const target = (name: "stdout" | "stderr") =>
      Object.assign(
        new Writable({
          write: (chunk, _, done) => {
            written[name] += String(chunk)
            done()
          }
        }),
        { isTTY: terminal }
      )
    const services = Layer.mergeAll(
      Layer.effect(Output.Output, Output.make(target("stdout"), target("stderr"))),
      Layer.effect(
        Terminal.Terminal,
        Terminal.make({ isTerminal: false, open: () => Readable.from([]) }, target("stdout"), target("stderr"))
      ),
      Profiles.layer,
      Input.layer(Stream.empty),
      Layer.succeed(HttpClient.HttpClient, HttpClient.make(() => Effect.dieMessage("no network in this test")))
    ).pipe(Layer.provideMerge(NodeContext.layer))
    const exit = yield* Effect.exit(Effect.provide(Cli.make(registry, { version: "1.2.3" })(args), services))
    return { ...written, code: ExitCode.fromExit(exit), connections: [] }
  }).pipe(
    Effect.withConfigProvider(
      ConfigProvider.fromMap(new Map([["POSTMARK_SERVER_TOKEN", canary.token], ["XDG_CONFIG_HOME", "/nowhere"]]))
    )
  )
