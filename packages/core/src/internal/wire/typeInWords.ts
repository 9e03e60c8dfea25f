/** The type that a schema asks for, in words that need no knowledge of Schema. */
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as AST from "effect/SchemaAST"

export const typeInWords = (ast: AST.AST): string => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return "text"
    case "NumberKeyword":
    case "BigIntKeyword":
      return "a number"
    case "BooleanKeyword":
      return "true or false"
    case "Literal":
      return JSON.stringify(typeof ast.literal === "bigint" ? String(ast.literal) : ast.literal)
    case "TupleType":
      return ast.rest[0] === undefined ? "a list" : `a list of ${plural(ast.rest[0].type)}`
    case "Union":
      return unionInWords(ast)
    case "Refinement":
      return refinementInWords(ast)
    case "Transformation":
      return typeInWords(ast.from)
    case "Suspend":
      return typeInWords(ast.f())
    case "Declaration":
      return declarationInWords(ast)
    default:
      return "an object"
  }
}

const unionInWords = (ast: AST.Union): string => {
  const members = present(ast)
  const literals = members.filter(AST.isLiteral)
  if (literals.length > 1 && literals.length === members.length) {
    return `one of ${literals.map(typeInWords).join(", ")}`
  }
  return [...new Set(members.map(typeInWords))].join(" or ")
}

/** A field that can be left out can also be undefined or null; neither is worth a word. */
const present = (ast: AST.Union): ReadonlyArray<AST.AST> =>
  ast.types.flatMap((member): ReadonlyArray<AST.AST> =>
    AST.isUnion(member)
      ? present(member)
      : AST.isUndefinedKeyword(member) || (AST.isLiteral(member) && member.literal === null)
      ? []
      : [member]
  )

/** The rules of a number are part of its type here: whoever gives text for it wants to know them. */
const refinementInWords = (ast: AST.Refinement): string => {
  const rules = rulesOf(ast)
  const words = typeInWords(innermost(ast))
  if (words === "text" && typeof rules["minLength"] === "number" && rules["minLength"] > 0) {
    return "text that is not empty"
  }
  if (words !== "a number") return words
  const noun = rules["type"] === "integer" ? "a whole number" : "a number"
  const least = rules["minimum"] ?? (rules["type"] === "integer" && rules["exclusiveMinimum"] === 0 ? 1 : undefined)
  if (least !== undefined && rules["maximum"] !== undefined) return `${noun} from ${least} to ${rules["maximum"]}`
  if (least !== undefined) return `${noun} of at least ${least}`
  return rules["maximum"] === undefined ? noun : `${noun} of at most ${rules["maximum"]}`
}

const innermost = (ast: AST.AST): AST.AST => AST.isRefinement(ast) ? innermost(ast.from) : ast

const rulesOf = (ast: AST.AST): Readonly<Record<string, unknown>> => {
  if (!AST.isRefinement(ast)) return {}
  const own: unknown = Option.getOrUndefined(AST.getJSONSchemaAnnotation(ast))
  return { ...rulesOf(ast.from), ...(Predicate.isRecord(own) ? own : {}) }
}

const declarationInWords = (ast: AST.Declaration): string =>
  Option.match(AST.getIdentifierAnnotation(ast), {
    onNone: () => "an object",
    onSome: (name) => name === "Uint8ArrayFromSelf" ? "a Uint8Array" : `a ${name.replace(/FromSelf$/, "")}`
  })

const plural = (ast: AST.AST): string => {
  const words = typeInWords(ast)
  switch (words) {
    case "text":
      return "texts"
    case "an object":
      return "objects"
    case "a number":
      return "numbers"
    default:
      return words
  }
}
