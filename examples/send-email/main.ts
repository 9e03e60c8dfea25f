/**
 * Sends one email.
 *
 * It talks to the double, which never sends mail. To send for real: `--live`, with POSTMARK_SERVER_TOKEN, POSTMARK_FROM
 * and POSTMARK_TO set.
 */
import { PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Effect, Layer, Redacted } from "effect"

const sendWelcome = (from: string, to: string) =>
  Effect.gen(function*() {
    const postmark = yield* PostmarkClient.PostmarkClient
    const receipt = yield* postmark.sendEmail({
      from,
      to,
      subject: "Welcome",
      htmlBody: "<p>Welcome aboard.</p>",
      textBody: "Welcome aboard.",
      tag: "welcome",
      trackOpens: true,
      metadata: { customer: "991" }
    })
    yield* Console.log(`Postmark took message ${receipt.messageId}: ${receipt.message}`)

    // What went wrong is a value: which fields, and whether the mail may have gone out all the same.
    const failure = yield* Effect.flip(postmark.sendEmail({ from, to: [], subject: "Nobody", textBody: "…" }))
    yield* Console.log(`${failure._tag} (${failure.disposition}): ${failure.message}`)
  })

const withDouble = sendWelcome("shop@example.org", "Ann <ann@example.com>").pipe(
  Effect.provide(PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) })),
  Effect.provide(Layer.provide(PostmarkDouble.layerHttpClient, PostmarkDouble.layer()))
)

const live = Effect.flatMap(
  Config.all([Config.string("POSTMARK_FROM"), Config.string("POSTMARK_TO")]),
  ([from, to]) => sendWelcome(from, to)
).pipe(
  Effect.provide(PostmarkClient.layerConfig({ serverToken: Config.redacted("POSTMARK_SERVER_TOKEN") })),
  Effect.provide(NodeHttpClient.layerUndici)
)

NodeRuntime.runMain(process.argv.includes("--live") ? live : withDouble)
