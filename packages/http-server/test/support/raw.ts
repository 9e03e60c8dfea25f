/** Bytes over a socket, for what no HTTP client would send. */
import { Effect } from "effect"
import { connect } from "node:net"

/** Writes the bytes and returns all that comes back until the other side closes. */
export const raw = (url: string, lines: ReadonlyArray<string>, body = "") =>
  Effect.async<string>((resume) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let answer = ""
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("utf8")
    })
    socket.on("close", () => resume(Effect.succeed(answer)))
    socket.on("error", () => {})
    const isChunked = lines.some((line) => line.startsWith("Transfer-Encoding"))
    const length = isChunked ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
    socket.write(`${[...lines, "Host: localhost", "Connection: close", ...length].join("\r\n")}\r\n\r\n${body}`)
    return Effect.sync(() => socket.destroy())
  })

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

export const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4)
