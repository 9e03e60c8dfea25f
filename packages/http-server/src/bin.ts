#!/usr/bin/env node
/**
 * `effect-postmark-server`: the standalone server, configured by environment variables.
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
  console.log(`effect-postmark-server listens on ${url}, and its data is in ${dataDir}`)
  if (Option.isSome(adminKeyFile)) console.log(`the admin API key is in ${adminKeyFile.value}`)
})

const serve = (settings: Settings.Settings) =>
  Layer.launch(
    Layer.provideMerge(Layer.effectDiscard(announce), Standalone.layer(settings)).pipe(
      Layer.provide(settings.mode === "production" ? Logger.json : Logger.pretty)
    )
  )

const moveToPostgres = (settings: Settings.Settings) =>
  Effect.map(Standalone.moveToPostgres(settings), (moved) => {
    for (const { rows, table } of moved) console.log(`${table}: ${rows} rows`)
    console.log("move complete: the row counts of both databases match")
  })

const commands: { readonly [name: string]: (settings: Settings.Settings) => Effect.Effect<unknown, unknown> } = {
  serve,
  "move-to-postgres": moveToPostgres
}

const usage = `usage: effect-postmark-server [serve | move-to-postgres]

  serve             start the server (default)
  move-to-postgres  copy the SQLite file in EFFECT_POSTMARK_DATA_DIR to EFFECT_POSTMARK_DATABASE_URL

Set the server up with environment variables, such as EFFECT_POSTMARK_PORT (8025).

examples:
  effect-postmark-server
  EFFECT_POSTMARK_PORT=9000 effect-postmark-server serve`

const program = Effect.suspend(() => {
  const [name = "serve", ...rest] = process.argv.slice(2)
  if (name === "--help" || name === "-h") return Effect.sync(() => console.log(usage))
  const command = Object.hasOwn(commands, name) && rest.length === 0 ? commands[name] : undefined
  return command === undefined
    ? Effect.fail(new Standalone.StartFailure({ message: `unknown command: ${[name, ...rest].join(" ")}\n\n${usage}` }))
    : Effect.flatMap(Settings.config, command)
})

const explain = (failure: unknown): string => {
  if (failure instanceof Standalone.StartFailure) return failure.message
  return ConfigError.isConfigError(failure) ? `invalid settings: ${Settings.explain(failure)}` : String(failure)
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
