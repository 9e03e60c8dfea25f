/**
 * Postmark treats null and an empty string in an optional field as a missing field. The client does the same with
 * input from JSON or plain JavaScript.
 */
import type * as AST from "effect/SchemaAST"

type Rename = (value: unknown) => unknown

const same: Rename = (value) => value

type IsBlank = (value: unknown) => boolean

/** Leaves out the optional fields of a value that are null or empty text, in its lists and objects as well. */
export const withoutBlanks = (ast: AST.AST): Rename => without(ast, (value) => value === null || value === "")

/** Leaves out the optional fields that are null. In a change, an empty text takes a setting away. */
export const withoutNulls = (ast: AST.AST): Rename => without(ast, (value) => value === null)

const without = (ast: AST.AST, isBlank: IsBlank): Rename => {
  switch (ast._tag) {
    case "Refinement":
      return without(ast.from, isBlank)
    case "Transformation":
      return without(ast.from, isBlank)
    case "TupleType": {
      const item = ast.rest[0] === undefined ? same : without(ast.rest[0].type, isBlank)
      return item === same ? same : (value) => {
        if (!Array.isArray(value)) return value
        const items = value.map(item)
        return items.every((one, place) => one === value[place]) ? value : items
      }
    }
    case "Union":
      return ofUnion(ast, isBlank)
    case "TypeLiteral":
      // The fields of a record are data.
      return ast.indexSignatures.length > 0 ? same : ofFields(ast.propertySignatures, isBlank)
    default:
      return same
  }
}

const ofUnion = (ast: AST.Union, isBlank: IsBlank): Rename => {
  const members = ast.types.map((member) => without(member, isBlank)).filter((member) => member !== same)
  const [only] = members
  return only !== undefined && members.length === 1 ? only : same
}

const ofFields = (fields: ReadonlyArray<AST.PropertySignature>, isBlank: IsBlank): Rename => {
  const known = new Map(
    fields.map(({ isOptional, name, type }) => [name, { isOptional, inner: without(type, isBlank) }])
  )
  if ([...known.values()].every(({ inner, isOptional }) => !isOptional && inner === same)) return same
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value
    // Nearly every value has no blank, and stays as it is.
    if (Object.keys(value).every((name) => isKept(known.get(name), Reflect.get(value, name)))) return value
    const entries = Object.entries(value)
    const kept = entries.flatMap(([name, field]: [string, unknown]): Array<[string, unknown]> => {
      const one = known.get(name)
      if (one === undefined) return [[name, field]]
      return one.isOptional && isBlank(field) ? [] : [[name, one.inner(field)]]
    })
    return Object.fromEntries(kept)
  }
}

interface Field {
  readonly isOptional: boolean
  readonly inner: Rename
}

const isKept = (field: Field | undefined, value: unknown): boolean =>
  field === undefined || (!(field.isOptional && (value === null || value === "")) && field.inner(value) === value)
