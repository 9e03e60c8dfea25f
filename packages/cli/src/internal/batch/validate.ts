/** Checks every row before anything is sent. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { InvalidRows, type RowIssue, type UnreadableInput, UsageError } from "../../CliError.ts"
import { issuesOf, type Messages } from "./messages.ts"

export interface Checked {
  readonly rows: number
  readonly invalid: number
}

/** The report of a whole file that is wrong must still be readable. */
const mostIssues = 20

export const validate = (
  messages: Messages,
  isPartial: boolean
): Effect.Effect<Checked, InvalidRows | UnreadableInput | UsageError> =>
  Effect.gen(function*() {
    let rows = 0
    let invalid = 0
    const issues: Array<RowIssue> = []
    yield* Stream.runForEach(messages.rows, (row) =>
      Effect.map(Effect.either(messages.check(row)), (result) => {
        rows++
        if (Either.isRight(result)) return
        invalid++
        if (issues.length < mostIssues) issues.push(...issuesOf(row, result.left).slice(0, mostIssues - issues.length))
      }))
    if (rows === 0) return yield* new UsageError({ message: "--input has no rows" })
    if (invalid > 0 && (!isPartial || invalid === rows)) {
      return yield* new InvalidRows({
        message: `${invalid} of ${rows} rows are invalid; nothing was sent`,
        count: invalid,
        issues
      })
    }
    return { rows, invalid }
  })
