/** A workflow on another system: it receives relayed events over HTTP, verifies them, and can be made to fail. */
import { Effect } from "effect"
import { createServer } from "node:http"
import { Webhook } from "standardwebhooks"

export interface Received {
  readonly id: string
  readonly isVerified: boolean
  /** The status that it answered. */
  readonly status: number
}

export const start = Effect.gen(function*() {
  const received: Array<Received> = []
  const state: { secret: string; statuses: ReadonlyArray<number> } = { secret: "", statuses: [] }
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      let isVerified = true
      try {
        new Webhook(state.secret).verify(body, headers)
      } catch {
        isVerified = false
      }
      const [status = 204, ...later] = state.statuses
      state.statuses = later
      received.push({ id: headers["webhook-id"] ?? "", isVerified, status })
      response.writeHead(isVerified ? status : 401).end()
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
    url: `http://127.0.0.1:${port}/bounces`,
    received: Effect.sync(() => [...received]),
    useSecret: (secret: string) => Effect.sync(() => (state.secret = secret)),
    /** Answers the next requests with these statuses, and 204 after them. */
    answer: (...statuses: ReadonlyArray<number>) => Effect.sync(() => (state.statuses = statuses))
  }
})

export type Workflow = Effect.Effect.Success<typeof start>
