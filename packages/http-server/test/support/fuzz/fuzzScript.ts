/** `npm run fuzz:http -- [requests] [seed]`: random requests derived from the OpenAPI document. */
import { Effect } from "effect"
import { fuzz } from "./fuzz.ts"

const [requests = "20000", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)

console.log(`seed ${seed}, ${requests} requests`)
const result = await Effect.runPromise(
  Effect.scoped(fuzz({ requests: Number(requests), seed: Number(seed), report: (line) => console.log(line) }))
)
const { failures, succeeded, ...counts } = result
console.log(JSON.stringify({ ...counts, succeeded: succeeded.length }))
failures.slice(0, 50).forEach((failure) => console.log(failure))
process.exitCode = failures.length === 0 ? 0 : 1
