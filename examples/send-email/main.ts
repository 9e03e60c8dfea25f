/**
 * Sends one email.
 *
 * It talks to the double, which never sends email. To send for real: `--live`, with POSTMARK_SERVER_TOKEN, POSTMARK_FROM
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

    // A failure is a value: it names the fields, and says whether Postmark may have sent the message.
    const failure = yield* Effect.flip(postmark.sendEmail({ from, to: [], subject: "Nobody", textBody: "…" }))
    yield* Console.log(`${failure._tag} (${failure.disposition}): ${failure.message}`)
  })

const double = PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }).pipe(
  Layer.provide(PostmarkDouble.layerHttpClient),
  Layer.provide(PostmarkDouble.layer())
)

const postmark = PostmarkClient.layerConfig({ serverToken: Config.redacted("POSTMARK_SERVER_TOKEN") }).pipe(
  Layer.provide(NodeHttpClient.layerUndici)
)

const live = Effect.gen(function*() {
  const from = yield* Config.string("POSTMARK_FROM")
  const to = yield* Config.string("POSTMARK_TO")
  yield* sendWelcome(from, to)
})

NodeRuntime.runMain(
  process.argv.includes("--live")
    ? Effect.provide(live, postmark)
    : Effect.provide(sendWelcome("shop@example.org", "Ann <ann@example.com>"), double)
)
