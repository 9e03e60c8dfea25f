/** JSON with exact integers: a bigint is written as its digits, which `JSON.stringify` refuses to do. */
export const stringify = (value: unknown): string => write(value) ?? "null"

export const parse = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const write = (value: unknown): string | undefined => {
  if (typeof value === "bigint") return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? "null").join(",")}]`
  if (isObject(value)) {
    const fields: Array<string> = []
    for (const [key, field] of Object.entries(value)) {
      const text = write(field)
      if (text !== undefined) fields.push(`${JSON.stringify(key)}:${text}`)
    }
    return `{${fields.join(",")}}`
  }
  return JSON.stringify(value)
}
