import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Effect } from "effect"
import { Agent, type IncomingHttpHeaders, request } from "node:http"

export interface RawAnswer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** Whether the connection held until the declared end. */
  readonly complete: boolean
}

export interface RawOptions {
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: object
  readonly agent?: Agent
}

/** A request by `node:http`, which leaves headers and bytes alone. It fails when the connection breaks. */
export const ask = (path: string, options: RawOptions = {}) =>
  Effect.flatMap(NodePostmarkDouble.NodePostmarkDouble, ({ port }) =>
    Effect.async<RawAnswer, Error>((resume) => {
      const sent = request({
        port,
        path,
        host: "127.0.0.1",
        method: options.method ?? "GET",
        agent: options.agent ?? new Agent(),
        headers: {
          "content-type": "application/json",
          "x-postmark-server-token": PostmarkDouble.demoServerToken,
          ...options.headers
        }
      }, (answer) => {
        const chunks: Array<Buffer> = []
        answer.on("data", (chunk: Buffer) => chunks.push(chunk))
        answer.on("error", () => undefined)
        answer.on("close", () => {
          resume(Effect.succeed({
            status: answer.statusCode,
            headers: answer.headers,
            bytes: Buffer.concat(chunks),
            complete: answer.complete
          }))
        })
      })
      sent.on("error", (error) => resume(Effect.fail(error)))
      sent.end(options.body === undefined ? undefined : JSON.stringify(options.body))
      return Effect.sync(() => sent.destroy())
    }))
