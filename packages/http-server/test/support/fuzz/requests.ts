/** Requests derived from an OpenAPI document. */
import type { Random } from "./random.ts"
import { generator, type Json, record, texts } from "./values.ts"

export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters: ReadonlyArray<Json>
  readonly body: Json | undefined
  readonly responses: Json
}

export interface Request {
  readonly operation: Operation
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** What the server has, by the name of the path parameter; and the keys of its callers. */
export interface World {
  readonly ids: Readonly<Record<string, readonly [string, ...ReadonlyArray<string>]>>
  readonly key: string
  readonly limitedKey: string
}

/** The operations with a JSON response. A stream never ends, so it has tests of its own. */
export const operationsOf = (spec: Json): ReadonlyArray<Operation> =>
  Object.entries(record(spec["paths"])).flatMap(([path, item]) =>
    Object.entries(record(item)).flatMap(([method, value]): ReadonlyArray<Operation> => {
      const operation = record(value)
      const responses = record(operation["responses"])
      const types = Object.entries(responses)
        .filter(([status]) => status.startsWith("2"))
        .flatMap(([, response]) => Object.keys(record(record(response)["content"])))
      if (types.some((type) => type !== "application/json")) return []
      const content = record(record(operation["requestBody"])["content"])["application/json"]
      return [{
        operationId: String(operation["operationId"]),
        method: method.toUpperCase(),
        path,
        parameters: (Array.isArray(operation["parameters"]) ? operation["parameters"] : []).map(record),
        body: content === undefined ? undefined : record(content),
        responses
      }]
    })
  )

/** A URL cannot have half of a surrogate pair. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, "?")

export const requests = (spec: Json, world: World, random: Random) => {
  const operations = operationsOf(spec)
  const [first, ...others] = operations
  if (first === undefined) throw new Error("the document has no operation")
  const make = generator(spec, random)

  const pathOf = (operation: Operation) =>
    operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const known = world.ids[`${operation.operationId} ${name}`] ?? world.ids[name]
      const id = known !== undefined && random.chance(0.85)
        ? random.pick(known)
        : random.chance(0.5)
        ? String(random.int(100_000))
        : wellFormed(random.pick(texts))
      return encodeURIComponent(id)
    })

  const queryOf = (operation: Operation) => {
    const pairs = operation.parameters.flatMap((parameter): ReadonlyArray<string> => {
      if (parameter["in"] !== "query" || !random.chance(0.35)) return []
      const value = () => {
        const made = make.value(parameter["schema"])
        return encodeURIComponent(wellFormed(typeof made === "string" ? made : JSON.stringify(made)))
      }
      const name = String(parameter["name"])
      const pair = `${name}=${value()}`
      return random.chance(0.05) ? [pair, `${name}=${value()}`] : random.chance(0.03) ? [`${name}[]=1`] : [pair]
    })
    if (random.chance(0.04)) {
      pairs.push(random.pick(["unknown=1", "=", "&&", "%zz=1", "__proto__=1", "Count=1", "a=%ff"]))
    }
    return pairs.length === 0 ? "" : `?${pairs.join("&")}`
  }

  const bodyOf = ({ body }: Operation): Request["body"] => {
    if (body === undefined) return random.chance(0.1) ? "{}" : undefined
    if (random.chance(0.06)) {
      return random.pick<string | Uint8Array>([
        "",
        "null",
        "[]",
        "7",
        "{",
        "to=a",
        "{\"a\":1,\"a\":2}",
        "{\"__proto__\":{\"a\":1}}",
        `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
        `\uFEFF{}`,
        new Uint8Array([0x7b, 0xff, 0x7d]),
        new Uint8Array([0x1f, 0x8b, 0x08])
      ])
    }
    return JSON.stringify(
      random.chance(0.7) ? make.mutated(body["example"]) : make.value(body["schema"])
    )
  }

  const headersOf = (): Record<string, string> => {
    const headers: Record<string, string> = {}
    const authorization = random.chance(0.9)
      ? `Bearer ${world.key}`
      : random.pick([
        `Bearer ${world.limitedKey}`,
        "",
        "Bearer wrong",
        `Basic ${world.key}`,
        "Bearer",
        `bearer ${world.key}`
      ])
    if (authorization !== "") headers["authorization"] = authorization
    if (random.chance(0.7)) headers["content-type"] = random.pick(["application/json", "text/plain", "x", "a/b; c"])
    if (random.chance(0.1)) headers["x-request-id"] = random.pick(["mine-1", "with space", "x".repeat(300), "ü"])
    if (random.chance(0.1)) {
      headers["traceparent"] = random.pick(["00-0-0-0", "garbage", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`])
    }
    if (random.chance(0.1)) headers["accept"] = random.pick(["text/html", "*/*", "application/problem+json", ";;"])
    if (random.chance(0.05)) headers["x-forwarded-for"] = random.pick(["127.0.0.1", "::1, 10.0.0.1", "nonsense"])
    return headers
  }

  return {
    operations,
    next: (): Request => {
      const operation = random.pick([first, ...others])
      return { operation, url: pathOf(operation) + queryOf(operation), headers: headersOf(), body: bodyOf(operation) }
    }
  }
}
