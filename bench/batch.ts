/**
 * 100,000 messages in batches of 500: `sendEmailStream` against a loop written by hand around the official client's
 * `sendEmailBatch`. Each variant runs in a process of its own, so that each has its own peak of memory.
 */
import { DispatcherHttpClient, PostmarkClient } from "@effect-postmark/core"
import { Effect, Redacted, Stream } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { ServerClient } from "postmark"
import { Agent } from "undici"

const batch = 500
const rounds = 3

const htmlBody = "<p>Thank you for your order.</p>".repeat(20)
const textBody = "Thank you for your order. ".repeat(20)

const officialLoop = async (port: string, messages: number) => {
  const client = new ServerClient("token", { requestHost: `127.0.0.1:${port}`, useHttps: false })
  let accepted = 0
  for (let first = 0; first < messages; first += batch) {
    const chunk = Array.from({ length: batch }, (_, place) => ({
      From: "shop@example.org",
      To: "ann@example.com",
      Subject: "Your receipt",
      HtmlBody: htmlBody,
      TextBody: textBody,
      Metadata: { order: String(first + place) }
    }))
    for (const { ErrorCode } of await client.sendEmailBatch(chunk)) if (ErrorCode === 0) accepted++
  }
  return accepted
}

const oursStream = (concurrency: number) => (port: string, messages: number) =>
  Effect.gen(function*() {
    const client = yield* PostmarkClient.make({
      serverToken: Redacted.make("token"),
      apiUrl: `http://127.0.0.1:${port}`
    })
    const emails = Stream.map(Stream.range(0, messages - 1), (order) => ({
      from: "shop@example.org",
      to: "ann@example.com",
      subject: "Your receipt",
      htmlBody,
      textBody,
      metadata: { order: String(order) }
    }))
    return yield* client.sendEmailStream(emails, { concurrency }).pipe(
      Stream.runFold(0, (accepted, { outcome }) => outcome._tag === "Accepted" ? accepted + 1 : accepted)
    )
  }).pipe(Effect.provide(DispatcherHttpClient.layer(new Agent())), Effect.runPromise)

const variants: Readonly<Record<string, (port: string, messages: number) => Promise<number>>> = {
  "official, a loop": officialLoop,
  "ours, 1 at a time": oursStream(1),
  "ours, 4 at a time": oursStream(4)
}

const [name = "", port = "", count = "100000"] = process.argv.slice(2)
const variant = variants[name]

if (variant !== undefined) {
  const messages = Number(count)
  const before = process.memoryUsage.rss()
  const started = performance.now()
  const accepted = await variant(port, messages)
  const seconds = (performance.now() - started) / 1_000
  if (accepted !== messages) throw new Error(`${accepted} of ${messages} messages were accepted`)
  const result = [messages / seconds, process.resourceUsage().maxRSS / 1_024, before / 1_024 ** 2]
  process.send?.(result, undefined, {}, () => process.exit())
} else {
  const messages = Math.ceil(Number(process.argv[2] ?? 100_000) / batch) * batch
  const server = fork(fileURLToPath(new URL("server.mjs", import.meta.url)))
  const [serverPort] = await once(server, "message")
  const answerOf = async (child: ChildProcess): Promise<ReadonlyArray<number>> => {
    const [numbers] = await once(child, "message")
    return Array.isArray(numbers) ? numbers.map(Number) : []
  }
  const measured = new Map(Object.keys(variants).map((key) => [key, new Array<ReadonlyArray<number>>()]))
  for (let round = 0; round < rounds; round++) {
    for (const [key, results] of measured) {
      const child = fork(fileURLToPath(import.meta.url), [key, String(serverPort), String(messages)])
      results.push(await answerOf(child))
    }
  }
  const median = (results: ReadonlyArray<ReadonlyArray<number>>, column: number) =>
    results.map((result) => result[column] ?? NaN).sort((a, b) => a - b)[Math.floor(results.length / 2)] ?? NaN
  const base = median(measured.get("official, a loop") ?? [], 0)
  console.log(`${messages} messages in batches of ${batch}; the median of ${rounds} rounds, each in a new process`)
  for (const [key, results] of measured) {
    const rate = median(results, 0)
    console.log(
      `${key.padEnd(18)} ${rate.toFixed(0).padStart(6)} messages/s (${(rate / base).toFixed(2)}x)` +
        `   peak RSS ${median(results, 1).toFixed(0).padStart(4)} MB (${median(results, 2).toFixed(0)} MB before it)`
    )
  }
  server.kill()
}
