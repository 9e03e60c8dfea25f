/** Values in paths and queries, which are text. */
import * as OpenApiJsonSchema from "@effect/platform/OpenApiJsonSchema"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"

type Text = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

/** Reads numbers and booleans where the schema asks for them. Text that is neither stays text, for the schema to refuse. */
export const fromText = (ast: AST.AST) => {
  const readers = new Map(fieldsOf(ast).map(({ name, type }) => [String(name), reader(type)]))
  return (text: Text): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(text).map(([name, value]) => {
        const read = readers.get(name)
        return [name, read === undefined || typeof value !== "string" ? value : read(value)]
      })
    )
}

const fieldsOf = (ast: AST.AST): ReadonlyArray<AST.PropertySignature> => {
  switch (ast._tag) {
    case "Refinement":
    case "Transformation":
      return fieldsOf(ast.from)
    case "TypeLiteral":
      return ast.propertySignatures
    default:
      return []
  }
}

type Reader = (text: string) => unknown

const reader = (ast: AST.AST): Reader => {
  const kinds = kindsOf(ast)
  return (text) => {
    if (kinds.has("NumberKeyword") && /^-?\d{1,16}(?:\.\d{1,16})?$/.test(text) && isExact(text)) return Number(text)
    if (kinds.has("BooleanKeyword") && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true"
    return text
  }
}

const isExact = (text: string) => text.includes(".") || Number.isSafeInteger(Number(text))

const kindsOf = (ast: AST.AST): ReadonlySet<AST.AST["_tag"]> => {
  switch (ast._tag) {
    case "Refinement":
    case "Transformation":
      return kindsOf(ast.from)
    case "Union":
      return new Set(ast.types.flatMap((member) => [...kindsOf(member)]))
    default:
      return new Set([ast._tag])
  }
}

const TextRecord = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Undefined) })

/** The query of a schema: its JSON in a program, text in the URL. */
export const queryOf = <A, I>(
  schema: Schema.Schema<A, I>
): Schema.Schema<I, Readonly<Record<string, string | undefined>>> => {
  const json = Schema.encodedSchema(schema)
  const validate = ParseResult.validate(json)
  const read = fromText(schema.ast)
  return Schema.transformOrFail(TextRecord, json, {
    strict: true,
    decode: (text) => validate(read(text)),
    encode: (value) =>
      ParseResult.succeed(Object.fromEntries(
        Object.entries(Object(value)).flatMap(([name, field]) =>
          field === undefined || field === null ? [] : [[name, String(field)]]
        )
      ))
  }).annotations({ jsonSchema: inlined(schema) })
}

const PathRecord = Schema.Record({ key: Schema.String, value: Schema.String })

/** The path parameters of a schema: its JSON in a program, escaped text in the URL. */
export const pathOf = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<I, Readonly<Record<string, string>>> => {
  const json = Schema.encodedSchema(schema)
  const validate = ParseResult.validate(json)
  const read = fromText(schema.ast)
  return Schema.transformOrFail(PathRecord, json, {
    strict: true,
    decode: (text) => validate(read(text)),
    encode: (value) =>
      ParseResult.succeed(Object.fromEntries(
        Object.entries(Object(value)).map(([name, field]) => [name, encodeURIComponent(String(field))])
      ))
  }).annotations({ jsonSchema: inlined(schema) })
}

/** The JSON Schema of a schema without references, as OpenAPI wants each parameter by itself. */
export const inlined = <A, I>(schema: Schema.Schema<A, I>): object => {
  const { $defs = {}, ...root }: { readonly $defs?: Readonly<Record<string, unknown>> } = OpenApiJsonSchema.make(schema)
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== "object" || value === null) return value
    const { $ref: reference, ...own }: { readonly $ref?: unknown } = value
    const kept = Object.fromEntries(Object.entries(own).map(([key, inner]) => [key, resolve(inner)]))
    return typeof reference === "string"
      ? { ...Object(resolve($defs[reference.slice(reference.lastIndexOf("/") + 1)])), ...kept }
      : kept
  }
  return Object(resolve(root))
}
