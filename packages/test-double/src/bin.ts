#!/usr/bin/env node
/**
 * `effect-postmark-double --port 4010`: the double as a program, for any language.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { parseArgs } from "node:util"
import { settingsProblem } from "./internal/control/tokenGuard.ts"
import { setupOf } from "./internal/engine/setup.ts"
import * as NodePostmarkDouble from "./NodePostmarkDouble.ts"
import * as PostmarkDouble from "./PostmarkDouble.ts"
import * as RetryLadder from "./RetryLadder.ts"
import * as Scenario from "./Scenario.ts"

const usage = `effect-postmark-double [options]

  --port <number>     listen on this port, 0 for a free one (4010)
  --host <address>    listen on this address (127.0.0.1)
  --smtp-port <number>  listen for SMTP on this port, 0 for a free one (off)
  --token <text>      set the token of the first server (${PostmarkDouble.demoServerToken})
  --account-token <text>  set the account token (${PostmarkDouble.demoAccountToken})
  --allow-real-looking-tokens  allow tokens that are UUIDs, as Postmark's own are
  --sender-verification  reject a From without a confirmed signature or verified domain
  --seed <text>       set the seed of ids and chance
  --ladder <name>     retry failed webhooks by this ladder: ${RetryLadder.names.join(", ")}
  --no-auto-deliver   deliver messages only through the control API
  --scenario <file>   load servers, scripts and faults from YAML or JSON; other options override it
  --time <text>       start the double's clock at this time, such as 2026-09-30T16:04:08Z
  --paused            start with the clock paused; the control API advances it
  --help              print this text
  --version           print the version
`

const readArguments = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string", default: "4010" },
        "smtp-port": { type: "string" },
        host: { type: "string", default: "127.0.0.1" },
        token: { type: "string" },
        "account-token": { type: "string" },
        "allow-real-looking-tokens": { type: "boolean" },
        "sender-verification": { type: "boolean" },
        seed: { type: "string" },
        ladder: { type: "string" },
        "no-auto-deliver": { type: "boolean" },
        scenario: { type: "string" },
        time: { type: "string" },
        paused: { type: "boolean" },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false }
      }
    }).values,
  catch: describeArguments
})

/** Describes the error in one line without any value, which may be a misplaced token. */
function describeArguments(error: unknown): string {
  if (!(error instanceof Error)) return "the arguments cannot be read"
  const [sentence = ""] = error.message.split(". ")
  return sentence.startsWith("Unexpected argument") ? "every argument is an option or its value" : sentence
}

// Found by package name, from wherever this file runs.
const version = Effect.sync(() => {
  const about: { readonly version: string } = createRequire(import.meta.url)(
    "@effect-postmark/test-double/package.json"
  )
  return about.version
})

/** Reads the options. Arguments override the scenario. */
const readOptions = Effect.fnUntraced(function*(values: Effect.Effect.Success<typeof readArguments>) {
  const { ladder, scenario, time, token } = values
  const retryLadder = RetryLadder.names.find((name) => name === ladder)
  if (ladder !== undefined && retryLadder === undefined) {
    return yield* Effect.fail(`--ladder is one of ${RetryLadder.names.join(", ")}`)
  }
  if (time !== undefined && Number.isNaN(Date.parse(time))) {
    return yield* Effect.fail("--time is a time such as 2026-09-30T16:04:08Z")
  }
  const options: PostmarkDouble.Options = {
    ...(scenario === undefined ? {} : yield* readScenario(scenario)),
    ...(token === undefined ? {} : { servers: [{ token, name: "Demo" }] }),
    ...(values["account-token"] === undefined ? {} : { accountToken: values["account-token"] }),
    ...(values["allow-real-looking-tokens"] === true ? { allowRealLookingTokens: true } : {}),
    ...(values["sender-verification"] === true ? { senderVerification: true } : {}),
    ...(values["no-auto-deliver"] === true ? { autoDeliver: false } : {}),
    ...(values.paused === true ? { paused: true } : {}),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    ...(retryLadder === undefined ? {} : { retryLadder }),
    ...(time === undefined ? {} : { startTime: new Date(time) })
  }
  return options
})

const readScenario = (file: string) =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: () => `--scenario: the file ${file} cannot be read`
  }).pipe(
    Effect.flatMap((text) =>
      Effect.mapError(Scenario.parse(text), ({ message }) => `--scenario: ${message.replaceAll("\n", "; ")}`)
    )
  )

const readPort = (name: string, text: string) =>
  /^\d+$/.test(text) && Number(text) <= 65_535
    ? Effect.succeed(Number(text))
    : Effect.fail(`${name} is a number from 0 to 65535`)

const program = Effect.gen(function*() {
  const values = yield* readArguments
  if (values.help) return yield* Console.log(usage)
  if (values.version) return yield* Console.log(yield* version)
  const port = yield* readPort("--port", values.port)
  const smtpPort = values["smtp-port"] === undefined ? undefined : yield* readPort("--smtp-port", values["smtp-port"])
  const options = yield* readOptions(values)
  const problem = settingsProblem(setupOf(options))
  if (problem !== undefined) return yield* Effect.fail(problem.message)
  const double = PostmarkDouble.layer(options)
  const { accountToken = PostmarkDouble.demoAccountToken, servers = [] } = options
  // A token that may be real is not printed.
  const shown = (tokens: ReadonlyArray<string>) =>
    options.allowRealLookingTokens === true ? "as given" : tokens.join(", ")
  const tokens = servers.length === 0 ? [PostmarkDouble.demoServerToken] : servers.map(({ token }) => token)
  const announce = Layer.effectDiscard(Effect.flatMap(
    NodePostmarkDouble.NodePostmarkDouble,
    ({ smtp, url }) =>
      Console.log(
        `Postmark double on ${url}\nserver token:  ${shown(tokens)}\naccount token: ${shown([accountToken])}\n` +
          `page:          ${url}/\n${smtp === undefined ? "" : `SMTP:          ${smtp.host}:${smtp.port}\n`}` +
          `control API:   ${url}/_double/messages`
      )
  ))
  return yield* announce.pipe(
    Layer.provide(NodePostmarkDouble.layerServer({
      port,
      host: values.host,
      ...(smtpPort === undefined ? {} : { smtp: { port: smtpPort } })
    })),
    Layer.catchAll(({ cause }) =>
      Layer.fail(`cannot listen on ${values.host}, port ${portOf(cause) ?? port}: ${describeListening(cause)}`)
    ),
    Layer.provide(double),
    Layer.launch
  )
})

NodeRuntime.runMain(
  program.pipe(
    Effect.catchAll((error) =>
      Effect.zipRight(Console.error(`effect-postmark-double: ${error} (see --help)`), Effect.fail("stopped"))
    ),
    // A defect of this program is printed in full.
    Effect.tapDefect((cause) => Console.error(Cause.pretty(cause)))
  ),
  { disableErrorReporting: true }
)

function describeListening(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown trouble"
  return "code" in cause && cause.code === "EADDRINUSE" ? "the port is taken" : cause.message
}

function portOf(cause: unknown): unknown {
  return typeof cause === "object" && cause !== null && "port" in cause ? cause.port : undefined
}
