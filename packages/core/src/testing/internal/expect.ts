/** What the port suites check with: a misbehaving port is a defect that says what was expected. */
import * as Effect from "effect/Effect"

export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void> => {
  const [found, wanted] = [show(actual), show(expected)]
  return found === wanted ? Effect.void : Effect.dieMessage(`${what}: expected ${wanted}, got ${found}`)
}

/** JSON with its keys in order, so that the order in which a store builds its rows does not matter. */
const show = (value: unknown): string => JSON.stringify(sorted(value)) ?? "undefined"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)])
  )
}
