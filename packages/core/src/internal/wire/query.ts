/** Queries in Postmark's spelling, which differs from page to page of its documentation. */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** A query as text. */
export const QueryText = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Undefined) })

/** The same parameters as text, spelled by the given table; a name that is not in it keeps its spelling. */
export const parameters = <A extends object, I>(
  query: Schema.Schema<A, I>,
  spelling: { readonly [K in keyof A]?: string } = {}
) => {
  const type = Schema.typeSchema(query)
  const spelled = new Map<string, unknown>(Object.entries(spelling))
  const fields = fieldsOf(type.ast).map(({ domain, read }) => {
    const name = spelled.get(domain)
    return { domain, read, name: typeof name === "string" ? name : domain }
  })
  const validate = ParseResult.validate(type)
  return Schema.transformOrFail(QueryText, type, {
    strict: true,
    decode: (text) =>
      validate(Object.fromEntries(fields.flatMap(({ domain, name, read }) => {
        const value = text[name]
        return value === undefined ? [] : [[domain, read(value)]]
      }))),
    encode: (value) => {
      const given = new Map<string, unknown>(Object.entries(value))
      return ParseResult.succeed(Object.fromEntries(fields.flatMap(({ domain, name }) => {
        const part = given.get(domain)
        return part === undefined ? [] : [[name, String(part)]]
      })))
    }
  })
}

interface Field {
  readonly domain: string
  readonly read: (text: string) => unknown
}

const fieldsOf = (ast: AST.AST): ReadonlyArray<Field> => {
  if (AST.isRefinement(ast)) return fieldsOf(ast.from)
  return AST.isTypeLiteral(ast)
    ? ast.propertySignatures.map(({ name, type }) => ({ domain: String(name), read: reader(type) }))
    : []
}

const reader = (ast: AST.AST): Field["read"] => {
  switch (ast._tag) {
    case "Refinement":
      return reader(ast.from)
    case "Union":
      return reader(ast.types[0])
    case "NumberKeyword":
      return Number
    case "BooleanKeyword":
      return (text) => text.toLowerCase() === "true"
    default:
      return (text) => text
  }
}
