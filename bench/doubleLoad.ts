/** Sends to a port of this machine as fast as it answers, over connections that are kept; tells its parent the rate. */
import { Agent, request } from "node:http"

export const headers = {
  "accept": "application/json",
  "content-type": "application/json",
  "x-postmark-server-token": "double-demo-server-token"
}

export const body = JSON.stringify({
  From: "shop@example.org",
  To: "ann@example.com",
  Subject: "Your receipt",
  HtmlBody: "<p>Thank you for your order.</p>".repeat(20),
  TextBody: "Thank you for your order. ".repeat(20),
  Metadata: { order: "991" }
})

const concurrency = 32

const run = async (port: number, sends: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const post = {
    agent,
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/email",
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) }
  }
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(post, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`))
        answer.resume()
        answer.on("end", () => resolve())
      })
      sent.on("error", reject)
      sent.end(body)
    })
  const many = async (count: number) => {
    let left = count
    await Promise.all(Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await send()
    }))
  }
  await many(1_000)
  const started = performance.now()
  await many(sends)
  return (sends * 1_000) / (performance.now() - started)
}

const [port, sends] = process.argv.slice(2).map(Number)
if (process.send !== undefined && port !== undefined && sends !== undefined) process.send(await run(port, sends))
