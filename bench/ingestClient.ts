/** A client that posts webhooks over kept connections, cheap enough to leave the other core to the server. */
import { connect, type Socket } from "node:net"

export interface Target {
  readonly port: number
  readonly path: string
  readonly secret: string
}

/** A webhook as Postmark posts it, about 600 bytes. Each number is another event. */
export const bodyOf = (index: number): string =>
  JSON.stringify({
    RecordType: "Delivery",
    ServerID: 101,
    MessageStream: "outbound",
    MessageID: `${index.toString(16).padStart(8, "0")}-1b2c-4d3e-8f40-5a6b7c8d9e0f`,
    Recipient: `reader${index % 5_000}@example.org`,
    Tag: "invitation",
    DeliveredAt: "2026-05-01T12:00:00.1234567Z",
    Details: "smtp;250 2.0.0 OK  1714564800 d75a77b69052e-43ab3d6a0b2si15219121cf.1 - gsmtp",
    Metadata: { order: String(index), customer: "c-18239", campaign: "spring", template: "welcome-3" }
  })

export const requestOf = ({ path, secret }: Target, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${secret}\r\nContent-Type: application/json\r\n` +
  `User-Agent: Postmark\r\nAccept: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

export interface Answer {
  readonly status: number
  /** Milliseconds from the request to the whole answer. */
  readonly time: number
}

export interface Kept {
  /** Posts one request, and calls back with its answer; status 0 when the connection is lost. */
  readonly post: (request: string, done: (answer: Answer) => void) => void
  readonly close: () => void
}

export const keep = (port: number): Promise<Kept> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1")
    socket.setNoDelay(true)
    let text = ""
    let started = 0
    let waiting: ((answer: Answer) => void) | undefined
    const settle = (status: number) => {
      const done = waiting
      waiting = undefined
      done?.({ status, time: performance.now() - started })
    }
    socket.setEncoding("latin1")
    socket.on("data", (chunk: string) => {
      text += chunk
      const end = text.indexOf("\r\n\r\n")
      if (end === -1) return
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0)
      if (text.length < end + 4 + length) return
      const status = Number(text.slice(9, 12))
      text = text.slice(end + 4 + length)
      settle(status)
    })
    socket.on("error", (error) => {
      reject(error)
      settle(0)
    })
    socket.on("close", () => settle(0))
    socket.on("connect", () =>
      resolve({
        post: (request, done) => {
          started = performance.now()
          if (socket.destroyed) return done({ status: 0, time: 0 })
          waiting = done
          socket.write(request)
        },
        close: () => void socket.destroy()
      }))
  })

export interface Result {
  readonly answers: ReadonlyArray<Answer>
  readonly seconds: number
}

/** Posts so many webhooks over so many connections, each as soon as the answer to the last one is there. */
export const closedLoop = async (
  target: Target,
  connections: number,
  total: number,
  next: () => string
): Promise<Result> => {
  const kept = await Promise.all(Array.from({ length: connections }, () => keep(target.port)))
  const answers: Array<Answer> = []
  const start = performance.now()
  let left = total
  await Promise.all(kept.map((one) =>
    new Promise<void>((resolve) => {
      const again = () => {
        if (left-- <= 0) return resolve()
        one.post(requestOf(target, next()), (answer) => {
          answers.push(answer)
          if (answer.status === 0) resolve()
          else again()
        })
      }
      again()
    })
  ))
  const result = { answers, seconds: (performance.now() - start) / 1_000 }
  for (const one of kept) one.close()
  return result
}

export const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

export const percentile = (numbers: ReadonlyArray<number>, share: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN
