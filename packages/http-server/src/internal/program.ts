/** Runs a command of `effect-postmark-server`. */
import * as KeyRotation from "@effect-postmark/core/KeyRotation"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Maintenance from "../Maintenance.ts"
import * as Settings from "../Settings.ts"
import * as Standalone from "../Standalone.ts"
import * as TelemetrySettings from "../TelemetrySettings.ts"
import type * as CommandLine from "./commandLine.ts"
import * as JsonLog from "./jsonLog.ts"
import { CommandFailure } from "./keysArguments.ts"
import * as KeysCommand from "./keysCommand.ts"

type Command = Extract<CommandLine.Parsed, { readonly _tag: "Command" }>

type Run = (
  settings: Settings.Settings,
  command: Command,
  surroundings: Surroundings
) => Effect.Effect<unknown, unknown>

export interface Surroundings {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const serve: Run = (settings, _, { version }) =>
  Layer.launch(
    Layer.provideMerge(Layer.effectDiscard(announce(settings)), Standalone.layer(settings)).pipe(
      Layer.provide(telemetry(version)),
      Layer.provide(settings.logFormat === "json" ? JsonLog.layer : Logger.pretty)
    )
  ).pipe(Logger.withMinimumLogLevel(settings.logLevel))

const telemetry = (serviceVersion: string) =>
  Layer.unwrapEffect(Effect.flatMap(
    TelemetrySettings.config,
    Option.match({
      onNone: () => Effect.succeed(Layer.empty),
      onSome: (settings) =>
        // Loaded only where there is something to export to.
        Effect.map(Effect.promise(() => import("../Telemetry.ts")), ({ layer }) => layer(settings, { serviceVersion }))
    })
  ))

/** A log of JSON has nothing but JSON in it. */
const announce = ({ logFormat }: Settings.Settings) =>
  Effect.gen(function*() {
    const { adminKeyFile, dataDir, url } = yield* Standalone.Standalone
    const say = logFormat === "json" ? Effect.logInfo : Console.log
    yield* say(`effect-postmark-server listens on ${url}, and its data is in ${dataDir}`)
    if (Option.isSome(adminKeyFile)) yield* say(`the admin API key is in ${adminKeyFile.value}`)
  })

const moveToPostgres: Run = (settings) =>
  Effect.gen(function*() {
    for (const { rows, table } of yield* Standalone.moveToPostgres(settings)) {
      yield* Console.log(`${table}: ${rows} rows`)
    }
    yield* Console.log("move complete: the row counts of both databases match")
  })

const rotateKeys: Run = (settings, { flags }) =>
  Effect.gen(function*() {
    const check = flags.includes("--check")
    const report = yield* Standalone.rotateKeys(settings, { check })
    if (!check) yield* Console.log(`${report.resealed} secrets were encrypted again with the first key`)
    yield* Console.log(`${report.current} secrets have the first key already`)
    for (const [key, count] of Object.entries(report.remaining)) {
      yield* Console.log(`${count} secrets need the key ${key}`)
    }
    for (const { id, kind } of report.unreadable) yield* Console.log(`cannot be decrypted: ${kinds[kind]} ${id}`)
    for (const { id, kind } of report.busy) yield* Console.log(`changed again and again: ${kinds[kind]} ${id}`)
    if (KeyRotation.isComplete(report)) {
      return yield* Console.log("complete: no secret needs another key than the first")
    }
    return yield* new Standalone.StartFailure({
      message: check
        ? "not complete: run effect-postmark-server rotate-encryption-key"
        : "not complete: keep the other keys, and see above what needs them"
    })
  })

const kinds = {
  token: "the token of connection",
  webhookSecrets: "a webhook secret of connection",
  relayTarget: "a secret of relay target"
}

const migrate: Run = (settings) =>
  Effect.flatMap(
    Maintenance.migrate(settings),
    ({ database, tables }) => Console.log(`the tables on ${database} are up to date: migration ${tables}`)
  )

const backup: Run = (settings, { args: [file = ""] }) =>
  Effect.flatMap(Maintenance.backup(settings, file), ({ bytes, path }) =>
    Console.log(
      `${path} has ${bytes} bytes, and SQLite found no fault in it. Keep the encryption key as well: without it, the ` +
        "stored tokens and secrets cannot be read"
    ))

const keys: Run = (settings, { args }) =>
  args[0] === "--help" || args[0] === "-h" ? Console.log(KeysCommand.usage) : KeysCommand.run(settings, args)

const checkConfig: Run = (settings) =>
  Effect.gen(function*() {
    yield* Maintenance.check(settings)
    for (const [name, value] of Object.entries(Settings.describe(settings))) yield* Console.log(`${name}: ${value}`)
    yield* Console.log(`\nvariables: ${(yield* Settings.names).join(", ")}`)
    yield* Console.log("the settings are valid")
  })

const commands: { readonly [name in CommandLine.Name]: Run } = {
  serve,
  migrate,
  backup,
  "check-config": checkConfig,
  keys,
  "rotate-encryption-key": rotateKeys,
  "move-to-postgres": moveToPostgres
}

/** All that is wrong with the settings, at once. */
const settingsOf = (env: Surroundings["env"]) =>
  Effect.gen(function*() {
    const unknown = yield* Settings.unknownVariables(Object.keys(env))
    const read = yield* Effect.either(Settings.config)
    const exporting = yield* Effect.either(TelemetrySettings.config)
    const problems = [
      ...unknown.map(({ guess, name }) =>
        `${name}: unknown variable${guess === undefined ? "" : `, did you mean ${guess}?`}`
      ),
      ...[read, exporting].flatMap((one) => one._tag === "Left" ? [Settings.explain(one.left)] : [])
    ]
    return problems.length === 0 && read._tag === "Right"
      ? read.right
      : yield* new Standalone.StartFailure({ message: `invalid settings: ${problems.join("; ")}` })
  })

const explain = (failure: unknown): string => {
  if (failure instanceof Standalone.StartFailure || failure instanceof CommandFailure) return failure.message
  return ConfigError.isConfigError(failure) ? `invalid settings: ${Settings.explain(failure)}` : String(failure)
}

export const main = (command: Command, surroundings: Surroundings): void =>
  NodeRuntime.runMain(
    Effect.flatMap(settingsOf(surroundings.env), (settings) => commands[command.name](settings, command, surroundings))
      .pipe(
        Effect.tapErrorCause((cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : Console.error(explain(Cause.squash(cause)))
        ),
        Logger.withMinimumLogLevel(LogLevel.Info)
      ),
    { disableErrorReporting: true, disablePrettyLogger: true }
  )
