/** Makes an example from a JSON Schema, the same each time. */
import { isRecord, type Json, record } from "./json.ts"

export const exampleOf = (schemas: Json) => {
  const make = (schema: unknown, name: string, above: ReadonlyArray<string>): unknown => {
    if (!isRecord(schema)) return {}
    const reference = schema["$ref"]
    if (typeof reference === "string") {
      const target = reference.slice(reference.lastIndexOf("/") + 1)
      return above.includes(target)
        ? {}
        : make({ ...record(schemas[target]), ...without(schema) }, name, [...above, target])
    }
    if (schema["default"] !== undefined) return schema["default"]
    const [literal] = list(schema["enum"])
    if (literal !== undefined) return literal
    const [member] = [...list(schema["anyOf"]), ...list(schema["oneOf"])]
    if (member !== undefined) return make(member, name, above)
    switch (schema["type"]) {
      case "object":
        return objectOf(schema, above)
      case "array": {
        const [item] = list(schema["items"])
        return [make(item ?? schema["items"], name, above)]
      }
      case "string":
        return textOf(schema, name)
      case "integer":
      case "number":
        return typeof schema["minimum"] === "number" ? Math.max(1, schema["minimum"]) : 1
      case "boolean":
        return true
      case "null":
        return null
      default:
        return {}
    }
  }
  const objectOf = (schema: Json, above: ReadonlyArray<string>): unknown => {
    const required = list(schema["required"])
    return Object.fromEntries(
      Object.entries(record(schema["properties"]))
        .filter(([name]) => required.includes(name))
        .map(([name, field]) => [name, make(field, name, above)])
    )
  }
  return (schema: unknown, name = ""): unknown => make(schema, name, [])
}

const without = ({ $ref: _, ...own }: Json): Json => own

const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

const textOf = (schema: Json, name: string): string => {
  const pattern = typeof schema["pattern"] === "string" ? new RegExp(schema["pattern"]) : undefined
  return [...byName(name), ...candidates].find((text) => pattern === undefined || pattern.test(text)) ?? "text"
}

const byName = (name: string): ReadonlyArray<string> =>
  /^(?:connectionId|id)$/.test(name)
    ? ["con_1"]
    : /(?:At|Time|since|until|from|to)$/.test(name)
    ? ["2026-09-30T12:00:00Z"]
    : /url$/i.test(name)
    ? ["https://hooks.example.com/v1/webhooks/con_1"]
    : /name$/i.test(name)
    ? ["Acme"]
    : []

const candidates = ["text", "a", "1", "2026-09-30", "2026-09-30T12:00:00Z", "ann@example.org"]
