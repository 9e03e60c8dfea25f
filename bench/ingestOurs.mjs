/** Our server as it is published, with a double as Postmark, and one connection that has a webhook secret. */
import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Context, Effect, Layer, Logger, LogLevel, Option, Redacted } from "effect"

const [dataDir, secret, connections = "1", postmarkUrl] = process.argv.slice(2)
const apiKey = "an-admin-key-for-the-benchmark"

const main = Effect.gen(function*() {
  const names = Array.from({ length: Number(connections) }, (_, index) => `server-token-${index}`)
  const doubleUrl = postmarkUrl ?? (yield* NodePostmarkDouble.make({ port: 0 }).pipe(
    Effect.provideServiceEffect(
      PostmarkDouble.PostmarkDouble,
      PostmarkDouble.make({ servers: names.map((token, index) => ({ id: index + 1, token, name: token })) })
    )
  )).url
  const context = yield* Layer.build(
    Standalone.layer(Settings.make({
      port: 0,
      dataDir,
      apiKey: Option.some(Redacted.make(apiKey)),
      postmarkApiUrl: Option.some(doubleUrl)
    }))
  )
  const { url } = Context.get(context, Standalone.Standalone)
  const call = (path, body) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response.json()
    })
  const ids = []
  for (const serverToken of names) {
    const { id } = yield* call("/v1/connections", { name: serverToken, serverToken })
    yield* call(`/v1/connections/${id}/triggers`, { trigger: "postmark/email-delivered", secret })
    ids.push(id)
  }
  process.on("message", () => {
    globalThis.gc?.()
    process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss })
  })
  process.on("disconnect", () => process.exit())
  process.send({ port: Number(new URL(url).port), ids, apiKey })
  return yield* Effect.never
})

Effect.runFork(
  main.pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.Info), Effect.tapErrorCause(Effect.logError))
)
