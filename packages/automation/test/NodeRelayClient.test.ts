import { NodeRelayClient, RelayClient } from "@effect-postmark/automation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { createServer, type RequestListener, type Server } from "node:http"

/** A server on a port of its own, with what it was asked. */
const server = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly requests: Array<string>; readonly running: Server }>((resume) => {
      const requests: Array<string> = []
      const running = createServer((request, response) => {
        requests.push(`${request.method} ${request.headers.host} ${request.url}`)
        listener(request, response)
      })
      running.listen(0, "127.0.0.1", () => {
        const address = running.address()
        if (typeof address === "object" && address !== null) {
          resume(Effect.succeed({ port: address.port, requests, running }))
        }
      })
    }),
    ({ running }) => Effect.sync(() => (running.closeAllConnections(), running.close()))
  )

const post = (options: NodeRelayClient.Options, url: string, timeout = "15 seconds" as const) =>
  Effect.flatMap(
    NodeRelayClient.make(options),
    (client) => client.post({ url, headers: { "content-type": "application/json" }, body: "{}" })
  ).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new RelayClient.RelayFailure({ reason: "timeout" })
    }),
    Effect.either
  )

const reason = Either.match({
  onLeft: (failure: RelayClient.RelayFailure) => failure.reason,
  onRight: ({ status }: RelayClient.Answer) => `${status}`
})

describe("NodeRelayClient", () => {
  it.scopedLive("answers status, Retry-After and body", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server((_, response) =>
        response.writeHead(429, { "retry-after": "7" }).end("slow down")
      )
      const answer = yield* Effect.flatten(
        post({ hosts: ["127.0.0.1"], ports: [port] }, `http://127.0.0.1:${port}/hook?a=1`)
      )
      assert.deepStrictEqual([answer.status, answer.retryAfter, new TextDecoder().decode(answer.body)], [
        429,
        "7",
        "slow down"
      ])
      assert.deepStrictEqual(requests, [`POST 127.0.0.1:${port} /hook?a=1`])
    }))

  it.scopedLive("reaches no literal loopback address in any spelling", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server((_, response) => response.end())
      for (
        const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1.", "localhost"]
      ) {
        assert.strictEqual(reason(yield* post({ ports: [port] }, `http://${host}:${port}/`)), "blocked_address", host)
      }
      assert.deepStrictEqual(requests, [])
    }))

  it.scopedLive("reaches no name of which any address is private", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server((_, response) => response.end())
      for (
        const addresses of [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]]
      ) {
        const lookup = () =>
          Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })))
        const answer = yield* post({ ports: [port], lookup }, `http://rebind.example:${port}/`)
        assert.strictEqual(reason(answer), "blocked_address")
      }
      assert.deepStrictEqual(requests, [])
    }))

  it.scopedLive("looks again for each connection, when the name moves to a private address between tries", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server((_, response) => response.setHeader("connection", "close").end())
      let calls = 0
      const addresses = ["127.0.0.1", "127.0.0.2"]
      const client = yield* NodeRelayClient.make({
        ports: [port],
        hosts: ["127.0.0.1"],
        lookup: () => Promise.resolve([{ address: addresses[calls++] ?? "", family: 4 }])
      })
      const once = Effect.either(client.post({ url: `http://moves.example:${port}/`, headers: {}, body: "" }))
      assert.strictEqual(reason(yield* once), "200")
      assert.strictEqual(reason(yield* once), "blocked_address")
      assert.deepStrictEqual(requests, [`POST moves.example:${port} /`])
    }))

  it.scopedLive("follows no redirect", () =>
    Effect.gen(function*() {
      for (const status of [301, 302, 303, 307, 308]) {
        const { port, requests } = yield* server((_, response) =>
          response.writeHead(status, { location: "http://169.254.169.254/latest/meta-data" }).end()
        )
        const answer = yield* post({ hosts: ["127.0.0.1"], ports: [port] }, `http://127.0.0.1:${port}/`)
        assert.strictEqual(reason(answer), `${status}`)
        assert.lengthOf(requests, 1)
      }
    }))

  it.scopedLive("reads 64 KiB of an answer of 1 GB and closes the connection", () =>
    Effect.gen(function*() {
      let written = 0
      let closed: () => void = () => {}
      const close = new Promise<void>((resolve) => (closed = resolve))
      const { port } = yield* server((_, response) => {
        response.writeHead(200, { "content-length": String(2 ** 30) })
        const chunk = Buffer.alloc(65_536)
        const more = () => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length
        }
        response.on("drain", more)
        response.on("close", closed)
        more()
      })
      const answer = yield* Effect.flatten(post({ hosts: ["127.0.0.1"], ports: [port] }, `http://127.0.0.1:${port}/`))
      assert.strictEqual(answer.body.length, 65_536)
      yield* Effect.promise(() => close)
      assert.isBelow(written, 2 ** 26)
    }))

  it.scopedLive("ends at the time-out when the target never answers, or sends a byte at a time", () =>
    Effect.gen(function*() {
      const silent = yield* server(() => {})
      const dripping = yield* server((_, response) => {
        const timer = setInterval(() => response.write("x"), 20)
        response.on("close", () => clearInterval(timer))
      })
      for (const { port } of [silent, dripping]) {
        const client = yield* NodeRelayClient.make({ hosts: ["127.0.0.1"], ports: [port] })
        const answer = yield* client.post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: "" }).pipe(
          Effect.timeoutOption("300 millis")
        )
        assert.strictEqual(answer._tag, "None")
      }
    }))

  it.scopedLive("says what went wrong with the transport", () =>
    Effect.gen(function*() {
      const { port, running } = yield* server(() => {})
      running.close()
      const options = { hosts: ["127.0.0.1"], ports: [port] }
      assert.strictEqual(reason(yield* post(options, `http://127.0.0.1:${port}/`)), "ECONNREFUSED")
      const lookup = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }))
      assert.strictEqual(reason(yield* post({ lookup }, "http://nowhere.example/")), "ENOTFOUND")
      const reset = yield* server((request) => request.socket.destroy())
      assert.include(
        ["UND_ERR_SOCKET", "ECONNRESET"],
        reason(yield* post({ hosts: ["127.0.0.1"], ports: [reset.port] }, `http://127.0.0.1:${reset.port}/`))
      )
    }))
})
