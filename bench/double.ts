/**
 * The double: how soon its program answers, how many sends a second it takes over HTTP beside a plain server, and how
 * many in process. Needs `npm run build` before, because it starts the program as it is published.
 */
import { PostmarkDouble } from "@effect-postmark/test-double"
import { HttpBody, HttpClient } from "@effect/platform"
import { Effect, Layer } from "effect"
import { type ChildProcess, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { Agent, request } from "node:http"
import { fileURLToPath } from "node:url"
import { body, headers } from "./doubleLoad.ts"

const sends = Number(process.argv[2] ?? 10_000)
const rounds = 5
const port = 4973

const program = fileURLToPath(new URL("../packages/test-double/bin/effect-postmark-double.mjs", import.meta.url))
const local = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const median = (numbers: ReadonlyArray<number>) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

const stop = async (child: ChildProcess) => {
  const gone = once(child, "exit")
  child.kill()
  await gone
}

/** Asks once, over a connection of its own; undefined if nobody listens yet. */
const ask = (port: number) =>
  new Promise<number | undefined>((resolve) => {
    const asked = request({ port, host: "127.0.0.1", path: "/server", agent: new Agent(), headers }, (answer) => {
      answer.resume()
      answer.on("end", () => resolve(answer.statusCode))
    })
    asked.on("error", () => resolve(undefined))
    asked.end()
  })

const startDouble = async () => {
  const double = spawn(process.execPath, [program, "--port", String(port)], { stdio: "ignore" })
  while (await ask(port) === undefined) await new Promise((resolve) => setTimeout(resolve, 2))
  return double
}

const nothing: Array<number> = []
const cold: Array<number> = []
for (let round = 0; round <= rounds; round++) {
  const bare = performance.now()
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit")
  const started = performance.now()
  const double = await startDouble()
  const answered = performance.now()
  await stop(double)
  // The first round warms up.
  if (round > 0) {
    nothing.push(started - bare)
    cold.push(answered - started)
  }
}
console.log(`The median of ${rounds} rounds; ${sends} sends a round.`)
console.log(
  `cold start, to the first answer  ${median(cold).toFixed(0)} ms  (${
    (median(cold) / median(nothing)).toFixed(1)
  } × node -e 0)`
)

/** Sends a second, by a load generator in its own process. */
const load = async (port: number): Promise<number> => {
  const generator = fork(local("doubleLoad.ts"), [String(port), String(sends)], {
    execArgv: process.execArgv,
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const [rate] = await once(generator, "message")
  await stop(generator)
  return Number(rate)
}

const plain = fork(local("server.mjs"))
const [plainPort] = await once(plain, "message")
const double = await startDouble()
const plainRates: Array<number> = []
const doubleRates: Array<number> = []
for (let round = 0; round < rounds; round++) {
  plainRates.push(await load(Number(plainPort)))
  doubleRates.push(await load(port))
}
await stop(plain)
await stop(double)
console.log(
  `over HTTP                        ${median(doubleRates).toFixed(0)} sends/s  (${
    (median(doubleRates) / median(plainRates)).toFixed(2)
  } × a plain server's ${median(plainRates).toFixed(0)})`
)

const inProcess = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const double = yield* PostmarkDouble.PostmarkDouble
  const post = { headers, body: HttpBody.text(body, "application/json") }
  const send = Effect.flatMap(client.post("https://api.postmarkapp.com/email", post), ({ text }) => text)
  const many = Effect.forEach(Array.from({ length: sends }), () => send, { concurrency: 32, discard: true })
  const rates: Array<number> = []
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now()
    yield* many
    if (round > 0) rates.push((sends * 1_000) / (performance.now() - started))
    // What a double keeps is a matter of memory, not of pace.
    yield* double.reset
  }
  return median(rates)
}).pipe(
  Effect.withTracerEnabled(false),
  Effect.provide(Layer.provideMerge(PostmarkDouble.layerHttpClient, PostmarkDouble.layer()))
)
console.log(`in process                       ${(await Effect.runPromise(inProcess)).toFixed(0)} sends/s`)
