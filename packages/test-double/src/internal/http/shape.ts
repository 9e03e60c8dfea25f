/** The form that the body of a request should have, and bodies read by it as a JSON binder of .NET reads them. */
import { isObject, type JsonObject } from "./json.ts"

export type Shape =
  | { readonly kind: "text" | "flag" | "integer" }
  /** Keys and values that belong to the caller. */
  | { readonly kind: "record" }
  | { readonly kind: "list"; readonly of: Shape }
  /** By the key in lower case. */
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Field> }

interface Field {
  readonly name: string
  readonly shape: Shape
}

export const text: Shape = { kind: "text" }
export const flag: Shape = { kind: "flag" }
export const integer: Shape = { kind: "integer" }
export const record: Shape = { kind: "record" }

export const list = (of: Shape): Shape => ({ kind: "list", of })

export const object = (fields: { readonly [name: string]: Shape }): Shape => ({
  kind: "object",
  fields: new Map(Object.entries(fields).map(([name, shape]) => [name.toLowerCase(), { name, shape }]))
})

/**
 * Spells known keys as Postmark's documentation does, the last of two alike counting, and reads numbers and flags that
 * are written as text; an empty one is absent. Under a key, an empty list can be an empty object, as PHP writes it. What
 * does not fit stays as it is, for the endpoint to refuse.
 */
export const readAs = (shape: Shape, value: unknown): unknown => {
  switch (shape.kind) {
    case "text":
      return value
    case "flag":
      return typeof value === "string" ? readFlag(value) ?? unless(value) : value
    case "integer":
      return typeof value === "string" ? readInteger(value) ?? unless(value) : value
    case "record":
      return value
    case "list":
      return Array.isArray(value) ? value.map((item) => readAs(shape.of, item)) : value
    case "object":
      return isObject(value) ? readFields(shape.fields, value) : value
  }
}

/** `true` and `false` in any case. */
export const readFlag = (text: string): boolean | undefined => {
  const word = text.trim().toLowerCase()
  return word === "true" ? true : word === "false" ? false : undefined
}

const readInteger = (text: string): number | undefined => /^[+-]?\d+$/.test(text.trim()) ? Number(text) : undefined

const unless = (text: string): string | null => text.trim() === "" ? null : text

const asObject = ({ kind }: Shape, value: unknown): unknown =>
  (kind === "record" || kind === "object") && Array.isArray(value) && value.length === 0 ? {} : value

const readFields = (fields: ReadonlyMap<string, Field>, value: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const field = fields.get(key.toLowerCase())
      return field === undefined ? [key, item] : [field.name, readAs(field.shape, asObject(field.shape, item))]
    })
  )
