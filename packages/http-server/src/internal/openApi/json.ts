/** Walks through a document. */

export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const record = (value: unknown): Json => isRecord(value) ? value : {}

export const mapValues = (value: unknown, change: (value: unknown, key: string) => unknown): Json =>
  Object.fromEntries(Object.entries(record(value)).map(([key, inner]) => [key, change(inner, key)]))

/** Rewrites each object of a value, the innermost first. */
export const rewrite = (value: unknown, change: (object: Json) => unknown): unknown =>
  Array.isArray(value)
    ? value.map((item) => rewrite(item, change))
    : isRecord(value)
    ? change(mapValues(value, (inner) => rewrite(inner, change)))
    : value
