/** Text fields of a typed event that is stored as JSON. */
import * as Option from "effect/Option"

export const field = (json: string | null): (name: string) => string | undefined => {
  const parsed: unknown = json === null ? undefined : Option.getOrUndefined(parse(json))
  if (typeof parsed !== "object" || parsed === null) return () => undefined
  return (name) => {
    const value: unknown = Reflect.get(parsed, name)
    return typeof value === "string" ? value : undefined
  }
}

const parse = Option.liftThrowable((json: string): unknown => JSON.parse(json))
