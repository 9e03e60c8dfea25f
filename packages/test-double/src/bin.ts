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
import { parseArgs } from "node:util"
import * as NodePostmarkDouble from "./NodePostmarkDouble.ts"
import * as PostmarkDouble from "./PostmarkDouble.ts"
import * as RetryLadder from "./RetryLadder.ts"

const usage = `effect-postmark-double [options]

  --port <number>     port to listen on, 0 for any free one (4010)
  --host <address>    address to listen on (127.0.0.1)
  --token <text>      server token that opens the first server (${PostmarkDouble.demoServerToken})
  --account-token <text>  account token (${PostmarkDouble.demoAccountToken})
  --seed <text>       seed of all ids
  --ladder <name>     when failed webhooks are posted again: ${RetryLadder.names.join(", ")}
  --no-auto-deliver   messages wait until they are delivered through the control API
  --help              this text
`

const readArguments = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string", default: "4010" },
        host: { type: "string", default: "127.0.0.1" },
        token: { type: "string", default: PostmarkDouble.demoServerToken },
        "account-token": { type: "string", default: PostmarkDouble.demoAccountToken },
        seed: { type: "string" },
        ladder: { type: "string", default: "2026-9" },
        "no-auto-deliver": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false }
      }
    }).values,
  catch: (error) => error instanceof Error ? error.message : String(error)
})

const program = Effect.gen(function*() {
  const values = yield* readArguments
  if (values.help) return yield* Console.log(usage)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return yield* Effect.fail("--port is a number from 0 to 65535")
  }
  const ladder = RetryLadder.names.find((name) => name === values.ladder)
  if (ladder === undefined) return yield* Effect.fail(`--ladder is one of ${RetryLadder.names.join(", ")}`)
  const double = PostmarkDouble.layer({
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
    Layer.provide(double),
    Layer.launch
  )
})

NodeRuntime.runMain(
  program.pipe(
    Effect.catchAll((error) =>
      Console.error(typeof error === "string" ? `${error}\n\n${usage}` : `cannot listen: ${describe(error.cause)}`)
        .pipe(
          Effect.zipRight(Effect.fail("stopped"))
        )
    )
  ),
  { disableErrorReporting: true }
)

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
