/**
 * Reads the fields of a webhook's body as generously as Postmark's own .NET code reads: keys in any case, numbers and
 * booleans as text, text as numbers and booleans. A field that cannot be read counts as absent, and its path is noted.
 */
import { BounceId, MessageId, messageIdFrom } from "../../Ids.ts"

/** A class, because every webhook makes one: closures would be made anew each time. */
export class Fields {
  readonly #object: object
  readonly #unread: Array<string>
  readonly #prefix: string
  #folded: Map<string, unknown> | undefined

  constructor(object: object, unread: Array<string>, prefix: string) {
    this.#object = object
    this.#unread = unread
    this.#prefix = prefix
  }

  /** Undefined for null and for the empty text: Postmark writes "nothing" in both ways. */
  text(name: string): string | undefined {
    return this.#read(name, asText)
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, asFlag)
  }

  number(name: string): number | undefined {
    return this.#read(name, asNumber)
  }

  integer(name: string): number | undefined {
    return this.#read(name, asInteger)
  }

  bounceId(name: string): BounceId | undefined {
    return this.#read(name, asBounceId)
  }

  /** Undefined for an id of zeros as well: Postmark writes it where there is no message. */
  messageId(name: string): MessageId | undefined {
    const id = messageIdFrom(this.text(name) ?? "")
    return id === "" || id === zeros ? undefined : MessageId.make(id, true)
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#at(name)
    if (isNothing(value) || isEmptyList(value)) return {}
    if (!isObject(value)) {
      this.skip(name)
      return {}
    }
    const out: Record<string, string> = {}
    for (const [key, item] of Object.entries(value)) {
      if (item === null || item === undefined) continue
      // A record of this key would be read as its own prototype, and lose it.
      const text = key === "__proto__" ? undefined : item === "" ? "" : asText(item)
      if (text === undefined) this.skip(`${name}.${key}`)
      else out[key] = text
    }
    return out
  }

  group(name: string): Fields | undefined {
    const value = this.#at(name)
    if (isNothing(value) || isEmptyList(value)) return undefined
    if (isObject(value)) return new Fields(value, this.#unread, `${this.#prefix}${name}.`)
    this.skip(name)
    return undefined
  }

  groups(name: string): ReadonlyArray<Fields> {
    const value = this.#at(name)
    if (isNothing(value)) return []
    if (!Array.isArray(value) && !isObject(value)) {
      this.skip(name)
      return []
    }
    const items: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
    return items.flatMap((item, index) => {
      if (isNothing(item)) return []
      if (isObject(item)) return [new Fields(item, this.#unread, `${this.#prefix}${name}[${index}].`)]
      this.skip(`${name}[${index}]`)
      return []
    })
  }

  has(name: string): boolean {
    return !isNothing(this.#at(name))
  }

  /** Records that a field could not be read. */
  skip(name: string): void {
    const path = `${this.#prefix}${name}`
    if (!this.#unread.includes(path)) this.#unread.push(path)
  }

  #at(name: string): unknown {
    if (Object.hasOwn(this.#object, name)) return Reflect.get(this.#object, name)
    this.#folded ??= new Map(Object.entries(this.#object).map(([key, value]) => [key.trim().toLowerCase(), value]))
    return this.#folded.get(name.toLowerCase())
  }

  /** Reads a value that is there; what the reader does not take is noted. */
  #read<A>(name: string, reader: (value: unknown) => A | undefined): A | undefined {
    const value = this.#at(name)
    if (isNothing(value)) return undefined
    const result = reader(value)
    if (result === undefined) this.skip(name)
    return result
  }
}

/** Fields of an object. `unread` collects the paths of what could not be read, as Postmark spells them. */
export const make = (object: object, unread: Array<string>): Fields => new Fields(object, unread, "")

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The id that Postmark writes when there is no message. */
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

const asInteger = (value: unknown): number | undefined => {
  const number = asNumber(value)
  return Number.isSafeInteger(number) ? number : undefined
}

/** A number above 2^53 lost digits before it came here; it would name another bounce. */
const asBounceId = (value: unknown): BounceId | undefined => {
  const text = typeof value === "number" && !Number.isSafeInteger(value) ? "" : asText(value)?.trim() ?? ""
  return /^\d+$/.test(text) ? BounceId.make(text, true) : undefined
}
