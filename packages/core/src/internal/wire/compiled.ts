/**
 * Schemas compiled to plain functions. They say yes, or that they do not know; the schema itself then finds the issues.
 * That makes the usual case several times faster, and leaves one definition of what is valid.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** True if the value is certainly of the schema's type; false if it is not, or if only the schema can tell. */
export type Accepts = (value: unknown) => boolean

/** Compiles the type side of a schema. */
export const acceptsType = (schema: Schema.Schema.AnyNoContext): Accepts => accepts(AST.typeAST(schema.ast))

const accepts = (ast: AST.AST): Accepts => {
  switch (ast._tag) {
    case "StringKeyword":
      return (value) => typeof value === "string"
    case "NumberKeyword":
      return (value) => typeof value === "number"
    case "BooleanKeyword":
      return (value) => typeof value === "boolean"
    case "UndefinedKeyword":
      return (value) => value === undefined
    case "UnknownKeyword":
    case "AnyKeyword":
      return () => true
    case "Literal":
      return (value) => value === ast.literal
    case "Refinement": {
      const from = accepts(ast.from)
      return (value) => from(value) && Option.isNone(ast.filter(value, AST.defaultParseOption, ast))
    }
    case "TypeLiteral":
      return acceptsFields(ast)
    case "TupleType": {
      const [item] = ast.rest
      if (item === undefined || ast.rest.length > 1 || ast.elements.length > 0) return uncertain
      const each = accepts(item.type)
      return (value) => Array.isArray(value) && value.every(each)
    }
    case "Union": {
      const members = ast.types.map(accepts)
      return (value) => members.some((member) => member(value))
    }
    case "Declaration": {
      const is = ParseResult.is(Schema.make(ast))
      return (value) => is(value)
    }
    default:
      return uncertain
  }
}

const uncertain: Accepts = () => false

const acceptsFields = (ast: AST.TypeLiteral): Accepts => {
  const fields = ast.propertySignatures.map(({ isOptional, name, type }) => ({
    name,
    isOptional,
    field: accepts(type)
  }))
  const [index] = ast.indexSignatures
  if (ast.indexSignatures.length > 1) return uncertain
  const key = index === undefined ? undefined : accepts(index.parameter)
  const entry = index === undefined ? undefined : accepts(index.type)
  return (value) => {
    if (!isObject(value)) return false
    for (const { field, isOptional, name } of fields) {
      const own = value[name]
      if (own === undefined && !(name in value)) {
        if (!isOptional) return false
      } else if (!field(own)) {
        return false
      }
    }
    if (key === undefined || entry === undefined) return true
    for (const name of Object.keys(value)) {
      if (!key(name) || !entry(value[name])) return false
    }
    return true
  }
}

/**
 * Compiles how a wire form encodes a value that is known to be valid: nothing is checked again. A part that is not a
 * simple transformation is encoded by its schema.
 */
export const encodeValid = <A, I>(schema: Schema.Schema<A, I>): (value: A) => unknown => encoder(schema.ast)

type Step = (value: unknown) => unknown

const same: Step = (value) => value

const encoder = (ast: AST.AST): Step => {
  if (isPlain(ast)) return same
  switch (ast._tag) {
    case "Refinement":
      return encoder(ast.from)
    case "Transformation":
      return transformed(ast)
    case "TypeLiteral":
      return ast.indexSignatures.length > 0 ? bySchema(ast) : encodeFields(ast)
    case "TupleType": {
      const [item] = ast.rest
      if (item === undefined || ast.rest.length > 1 || ast.elements.length > 0) return bySchema(ast)
      const each = encoder(item.type)
      return each === same ? same : (value) => Array.isArray(value) ? value.map(each) : value
    }
    case "Union":
      return encodeUnion(ast)
    case "Declaration":
    case "Suspend":
      return bySchema(ast)
    default:
      return same
  }
}

const transformed = (ast: AST.Transformation): Step => {
  const { from, to, transformation } = ast
  if (!AST.isFinalTransformation(transformation)) return bySchema(ast)
  const inner = encoder(to)
  const outer = encoder(from)
  const slow = bySchema(ast)
  return (value) => {
    const encoded = transformation.encode(inner(value), AST.defaultParseOption, ast, undefined)
    return Either.isEither(encoded) && Either.isRight(encoded) ? outer(encoded.right) : slow(value)
  }
}

const encodeUnion = (ast: AST.Union): Step => {
  const members = ast.types.filter((member) => !AST.isUndefinedKeyword(member))
  const steps = members.map(encoder)
  if (steps.every((step) => step === same)) return same
  const [only] = steps
  if (only === undefined || steps.length > 1) return bySchema(ast)
  return (value) => value === undefined ? value : only(value)
}

const encodeFields = (ast: AST.TypeLiteral): Step => {
  const fields = ast.propertySignatures.map(({ name, type }) => ({ name, field: encoder(type) }))
  return (value) => {
    if (!isObject(value)) return value
    const out: Record<PropertyKey, unknown> = {}
    for (const { field, name } of fields) {
      const own = value[name]
      if (own !== undefined) out[name] = field === same ? own : field(own)
    }
    return out
  }
}

const bySchema = (ast: AST.AST): Step => {
  if (AST.encodedAST(ast) === ast) return same
  const encode = ParseResult.encodeUnknownSync(Schema.make(ast))
  return (value) => encode(value)
}

/** Whether a schema encodes and decodes nothing, and only checks. */
const isPlain = (ast: AST.AST): boolean => {
  switch (ast._tag) {
    case "Refinement":
      return isPlain(ast.from)
    case "TypeLiteral":
      return ast.propertySignatures.every(({ type }) => isPlain(type)) &&
        ast.indexSignatures.every(({ parameter, type }) => isPlain(parameter) && isPlain(type))
    case "TupleType":
      return [...ast.elements, ...ast.rest].every(({ type }) => isPlain(type))
    case "Union":
      return ast.types.every(isPlain)
    case "Transformation":
    case "Suspend":
    case "Declaration":
      return false
    default:
      return true
  }
}

/**
 * Compiles how a schema decodes: by renaming and looking, if the schema is a wire form of plain fields, and by the schema
 * itself for all else.
 */
export const decodeKnown = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = ParseResult.decodeUnknownEither(schema)
  const is = acceptsType(schema)
  const read = reader(schema.ast)
  if (read === undefined) return decode
  const isType = (value: unknown): value is A => is(value)
  return (value: unknown): Either.Either<A, ParseResult.ParseIssue> => {
    const known = read(value)
    return isType(known) ? Either.right(known) : decode(value)
  }
}

/** How a wire form is renamed; undefined if it does more than that. */
const reader = (ast: AST.AST): Step | undefined => {
  if (AST.isTupleType(ast)) {
    const [item] = ast.rest
    const each = item === undefined || ast.rest.length > 1 || ast.elements.length > 0 ? undefined : reader(item.type)
    return each === undefined ? undefined : (value) => Array.isArray(value) ? value.map(each) : value
  }
  if (!AST.isTransformation(ast) || !AST.isUnknownKeyword(ast.from) || !isPlain(ast.to)) return undefined
  const { transformation } = ast
  if (!AST.isFinalTransformation(transformation)) return undefined
  return (value) => {
    const renamed = transformation.decode(value, AST.defaultParseOption, ast, undefined)
    return Either.isEither(renamed) && Either.isRight(renamed) ? renamed.right : undefined
  }
}

const isObject = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
