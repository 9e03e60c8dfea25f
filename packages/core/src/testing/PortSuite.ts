/**
 * What the suites of ports are made of: for suites of ports of your own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * Dies when the two differ, and says what was expected. `what` names what was compared.
 *
 * @since 0.1.0
 * @category assertions
 */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void> => {
  const [found, wanted] = [show(actual), show(expected)]
  return found === wanted ? Effect.void : Effect.dieMessage(`${what}: expected ${wanted}, got ${found}`)
}

/**
 * Texts that a careless store loses, cuts or mistakes for something of its own.
 *
 * @since 0.1.0
 * @category fixtures
 */
export const oddTexts: ReadonlyArray<string> = [
  "",
  " ",
  "O'Brien \"quoted\" `ticks` ; -- /* */",
  "$1 ? :name @name %s \\ \\n",
  "line one\nline two\r\n\ttabbed",
  "null",
  "0012",
  "\u00fc\u00df \u6f22\u5b57 \u{1f4e7}\u200d\u{1f469}\u{1f3fd} e\u0301 \u202e",
  "x".repeat(100_000)
]

/** JSON with its keys in order, so that the order in which a store builds its rows does not matter. */
const show = (value: unknown): string => JSON.stringify(sorted(value)) ?? "undefined"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)])
  )
}
