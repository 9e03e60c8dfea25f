/**
 * One send: CPU and wall time per call, ours against the official client, against the same plain server in a process of
 * its own. The variants take turns, so that a slow minute of the machine hits all of them; ratios are what counts.
 */
import { DispatcherHttpClient, PostmarkClient } from "@effect-postmark/core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, ManagedRuntime, Redacted } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { ServerClient } from "postmark"
import { Agent } from "undici"

const calls = Number(process.argv[2] ?? 2_000)
const rounds = 5
const concurrency = 50

const server = fork(fileURLToPath(new URL("server.mjs", import.meta.url)))
const [port] = await once(server, "message")
const apiUrl = `http://127.0.0.1:${port}`

const htmlBody = "<p>Thank you for your order.</p>".repeat(20)
const textBody = "Thank you for your order. ".repeat(20)

const official = new ServerClient("token", { requestHost: `127.0.0.1:${port}`, useHttps: false })
const sendOfficial = () =>
  official.sendEmail({
    From: "shop@example.org",
    To: "ann@example.com",
    Subject: "Your receipt",
    HtmlBody: htmlBody,
    TextBody: textBody,
    Metadata: { order: "991" }
  })

const runtime = ManagedRuntime.make(NodeHttpClient.layerUndici)
const message = {
  from: "shop@example.org",
  to: "ann@example.com",
  subject: "Your receipt",
  htmlBody,
  textBody,
  metadata: { order: "991" }
}
const options = { serverToken: Redacted.make("token"), apiUrl }
const general = await runtime.runPromise(PostmarkClient.make(options))
const agent = new Agent()
const direct = await Effect.runPromise(
  Effect.provide(PostmarkClient.make(options), DispatcherHttpClient.layer(agent))
)

const officialClient = async () => {
  let left = calls
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (left-- > 0) await sendOfficial()
  }))
}
const many = (client: PostmarkClient.Service) =>
  Effect.forEach(Array.from({ length: calls }), () => client.sendEmail(message), { concurrency, discard: true })

/** The least that Node can do: a dispatcher that is handed the bytes. */
const bytes = new TextEncoder().encode(JSON.stringify({
  From: message.from,
  To: message.to,
  Subject: message.subject,
  HtmlBody: htmlBody,
  TextBody: textBody,
  Metadata: { order: "991" }
}))
const bare = async () => {
  let left = calls
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (left-- > 0) {
      const { body } = await agent.request({
        origin: apiUrl,
        path: "/email",
        method: "POST",
        headers: { "x-postmark-server-token": "token", "content-type": "application/json" },
        body: bytes
      })
      await body.json()
    }
  }))
}

const variants: Readonly<Record<string, () => Promise<void>>> = {
  "official client": officialClient,
  "undici, bytes only": bare,
  "ours, any client": () => runtime.runPromise(many(general)),
  "ours, dispatcher": () => Effect.runPromise(many(direct)),
  "ours, tracer off": () => Effect.runPromise(Effect.withTracerEnabled(many(direct), false))
}

const measured = new Map(
  Object.keys(variants).map((name) => [name, { cpu: [] as Array<number>, wall: [] as Array<number> }])
)
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of Object.entries(variants)) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    await run()
    const wall = ((performance.now() - started) * 1_000) / calls
    const { system, user } = process.cpuUsage(cpu)
    // The first round warms up.
    if (round > 0) {
      measured.get(name)?.cpu.push((user + system) / calls)
      measured.get(name)?.wall.push(wall)
    }
  }
}

const median = (numbers: ReadonlyArray<number>) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

const base = measured.get("official client")
console.log(`${calls} sends a round, ${concurrency} at a time; the median of ${rounds} rounds, in µs per send`)
for (const [name, { cpu, wall }] of measured) {
  console.log(
    `${name.padEnd(18)} cpu ${median(cpu).toFixed(0).padStart(5)} (${
      (median(cpu) / median(base?.cpu ?? [])).toFixed(2)
    }x)` +
      `   wall ${median(wall).toFixed(0).padStart(5)} (${(median(wall) / median(base?.wall ?? [])).toFixed(2)}x)`
  )
}

await agent.close()
await runtime.dispose()
server.kill()
