/** Values of a JSON Schema, mostly valid, and values that are not. */
import type { Random } from "./random.ts"

export type Json = Readonly<Record<string, unknown>>

export const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}

const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

export const texts: readonly [string, ...ReadonlyArray<string>] = [
  "text",
  "",
  " ",
  "a@example.org",
  "Ann <ann@example.org>",
  "a@b@c",
  "a@example.org\r\nBcc: b@example.org",
  "\u0000",
  "\u202Etxt.exe",
  "\uD800",
  "Müller ☕ 🦆",
  "../../server",
  "%2e%2e",
  "'; DROP TABLE events; --",
  "__proto__",
  "constructor",
  "{{name}}",
  "{{#each}}",
  "<script>alert(1)</script>",
  "https://example.com/hook",
  "http://169.254.169.254/",
  "https://redacted@example.com/",
  "2026-09-30",
  "2026-02-30",
  "9999-99-99T99:99:99",
  "0",
  "-1",
  "1e9",
  "9007199254740993",
  "true",
  "null",
  "x".repeat(2_000)
]

const wild: readonly [unknown, ...ReadonlyArray<unknown>] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  501,
  1e21,
  9_007_199_254_740_991,
  [],
  {},
  [null],
  [[[[[]]]]],
  { a: { b: { c: {} } } },
  ...texts
]

/** Makes values; `spec` resolves references. */
export const generator = (spec: Json, random: Random) => {
  const resolve = (reference: string): unknown =>
    reference.slice(2).split("/").reduce<unknown>(
      (value, key) => record(value)[key.replaceAll("~1", "/").replaceAll("~0", "~")],
      spec
    )

  const value = (schema: unknown, depth = 0): unknown => {
    if (random.chance(0.06)) return random.pick(wild)
    const { $ref: reference, ...own } = record(schema)
    if (typeof reference === "string") return value({ ...record(resolve(reference)), ...own }, depth + 1)
    if (depth > 12) return null
    const [first, ...others] = [...list(own["enum"]), ...list(own["examples"])]
    if (first !== undefined && random.chance(0.95)) return random.pick([first, ...others])
    const [member, ...members] = [...list(own["anyOf"]), ...list(own["oneOf"])]
    if (member !== undefined) return value(random.pick([member, ...members]), depth + 1)
    switch (own["type"]) {
      case "object":
        return objectOf(own, depth)
      case "array":
        return Array.from({ length: random.pick([0, 1, 1, 2, 3, 51]) }, () => value(own["items"], depth + 1))
      case "string":
        return random.pick(texts)
      case "integer":
      case "number":
        return random.pick([0, 1, 2, 50, 500, 501, -1, 1.5, Number(own["minimum"] ?? 1), Number(own["maximum"] ?? 7)])
      case "boolean":
        return random.chance(0.5)
      default:
        return random.pick(wild)
    }
  }

  const objectOf = (schema: Json, depth: number): unknown => {
    const required = list(schema["required"])
    const entries = Object.entries(record(schema["properties"]))
      .filter(([name]) => random.chance(required.includes(name) ? 0.95 : 0.3))
      .map(([name, field]): [string, unknown] => [name, value(field, depth + 1)])
    const extra = schema["additionalProperties"]
    if (extra !== undefined && extra !== false) entries.push([random.pick(texts), value(extra, depth + 1)])
    if (random.chance(0.03)) entries.push([random.pick(texts), random.pick(wild)])
    return Object.fromEntries(entries)
  }

  /** A good value with some of its parts replaced, left out or added. */
  const mutated = (good: unknown, probability = 0.08): unknown => {
    if (random.chance(probability / 2)) return random.pick(wild)
    if (Array.isArray(good)) return good.map((item: unknown) => mutated(item, probability))
    if (typeof good !== "object" || good === null) return good
    const entries = Object.entries(good)
      .filter(() => !random.chance(probability / 3))
      .map(([name, field]: [string, unknown]): [string, unknown] => [name, mutated(field, probability)])
    if (random.chance(probability / 2)) entries.push([random.pick(texts), random.pick(wild)])
    return Object.fromEntries(entries)
  }

  return { value, mutated, wild: () => random.pick(wild) }
}
