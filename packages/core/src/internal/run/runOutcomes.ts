/** What every store of runs must agree on about outcomes. */
import type { RunOutcome, RunOutcomeState } from "../../BulkRun.ts"

/** How many of a chunk's outcomes are of a state. */
export const countOf = (outcomes: ReadonlyArray<RunOutcome>, state: RunOutcomeState): number =>
  outcomes.filter((outcome) => outcome.state === state).length

/** The final outcomes of a chunk: unknown ones once it is done, and `notSent` for what a cancelled one did not send. */
export const finalOutcomes = (chunk: {
  readonly state: string
  readonly firstIndex: number
  readonly size: number
  readonly outcomes: ReadonlyArray<RunOutcome>
}): ReadonlyArray<RunOutcome> => {
  if (chunk.state === "done") return chunk.outcomes
  const known = chunk.outcomes.filter(({ state }) => state === "accepted" || state === "rejected")
  if (chunk.state !== "cancelled") return known
  const byIndex = new Map(known.map((outcome) => [outcome.index, outcome]))
  return Array.from({ length: chunk.size }, (_, place): RunOutcome => {
    const index = chunk.firstIndex + place
    return byIndex.get(index) ?? { index, state: "notSent" }
  })
}
