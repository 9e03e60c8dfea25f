import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { AccountClient, ServerClient } from "postmark"
import { cases } from "./conformance/cases.ts"
import { exceptions } from "./conformance/exceptions.ts"
import { runCases, withTable } from "./conformance/harness.ts"

const outcomes = await Effect.runPromise(runCases(cases))

describe("the official client, every method", () => {
  for (const { endpoints, failure, resource } of outcomes) {
    it(`${resource}: ${endpoints.join(", ")}`, () => {
      if (failure !== undefined) throw failure
    })
  }

  it("has no method that is neither called nor excepted", () => {
    const called = new Set(outcomes.flatMap(({ methods }) => methods))
    const missing = [ServerClient, AccountClient].flatMap((client) => {
      const base: unknown = Object.getPrototypeOf(client.prototype)
      const names = [client.prototype, base].flatMap((prototype) => Object.getOwnPropertyNames(prototype))
      return names.filter((name) => !Object.hasOwn(exceptions, name)).map((name) => `${client.name}.${name}`)
    }).filter((method) => !called.has(method))
    assert.deepStrictEqual(missing, [])
    const known = new Set(Object.getOwnPropertyNames(Object.getPrototypeOf(ServerClient.prototype)))
    assert.deepStrictEqual(Object.keys(exceptions).filter((name) => !known.has(name)), [])
  })

  it("has its table in the README, as scripts/conformanceTable.ts writes it", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
    assert.include(readme, "<!-- conformance table -->")
    assert.strictEqual(withTable(readme, outcomes), readme)
  })
})
