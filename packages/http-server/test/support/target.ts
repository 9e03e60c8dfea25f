/** A workflow's URL, which keeps what it receives. */
import { Effect } from "effect"
import { createServer } from "node:http"

export interface Received {
  readonly headers: Record<string, string>
  readonly body: string
}

export const target = Effect.gen(function*() {
  const received: Array<Received> = []
  const listeners = new Set<() => void>()
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      received.push({
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body
      })
      response.writeHead(204).end()
      for (const listener of listeners) listener()
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    port,
    url: `http://127.0.0.1:${port}/events`,
    /** Waits until this many requests have come. */
    received: (count: number) =>
      Effect.async<ReadonlyArray<Received>>((resume) => {
        const look = () => {
          if (received.length < count) return
          listeners.delete(look)
          resume(Effect.succeed(received.slice()))
        }
        listeners.add(look)
        look()
        return Effect.sync(() => listeners.delete(look))
      })
  }
})
