#!/usr/bin/env node
/**
 * `effect-postmark-server`: the standalone server, set up by its environment.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Settings from "./Settings.ts"
import * as Standalone from "./Standalone.ts"

const announce = Effect.gen(function*() {
  const { adminKeyFile, dataDir, url } = yield* Standalone.Standalone
  console.log(`effect-postmark-server listens on ${url}, data in ${dataDir}`)
  if (Option.isSome(adminKeyFile)) console.log(`the admin API key is in ${adminKeyFile.value}`)
})

const program = Effect.flatMap(Settings.config, (settings) =>
  Layer.launch(
    Layer.provideMerge(Layer.effectDiscard(announce), Standalone.layer(settings)).pipe(
      Layer.provide(settings.mode === "production" ? Logger.json : Logger.pretty)
    )
  ))

const explain = (failure: unknown): string => {
  if (failure instanceof Standalone.StartFailure) return failure.message
  return ConfigError.isConfigError(failure) ? `the settings are wrong: ${Settings.explain(failure)}` : String(failure)
}

NodeRuntime.runMain(
  program.pipe(
    Effect.tapErrorCause((cause) =>
      Effect.sync(() => {
        if (!Cause.isInterruptedOnly(cause)) console.error(explain(Cause.squash(cause)))
      })
    ),
    Logger.withMinimumLogLevel(LogLevel.Info)
  ),
  { disableErrorReporting: true, disablePrettyLogger: true }
)
