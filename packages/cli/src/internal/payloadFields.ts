/** Reads the fields of a payload from its schema, for help and flags. */
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** The kind of value that a flag can give to a field. */
export type Shape =
  | { readonly _tag: "Text" }
  | { readonly _tag: "TextFile" }
  | { readonly _tag: "Number" }
  | { readonly _tag: "Boolean" }
  | { readonly _tag: "Texts"; readonly alone: boolean }
  | { readonly _tag: "Pairs" }
  | { readonly _tag: "Headers" }
  | { readonly _tag: "Files" }
  | { readonly _tag: "Json" }
  | { readonly _tag: "Other" }

export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly type: string
  readonly description: string | undefined
  readonly shape: Shape
}

export const payloadFields = (schema: Schema.Schema.AnyNoContext): ReadonlyArray<Field> => {
  const payload = bare(schema.ast)
  return AST.isTypeLiteral(payload) ? payload.propertySignatures.map(fieldOf) : []
}

const fieldOf = (property: AST.PropertySignature): Field => ({
  name: String(property.name),
  optional: property.isOptional,
  type: typeText(property.type),
  description: Option.getOrUndefined(AST.getDescriptionAnnotation(property)) ?? descriptionOf(property.type),
  shape: shapeOf(bare(property.type))
})

/** Returns the JSON side of a schema, without checks and without `undefined`. */
const bare = (ast: AST.AST): AST.AST => {
  switch (ast._tag) {
    case "Refinement":
    case "Transformation":
      return bare(ast.from)
    case "Suspend":
      return bare(ast.f())
    case "Union": {
      const members = defined(ast)
      const [only] = members
      return members.length === 1 && only !== undefined ? bare(only) : ast
    }
    default:
      return ast
  }
}

const defined = (ast: AST.Union): ReadonlyArray<AST.AST> => ast.types.filter((type) => !AST.isUndefinedKeyword(type))

const shapeOf = (ast: AST.AST): Shape => {
  if (AST.isStringKeyword(ast) || literals(ast) !== undefined) return { _tag: "Text" }
  if (AST.isNumberKeyword(ast)) return { _tag: "Number" }
  if (AST.isBooleanKeyword(ast)) return { _tag: "Boolean" }
  if (AST.isUnion(ast)) {
    const members = defined(ast).map(bare)
    return members.length === 2 && members.some(AST.isStringKeyword) && members.some((type) => isTexts(type))
      ? { _tag: "Texts", alone: true }
      : { _tag: "Other" }
  }
  if (isTexts(ast)) return { _tag: "Texts", alone: false }
  const keys = keysOf(itemOf(ast))
  if (keys === "name,value") return { _tag: "Headers" }
  if (keys?.startsWith("name,content,contentType") === true) return { _tag: "Files" }
  const values = recordOf(ast)
  if (values === undefined) return { _tag: "Other" }
  return AST.isStringKeyword(values) ? { _tag: "Pairs" } : { _tag: "Json" }
}

const itemOf = (ast: AST.AST): AST.AST | undefined => {
  const rest = AST.isTupleType(ast) && ast.elements.length === 0 ? ast.rest[0] : undefined
  return rest === undefined ? undefined : bare(rest.type)
}

const isTexts = (ast: AST.AST): boolean => {
  const item = itemOf(ast)
  return item !== undefined && AST.isStringKeyword(item)
}

const keysOf = (ast: AST.AST | undefined): string | undefined =>
  ast !== undefined && AST.isTypeLiteral(ast)
    ? ast.propertySignatures.map(({ name }) => String(name)).join()
    : undefined

const recordOf = (ast: AST.AST): AST.AST | undefined => {
  const signature = AST.isTypeLiteral(ast) && ast.propertySignatures.length === 0 ? ast.indexSignatures[0] : undefined
  return signature === undefined ? undefined : bare(signature.type)
}

const literals = (ast: AST.AST): ReadonlyArray<string> | undefined => {
  const members = AST.isUnion(ast) ? defined(ast) : [ast]
  const texts = members.flatMap((type) => AST.isLiteral(type) && typeof type.literal === "string" ? [type.literal] : [])
  return texts.length > 0 && texts.length === members.length ? texts : undefined
}

const typeText = (schema: AST.AST): string => {
  const ast = bare(schema)
  const choices = literals(ast)
  if (choices !== undefined) return choices.join(" | ")
  const item = itemOf(ast)
  if (item !== undefined) return `array of ${typeText(item)}`
  if (AST.isUnion(ast)) return defined(ast).map(typeText).join(" or ")
  if (AST.isTypeLiteral(ast) && ast.propertySignatures.length > 0) {
    return `{ ${
      ast.propertySignatures.map(({ isOptional, name }) => `${String(name)}${isOptional ? "?" : ""}`).join(", ")
    } }`
  }
  switch (ast._tag) {
    case "StringKeyword":
      return "string"
    case "NumberKeyword":
      return "number"
    case "BooleanKeyword":
      return "true or false"
    case "TypeLiteral":
      return "object"
    default:
      return "JSON"
  }
}

/** Returns the outermost written description; ignores Schema's default descriptions. */
const descriptionOf = (ast: AST.AST): string | undefined => {
  const own = Option.getOrUndefined(AST.getDescriptionAnnotation(ast))
  if (own !== undefined && !/^a (string|boolean|number)( matching| at least|$)/.test(own)) return own
  switch (ast._tag) {
    case "Refinement":
    case "Transformation":
      return descriptionOf(ast.from)
    case "Union":
      return defined(ast).map(descriptionOf).find((text) => text !== undefined)
    case "TupleType":
      return ast.rest.map(({ type }) => descriptionOf(type)).find((text) => text !== undefined)
    default:
      return undefined
  }
}
