/**
 * One program, many clients: each has its own Postmark server and token. The program checks a token when it arrives,
 * rotates it without a restart, and revokes it at once.
 *
 * Everything is in memory, and the double stands in for Postmark.
 */
import { Connections, ConnectionStore, Digest, SubscriptionStore, Vault } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted } from "effect"

const program = Effect.gen(function*() {
  const connections = yield* Connections.Connections
  const double = yield* PostmarkDouble.PostmarkDouble

  const send = (connectionId: string) =>
    Effect.gen(function*() {
      const postmark = yield* connections.client(connectionId)
      const { messageId } = yield* postmark.sendEmail({
        from: "hello@example.org",
        to: "ann@example.com",
        subject: "Hello",
        textBody: "Hello."
      })
      const { name } = yield* postmark.server.get
      yield* Console.log(`sent ${messageId} through ${name}`)
    })

  const acme = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-token") })
  const globex = yield* connections.connect({ name: "Globex", serverToken: Redacted.make("globex-token") })
  yield* Effect.forEach([acme.id, globex.id], send)

  const mistaken = yield* Effect.flip(connections.rotate(acme.id, Redacted.make("globex-token")))
  yield* Console.log(`rotating Acme to Globex' token: ${mistaken.message}`)

  const again = yield* Effect.flip(connections.connect({ name: "Acme 2", serverToken: Redacted.make("acme-token") }))
  yield* Console.log(`connecting Acme twice: ${again.message}`)

  yield* connections.revoke(globex.id)
  const refused = yield* Effect.flip(send(globex.id))
  yield* Console.log(`sending for Globex once revoked: ${refused._tag}`)

  for (const { fingerprint, name, state } of yield* connections.list) {
    yield* Console.log(`${name}: ${state}, token ${fingerprint}`)
  }
  yield* Console.log(`the double took ${(yield* double.sent).length} messages`)
})

const services = Connections.layer().pipe(
  Layer.provide([
    ConnectionStore.layerMemory,
    SubscriptionStore.layerMemory,
    Vault.layerEphemeral,
    Digest.layer,
    PostmarkDouble.layerHttpClient
  ]),
  Layer.provideMerge(PostmarkDouble.layer({
    servers: [
      { token: "acme-token", name: "Acme", id: 1 },
      { token: "globex-token", name: "Globex", id: 2 }
    ]
  }))
)

NodeRuntime.runMain(Effect.provide(program, services))
