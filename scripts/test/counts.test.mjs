import assert from "node:assert/strict"
import { test } from "node:test"
import { countTap, countVitest, summary } from "../counts.mjs"

const vitest = (testResults, numbers) =>
  JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, ...numbers, testResults })

test("vitest's report is counted", () => {
  const tests = [{ status: "passed" }, { status: "passed" }, { status: "failed" }, { status: "pending" }]
  assert.deepEqual(
    countVitest(vitest([{ status: "failed", assertionResults: tests }], {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 1
    })),
    { passed: 2, failed: 1, skipped: 1 }
  )
})

test("a file that could not be loaded is a failure", () => {
  assert.equal(countVitest(vitest([{ status: "failed", assertionResults: [] }])).failed, 1)
})

test("a missing report is a failure", () => {
  assert.equal(countVitest(undefined).failed, 1)
  assert.equal(countTap(undefined).failed, 1)
  assert.equal(countTap("TAP version 13\n").failed, 1)
})

test("node's report is counted", () => {
  const tap = "TAP version 13\nok 1 - a\n# tests 5\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n"
  assert.deepEqual(countTap(tap), { passed: 2, failed: 2, skipped: 1 })
})

test("the sum stands alone on the last line", () => {
  const { lines, failed } = summary([
    { name: "core", passed: 12, failed: 0, skipped: 0 },
    { name: "examples", passed: 3, failed: 1, skipped: 2 }
  ])
  assert.deepEqual(lines, [
    "Summary",
    "  core      12 passed",
    "  examples  3 passed, 1 failed, 2 skipped",
    "15 passed, 1 failed"
  ])
  assert.equal(failed, 1)
})
