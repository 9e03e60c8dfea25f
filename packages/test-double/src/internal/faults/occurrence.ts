/** Which of the things that a rule is about it concerns: by their number, or by chance. */
import { makeRandom, nextFraction, type Random } from "../engine/random.ts"

export interface Occurrence {
  readonly nth?: number | undefined
  readonly every?: number | undefined
  readonly first?: number | undefined
  readonly probability?: number | undefined
}

/** How many were met. The source of chance is its own, so that no rule changes the draws of another. */
export interface Counter {
  readonly random: Random
  met: number
}

export const makeCounter = (seed: string): Counter => ({ random: makeRandom(seed), met: 0 })

/** Counts one more. Chance is asked only if it would be concerned without it. */
export const occurs = ({ every, first, nth, probability }: Occurrence, counter: Counter): boolean => {
  counter.met++
  return (nth === undefined || counter.met === nth) &&
    (every === undefined || counter.met % every === 0) &&
    (first === undefined || counter.met <= first) &&
    (probability === undefined || nextFraction(counter.random) < probability)
}
