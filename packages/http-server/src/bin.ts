#!/usr/bin/env node
/**
 * `effect-postmark-server`: the standalone server, configured by environment variables.
 *
 * @since 0.1.0
 */
import * as KeyRotation from "@effect-postmark/core/KeyRotation"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { CommandFailure } from "./internal/keysArguments.ts"
import * as KeysCommand from "./internal/keysCommand.ts"
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

const rotateKeys = (settings: Settings.Settings, [flag]: ReadonlyArray<string>) =>
  Effect.flatMap(Standalone.rotateKeys(settings, { check: flag === "--check" }), (report) => {
    if (flag === undefined) console.log(`${report.resealed} secrets were encrypted again with the first key`)
    console.log(`${report.current} secrets have the first key already`)
    for (const [key, count] of Object.entries(report.remaining)) console.log(`${count} secrets need the key ${key}`)
    for (const { id, kind } of report.unreadable) console.log(`cannot be decrypted: ${kinds[kind]} ${id}`)
    for (const { id, kind } of report.busy) console.log(`changed again and again: ${kinds[kind]} ${id}`)
    if (KeyRotation.isComplete(report)) {
      return Effect.sync(() => console.log("complete: no secret needs another key than the first"))
    }
    return new Standalone.StartFailure({
      message: flag === undefined
        ? "not complete: keep the other keys, and see above what needs them"
        : "not complete: run effect-postmark-server rotate-keys"
    })
  })

const kinds = {
  token: "the token of connection",
  webhookSecrets: "a webhook secret of connection",
  relayTarget: "a secret of relay target"
}

interface Command {
  readonly run: (settings: Settings.Settings, args: ReadonlyArray<string>) => Effect.Effect<unknown, unknown>
  /** Undefined if the command reads its own arguments. */
  readonly flags: ReadonlyArray<string> | undefined
}

const commands: { readonly [name: string]: Command } = {
  serve: { run: serve, flags: [] },
  keys: { run: KeysCommand.run, flags: undefined },
  "move-to-postgres": { run: moveToPostgres, flags: [] },
  "rotate-keys": { run: rotateKeys, flags: ["--check"] }
}

const usage = `usage: effect-postmark-server [serve | keys … | move-to-postgres | rotate-keys [--check]]

  serve             start the server (default)
  keys              create, list or revoke API keys; keys --help lists the options
  move-to-postgres  copy the SQLite file in EFFECT_POSTMARK_DATA_DIR to EFFECT_POSTMARK_DATABASE_URL
  rotate-keys       encrypt all stored secrets with the first key of EFFECT_POSTMARK_ENCRYPTION_KEY
    --check         change nothing, and report which keys are needed

Set the server up with environment variables, such as EFFECT_POSTMARK_PORT (8025).

examples:
  effect-postmark-server
  EFFECT_POSTMARK_PORT=9000 effect-postmark-server serve
  EFFECT_POSTMARK_ENCRYPTION_KEY=new:<base64>,old:<base64> effect-postmark-server rotate-keys`

const program = Effect.suspend(() => {
  const [name = "serve", ...rest] = process.argv.slice(2)
  if (name === "--help" || name === "-h") return Effect.sync(() => console.log(usage))
  if (name === "keys" && (rest[0] === "--help" || rest[0] === "-h")) {
    return Effect.sync(() => console.log(KeysCommand.usage))
  }
  const named = Object.hasOwn(commands, name) ? commands[name] : undefined
  const flags = named?.flags
  const isReadable = flags === undefined || (rest.length <= 1 && rest.every((flag) => flags.includes(flag)))
  const command = isReadable ? named : undefined
  return command === undefined
    ? Effect.fail(new Standalone.StartFailure({ message: `unknown command: ${[name, ...rest].join(" ")}\n\n${usage}` }))
    : Effect.flatMap(Settings.config, (settings) => command.run(settings, rest))
})

const explain = (failure: unknown): string => {
  if (failure instanceof Standalone.StartFailure || failure instanceof CommandFailure) return failure.message
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
