/**
 * Reads the fields of a webhook's body as generously as Postmark's own .NET code reads: keys in any case, numbers and
 * booleans as text, text as numbers and booleans. A field that cannot be read counts as absent, and its path is noted.
 */
import { BounceId, MessageId, messageIdFrom } from "../../Ids.ts"

export interface Fields {
  /** Undefined for null and for the empty text: Postmark writes "nothing" in both ways. */
  readonly text: (name: string) => string | undefined
  readonly flag: (name: string) => boolean | undefined
  readonly number: (name: string) => number | undefined
  readonly integer: (name: string) => number | undefined
  readonly bounceId: (name: string) => BounceId | undefined
  /** Undefined for an id of zeros as well: Postmark writes it where there is no message. */
  readonly messageId: (name: string) => MessageId | undefined
  readonly texts: (name: string) => Readonly<Record<string, string>>
  readonly group: (name: string) => Fields | undefined
  readonly groups: (name: string) => ReadonlyArray<Fields>
  readonly has: (name: string) => boolean
  /** Notes that a field, or what should be there, was not read. */
  readonly skip: (name: string) => void
}

/** Fields of an object. `unread` collects the paths of what could not be read, as Postmark spells them. */
export const make = (object: object, unread: Array<string>, prefix = ""): Fields => {
  let folded: Map<string, unknown> | undefined
  const at = (name: string): unknown => {
    if (Object.hasOwn(object, name)) return Reflect.get(object, name)
    folded ??= new Map(Object.entries(object).map(([key, value]) => [key.trim().toLowerCase(), value]))
    return folded.get(name.toLowerCase())
  }
  const skip = (name: string) => {
    const path = `${prefix}${name}`
    if (!unread.includes(path)) unread.push(path)
  }
  /** Reads a value that is there; what the reader does not take is noted. */
  const read = <A>(name: string, reader: (value: unknown) => A | undefined): A | undefined => {
    const value = at(name)
    if (isNothing(value)) return undefined
    const result = reader(value)
    if (result === undefined) skip(name)
    return result
  }
  const nested = (name: string, value: unknown): Fields | undefined =>
    isObject(value) ? make(value, unread, `${prefix}${name}.`) : undefined
  return {
    text: (name) => read(name, asText),
    flag: (name) => read(name, asFlag),
    number: (name) => read(name, asNumber),
    integer: (name) =>
      read(name, (value) => {
        const number = asNumber(value)
        return Number.isSafeInteger(number) ? number : undefined
      }),
    bounceId: (name) => read(name, asBounceId),
    messageId: (name) => {
      const id = read(name, asText)
      const known = id === undefined ? "" : messageIdFrom(id)
      return known === "" || known === zeros ? undefined : MessageId.make(known)
    },
    texts: (name) => {
      const value = at(name)
      if (isNothing(value) || isEmptyList(value)) return {}
      if (!isObject(value)) {
        skip(name)
        return {}
      }
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, item]) => {
          if (item === null || item === undefined) return []
          // A record of this key would be read as its own prototype, and lose it.
          const text = key === "__proto__" ? undefined : item === "" ? "" : asText(item)
          if (text === undefined) skip(`${name}.${key}`)
          return text === undefined ? [] : [[key, text] as const]
        })
      )
    },
    group: (name) => {
      const value = at(name)
      return isNothing(value) || isEmptyList(value) ? undefined : read(name, () => nested(name, value))
    },
    groups: (name) => {
      const value = at(name)
      if (isNothing(value)) return []
      const items: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
      if (!Array.isArray(value) && !isObject(value)) {
        skip(name)
        return []
      }
      return items.flatMap((item, index) => {
        if (isNothing(item)) return []
        const group = nested(`${name}[${index}]`, item)
        if (group === undefined) skip(`${name}[${index}]`)
        return group === undefined ? [] : [group]
      })
    },
    has: (name) => !isNothing(at(name)),
    skip
  }
}

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The id that stands where there is no message. */
export const zeros = "00000000-0000-0000-0000-000000000000"

const isNothing = (value: unknown) => value === null || value === undefined || value === ""

/** PHP and the like write an empty object as an empty list. */
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0

const asText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : undefined

const asFlag = (value: unknown): boolean | undefined => {
  if (typeof value === "boolean") return value
  switch (typeof value === "string" || typeof value === "number" ? String(value).trim().toLowerCase() : "") {
    case "true":
    case "1":
      return true
    case "false":
    case "0":
      return false
    default:
      return undefined
  }
}

const asNumber = (value: unknown): number | undefined => {
  const number = typeof value === "number"
    ? value
    : typeof value === "string" && /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value)
    ? Number(value)
    : undefined
  return Number.isFinite(number) ? number : undefined
}

/** A number above 2^53 lost digits before it came here; it would name another bounce. */
const asBounceId = (value: unknown): BounceId | undefined => {
  const text = typeof value === "number" && !Number.isSafeInteger(value) ? "" : asText(value)?.trim() ?? ""
  return /^\d+$/.test(text) ? BounceId.make(text) : undefined
}
