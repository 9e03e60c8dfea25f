/** How many tests passed and failed, from the reports of the test runners. */

/** A report that is not there means that the run died before its end, which is a failure. */
const missing = { passed: 0, failed: 1, skipped: 0, note: "no report" }

/** From vitest's JSON report. A file that could not be loaded holds no test, and counts as one failure. */
export const countVitest = (text) => {
  if (text === undefined) {
    return missing
  }
  const report = JSON.parse(text)
  const unloaded =
    report.testResults.filter((file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed")
    ).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests
  }
}

/** From the TAP report of `node --test`. */
export const countTap = (text) => {
  const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(text ?? "")?.[1] ?? 0)
  return text === undefined || number("tests") === 0
    ? missing
    : { passed: number("pass"), failed: number("fail") + number("cancelled"), skipped: number("skipped") }
}

/** One line for each result, then the sum alone on the last line. */
export const summary = (results) => {
  const width = Math.max(...results.map(({ name }) => name.length))
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const passed = sum("passed")
  const failed = sum("failed")
  const lines = results.map((result) =>
    [
      `  ${result.name.padEnd(width)}  ${result.passed} passed`,
      ...(result.failed > 0 ? [`${result.failed} failed`] : []),
      ...(result.skipped > 0 ? [`${result.skipped} skipped`] : []),
      ...(result.note === undefined ? [] : [result.note])
    ].join(", ")
  )
  return { lines: ["Summary", ...lines, `${passed} passed, ${failed} failed`], passed, failed }
}
