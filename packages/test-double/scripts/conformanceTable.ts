/** Writes the README's conformance table: `pnpm run conformance`. */
import { Console, Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { cases } from "../test/conformance/cases.ts"
import { runCases, withTable } from "../test/conformance/harness.ts"

const readme = new URL("../README.md", import.meta.url)

const program = Effect.gen(function*() {
  const outcomes = yield* runCases(cases)
  yield* Effect.sync(() => writeFileSync(readme, withTable(readFileSync(readme, "utf8"), outcomes)))
  const failed = outcomes.filter(({ failure }) => failure !== undefined)
  yield* Effect.forEach(failed, ({ failure, resource }) => Console.error(resource, failure))
  yield* Console.log(`${outcomes.length - failed.length} of ${outcomes.length} cases passed`)
})

Effect.runPromise(program)
