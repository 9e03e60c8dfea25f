/** Rows of bad input for a server: what is written to its socket, and what must come back. */
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { connect } from "node:net"

export interface Row {
  /** The number of the row in the table of bad input, such as B12, and what is special. */
  readonly name: string
  readonly request: string | Uint8Array
  /** All that may come back, if there are several. */
  readonly status: number | ReadonlyArray<number>
  readonly code?: string
  /** The first issue's path, joined with dots. */
  readonly field?: string
  /** What the answer must name: a limit, or the values that are allowed. */
  readonly says?: string
  /** What the answer must not quote. */
  readonly hides?: string
  readonly header?: RegExp
}

export interface Reply {
  readonly status: number
  readonly head: string
  readonly body: string
  /** How many answers came. */
  readonly count: number
}

/** Writes the bytes, and collects what comes back until the server closes. */
export const exchange = (url: string, request: string | Uint8Array): Effect.Effect<Reply> =>
  Effect.async<Reply>((resume) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const chunks: Array<Buffer> = []
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk))
    // A server that refuses early closes while we write.
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(replyOf(Buffer.concat(chunks).toString("utf8")))))
    socket.write(request)
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutFail({
      duration: "20 seconds",
      onTimeout: () => new Error(`no answer to ${Buffer.from(request).subarray(0, 80).toString("latin1")}`)
    }),
    Effect.orDie
  )

const replyOf = (text: string): Reply => ({
  status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
  head: text.slice(0, Math.max(0, text.indexOf("\r\n\r\n"))),
  body: text.slice(text.indexOf("\r\n\r\n") + 4),
  count: text.split(/HTTP\/1\.1 \d{3} /).length - 1
})

/** A request with its length, on a connection that ends with it. */
export const message = (
  line: string,
  headers: ReadonlyArray<string>,
  body: string | Uint8Array = "",
  length: number | null = Buffer.byteLength(body)
): Buffer =>
  Buffer.concat([
    Buffer.from(
      [
        line,
        "Host: localhost",
        "Connection: close",
        ...headers,
        ...(length === null ? [] : [`Content-Length: ${length}`])
      ]
        .join("\r\n") + "\r\n\r\n",
      "latin1"
    ),
    typeof body === "string" ? Buffer.from(body) : body
  ])

const Problem = Schema.parseJson(Schema.Struct({
  code: Schema.String,
  status: Schema.Number,
  requestId: Schema.String,
  issues: Schema.optional(Schema.Array(Schema.Struct({
    path: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
    message: Schema.String
  })))
}))

/** Checks one row's answer. */
export const check = (row: Row, reply: Reply): void => {
  const allowed = typeof row.status === "number" ? [row.status] : row.status
  assert.include(allowed, reply.status, `${row.name}: ${reply.head} ${reply.body.slice(0, 300)}`)
  assert.strictEqual(reply.count, 1, `${row.name}: one answer`)
  if (row.code !== undefined || row.field !== undefined) {
    const problem = Schema.decodeUnknownSync(Problem)(reply.body)
    assert.strictEqual(problem.status, reply.status, row.name)
    assert.strictEqual(problem.code, row.code ?? problem.code, row.name)
    if (row.field !== undefined) {
      const paths = (problem.issues ?? []).map(({ path }) => path.join("."))
      assert.include(paths, row.field, `${row.name}: ${reply.body}`)
    }
  }
  if (row.says !== undefined) assert.include(reply.body, row.says, row.name)
  if (row.hides !== undefined) assert.notInclude(reply.body + reply.head, row.hides, row.name)
  if (row.header !== undefined) assert.match(reply.head, row.header, row.name)
}

/** How much the process keeps, in bytes, after what is unreachable was collected. */
export const kept: Effect.Effect<number> = Effect.promise(async () => {
  const { setFlagsFromString } = await import("node:v8")
  const { runInNewContext } = await import("node:vm")
  setFlagsFromString("--expose-gc")
  const collect: unknown = runInNewContext("gc")
  for (let turn = 0; turn < 3; turn++) {
    if (typeof collect === "function") collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
})
