/** Sends raw bytes over a socket, which no HTTP client would send. */
import { Effect } from "effect"
import { connect } from "node:net"

/** Writes the bytes and returns everything that the other side sends until it closes. */
export const raw = (url: string, lines: ReadonlyArray<string>, body = "") =>
  Effect.async<string>((resume) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let response = ""
    socket.on("data", (chunk: Buffer) => {
      response += chunk.toString("utf8")
    })
    socket.on("close", () => resume(Effect.succeed(response)))
    socket.on("error", () => {})
    const isChunked = lines.some((line) => line.startsWith("Transfer-Encoding"))
    const length = isChunked ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
    socket.write(`${[...lines, "Host: localhost", "Connection: close", ...length].join("\r\n")}\r\n\r\n${body}`)
    return Effect.sync(() => socket.destroy())
  })

export const statusOf = (response: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1])

export const bodyOf = (response: string): string => response.slice(response.indexOf("\r\n\r\n") + 4)
