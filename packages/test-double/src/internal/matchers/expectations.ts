/** Compares what a double has seen with what a test expects of it, field by field. */

/** Anything with the protocol of vitest's asymmetric matchers. */
export interface Asymmetric {
  readonly asymmetricMatch: (actual: unknown) => boolean
}

export type ExpectedText = string | RegExp | Asymmetric

export type ExpectedTexts = ExpectedText | ReadonlyArray<ExpectedText>

export type ExpectedEntries = { readonly [name: string]: ExpectedText | undefined }

/** A field in which something is not as expected. */
export interface Difference {
  readonly field: string
  readonly expected: unknown
  readonly actual: unknown
}

/** How one field is compared: the differences, none if it is as expected. */
export type Field = (field: string, actual: unknown, expected: unknown) => ReadonlyArray<Difference>

const field = (matches: (actual: unknown, expected: unknown) => boolean): Field => (field, actual, expected) =>
  isAsymmetric(expected) && expected.asymmetricMatch(actual) || matches(actual, expected)
    ? []
    : [{ field, expected, actual }]

const textMatches = (actual: unknown, expected: unknown): boolean => {
  if (expected instanceof RegExp) return typeof actual === "string" && actual.search(expected) >= 0
  return isAsymmetric(expected) ? expected.asymmetricMatch(actual) : actual === expected
}

/** `Ann <ann@example.com>` is the same as `ANN@example.com`: Postmark keeps the bare address. */
const addressMatches = (actual: unknown, expected: unknown): boolean => {
  if (typeof actual !== "string") return textMatches(actual, expected)
  const lower = actual.toLowerCase()
  return typeof expected === "string"
    ? lower === (/<([^<>]*)>\s*$/.exec(expected)?.[1] ?? expected).trim().toLowerCase()
    : textMatches(actual, expected) || textMatches(lower, expected)
}

const listMatches = (matches: typeof textMatches) => (actual: unknown, expected: unknown): boolean => {
  if (!Array.isArray(actual)) return false
  if (expected === undefined) return actual.length === 0
  if (!Array.isArray(expected)) return actual.some((item) => matches(item, expected))
  return actual.length === expected.length && canPair(actual, expected, matches)
}

/** Whether each expectation can have an item of its own: a matching in a bipartite graph, by augmenting paths. */
const canPair = (
  actual: ReadonlyArray<unknown>,
  expected: ReadonlyArray<unknown>,
  matches: typeof textMatches
): boolean => {
  const takenBy = new Map<number, unknown>()
  const place = (expectation: unknown, tried: Set<number>): boolean =>
    actual.some((item, index) => {
      if (tried.has(index) || !matches(item, expectation)) return false
      tried.add(index)
      if (takenBy.has(index) && !place(takenBy.get(index), tried)) return false
      takenBy.set(index, expectation)
      return true
    })
  return expected.every((expectation) => place(expectation, new Set()))
}

export const text = field(textMatches)
export const address = field(addressMatches)
export const texts = field(listMatches(textMatches))
export const addresses = field(listMatches(addressMatches))
export const exact = field(Object.is)
export const numberOrText = field((actual, expected) => Object.is(actual, expected) || textMatches(actual, expected))

/** An id, or what is expected of the alias. */
export const template = field((actual, expected) => {
  if (!isRecord(actual)) return expected === undefined
  return expected !== undefined && (actual["id"] === expected || textMatches(actual["alias"], expected))
})

/** The named entries of a record. Names of headers are read in any case. */
export const entries = (sameName: (name: string) => string = (name) => name): Field => (field, actual, expected) => {
  if (!isRecord(expected) || isAsymmetric(expected)) return text(field, actual, expected)
  const found = new Map(toEntries(actual).map(([name, value]) => [sameName(name), value]))
  return Object.entries(expected).flatMap(([name, value]) =>
    text(`${field}[${JSON.stringify(name)}]`, found.get(sameName(name)), value)
  )
}

const toEntries = (actual: unknown): ReadonlyArray<readonly [string, unknown]> => {
  if (Array.isArray(actual)) return actual.map(({ Name, Value }) => [String(Name), Value])
  return isRecord(actual) ? Object.entries(actual) : []
}

/** All differences from what is expected, in the order of the expectation. */
export const differences = (
  fields: { readonly [name: string]: Field },
  actual: { readonly [name: string]: unknown },
  expected: { readonly [name: string]: unknown }
): ReadonlyArray<Difference> =>
  Object.entries(expected).flatMap(([name, value]) => fields[name]?.(name, actual[name], value) ?? [])

export const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null

export const isAsymmetric = (value: unknown): value is Asymmetric =>
  isRecord(value) && typeof value["asymmetricMatch"] === "function"
