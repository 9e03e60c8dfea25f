/** The composition root: chooses the Node implementations. */
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Readable } from "node:stream"
import * as Cli from "../Cli.ts"
import * as ExitCode from "../ExitCode.ts"
import * as Input from "../Input.ts"
import * as Output from "../Output.ts"
import * as Profiles from "../Profiles.ts"
import * as Terminal from "../Terminal.ts"

export const main = (args: ReadonlyArray<string>, version: string, stdin: () => Readable): void => {
  const services = Layer.mergeAll(
    ActionRegistry.layer(),
    Input.layer(NodeStream.fromReadable(stdin, (error) => error)),
    Output.layer,
    NodeHttpClient.layerUndici,
    Output.layerLogger,
    Profiles.layer
  ).pipe(Layer.provideMerge(Layer.mergeAll(NodeContext.layer, Terminal.layer(stdin))))
  const program = Effect.flatMap(
    ActionRegistry.ActionRegistry,
    (registry) => Cli.make(registry, { version })(args)
  )
  NodeRuntime.runMain(Effect.provide(program, services), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(ExitCode.fromExit(exit))
  })
}
