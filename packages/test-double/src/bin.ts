#!/usr/bin/env node
/**
 * `effect-postmark-double --port 4010`: the double as a program, for any language.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createRequire } from "node:module"
import { parseArgs } from "node:util"
import { makeTokenGuard } from "./internal/tokenGuard.ts"
import * as NodePostmarkDouble from "./NodePostmarkDouble.ts"
import * as PostmarkDouble from "./PostmarkDouble.ts"
import * as RetryLadder from "./RetryLadder.ts"

const usage = `effect-postmark-double [options]

  --port <number>     port to listen on, 0 for any free one (4010)
  --host <address>    address to listen on (127.0.0.1)
  --token <text>      server token that opens the first server (${PostmarkDouble.demoServerToken})
  --account-token <text>  account token (${PostmarkDouble.demoAccountToken})
  --allow-real-looking-tokens  take tokens that are UUIDs, as Postmark's own are
  --seed <text>       seed of all ids
  --ladder <name>     when failed webhooks are posted again: ${RetryLadder.names.join(", ")}
  --no-auto-deliver   messages wait until they are delivered through the control API
  --help              this text
  --version           the version of the package
`

const readArguments = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string", default: "4010" },
        host: { type: "string", default: "127.0.0.1" },
        token: { type: "string", default: PostmarkDouble.demoServerToken },
        "account-token": { type: "string", default: PostmarkDouble.demoAccountToken },
        "allow-real-looking-tokens": { type: "boolean", default: false },
        seed: { type: "string" },
        ladder: { type: "string", default: "2026-9" },
        "no-auto-deliver": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false }
      }
    }).values,
  catch: describeArguments
})

/** One line, in which no value stands: it may be a token in the wrong place. */
function describeArguments(error: unknown): string {
  if (!(error instanceof Error)) return "the arguments cannot be read"
  const [sentence = ""] = error.message.split(". ")
  return sentence.startsWith("Unexpected argument") ? "every argument is an option or its value" : sentence
}

// Of this package, from wherever this file is run.
const version = Effect.sync(() => {
  const about: { readonly version: string } = createRequire(import.meta.url)(
    "@effect-postmark/test-double/package.json"
  )
  return about.version
})

const program = Effect.gen(function*() {
  const values = yield* readArguments
  if (values.help) return yield* Console.log(usage)
  if (values.version) return yield* Console.log(yield* version)
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    return yield* Effect.fail("--port is a number from 0 to 65535")
  }
  const ladder = RetryLadder.names.find((name) => name === values.ladder)
  if (ladder === undefined) return yield* Effect.fail(`--ladder is one of ${RetryLadder.names.join(", ")}`)
  const allowRealLookingTokens = values["allow-real-looking-tokens"]
  const guard = makeTokenGuard(allowRealLookingTokens)
  const problem = guard.problem("--token", values.token) ?? guard.problem("--account-token", values["account-token"])
  if (problem !== undefined) return yield* Effect.fail(problem.message)
  const double = PostmarkDouble.layer({
    allowRealLookingTokens,
    servers: [{ token: values.token, name: "Demo" }],
    accountToken: values["account-token"],
    retryLadder: ladder,
    autoDeliver: !values["no-auto-deliver"],
    ...(values.seed === undefined ? {} : { seed: values.seed })
  })
  const announce = Layer.effectDiscard(Effect.flatMap(
    NodePostmarkDouble.NodePostmarkDouble,
    ({ url }) =>
      Console.log(
        `Postmark double on ${url}\nserver token:  ${values.token}\naccount token: ${values["account-token"]}\n` +
          `page:          ${url}/\ncontrol API:   ${url}/_double/messages`
      )
  ))
  return yield* announce.pipe(
    Layer.provide(NodePostmarkDouble.layerServer({ port, host: values.host })),
    Layer.catchAll(({ cause }) =>
      Layer.fail(`cannot listen on ${values.host}, port ${port}: ${describeListening(cause)}`)
    ),
    Layer.provide(double),
    Layer.launch
  )
})

NodeRuntime.runMain(
  program.pipe(
    Effect.catchAll((error) =>
      Effect.zipRight(Console.error(`effect-postmark-double: ${error} (see --help)`), Effect.fail("stopped"))
    )
  ),
  { disableErrorReporting: true }
)

function describeListening(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown trouble"
  return "code" in cause && cause.code === "EADDRINUSE" ? "the port is taken" : cause.message
}
