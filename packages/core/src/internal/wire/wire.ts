/**
 * The one place that knows how Postmark spells its JSON keys.
 *
 * A domain schema is camelCase; {@link wire} derives the schema of the same value in Postmark's spelling. It goes
 * through structs, arrays, unions and transformations (their encoded side). Records and unknowns are opaque, because
 * their keys are data: metadata, template models, dynamic counters.
 */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** Keys whose Postmark spelling is not the domain key with a capital first letter. */
const oddNames = {
  id: "ID",
  messageId: "MessageID",
  serverId: "ServerID",
  bounceId: "BounceID",
  contentId: "ContentID",
  smtpApiErrors: "SMTPApiErrors",
  os: "OS",
  ip: "IP",
  countryIsoCode: "CountryISOCode",
  regionIsoCode: "RegionISOCode",
  destinationIp: "DestinationIP",
  smtpApiError: "SMTPApiError",
  html: "HTML",
  sourceServerId: "SourceServerID",
  destinationServerId: "DestinationServerID",
  spfVerified: "SPFVerified",
  spfHost: "SPFHost",
  spfTextValue: "SPFTextValue",
  dkimVerified: "DKIMVerified",
  weakDkim: "WeakDKIM",
  dkimHost: "DKIMHost",
  dkimTextValue: "DKIMTextValue",
  dkimPendingHost: "DKIMPendingHost",
  dkimPendingTextValue: "DKIMPendingTextValue",
  dkimRevokedHost: "DKIMRevokedHost",
  dkimRevokedTextValue: "DKIMRevokedTextValue",
  dkimUpdateStatus: "DKIMUpdateStatus",
  safeToRemoveRevokedKeyFromDns: "SafeToRemoveRevokedKeyFromDNS",
  returnPathDomainCnameValue: "ReturnPathDomainCNAMEValue",
  // Two ids that Postmark spells without capitals, beside `ID` and `ServerID` elsewhere. A schema gives them their domain
  // name with `Schema.fromKey`.
  plainId: "Id",
  plainServerId: "ServerId"
} as const

type OddNames = typeof oddNames

/** A domain key in Postmark's spelling. */
export type WireKey<K> = K extends keyof OddNames ? OddNames[K] : K extends string ? Capitalize<K> : K

/** The JSON type of a domain type's encoded side, in Postmark's spelling. */
export type Wire<T> = T extends string | number | bigint | boolean | null | undefined ? T
  : T extends ReadonlyArray<infer Item> ? ReadonlyArray<Wire<Item>>
  : T extends object ? string extends keyof T ? T : { [K in keyof T as WireKey<K>]: Wire<T[K]> }
  : T

/** A domain key in Postmark's spelling. */
export const wireKey = (key: string): string =>
  Object.hasOwn(oddNames, key)
    ? oddNames[key as keyof OddNames]
    : key.charAt(0).toUpperCase() + key.slice(1)

/** A key of Postmark's in the domain's spelling. */
export const domainKey = (key: string): string =>
  Object.entries(oddNames).find(([, spelling]) => spelling === key)?.[0] ?? key.charAt(0).toLowerCase() + key.slice(1)

/**
 * Derives the wire form of a schema: the same `Type`, and an `Encoded` in Postmark's spelling. Decoding ignores keys
 * that the schema does not name. Issues carry domain paths.
 */
export const wire = <A, I, R>(self: Schema.Schema<A, I, R>): Schema.Schema<A, Wire<I>, R> => {
  const shape = compile(AST.encodedAST(self.ast))
  return Schema.transform(Schema.make<Wire<I>>(AST.unknownKeyword), self, {
    strict: true,
    decode: shape.decode,
    encode: shape.encode
  })
}

/** Renames keys in one direction each; a value whose form the schema does not expect is left for the schema to refuse. */
interface Shape {
  // The one cast of the module: a renamed value has the renamed type by construction of `Wire`, which TypeScript cannot follow.
  readonly decode: <T>(value: unknown) => T
  readonly encode: <T>(value: unknown) => T
}

type Rename = (value: unknown) => unknown

interface Node {
  readonly opaque: boolean
  readonly decode: Rename
  readonly encode: Rename
}

const identity: Node = { opaque: true, decode: (value) => value, encode: (value) => value }

const compile = (ast: AST.AST): Shape => {
  const node = compileNode(ast, new Map())
  return {
    decode: <T>(value: unknown) => node.decode(value) as T,
    encode: <T>(value: unknown) => node.encode(value) as T
  }
}

const compileNode = (ast: AST.AST, seen: Map<AST.AST, Node>): Node => {
  const known = seen.get(ast)
  if (known !== undefined) return known
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.indexSignatures.length > 0 ? identity : compileFields([ast], seen)
    case "TupleType": {
      const item = ast.rest[0]
      if (item === undefined) return identity
      const node = compileNode(item.type, seen)
      return node.opaque ? identity : {
        opaque: false,
        decode: (value) => Array.isArray(value) ? value.map(node.decode) : value,
        encode: (value) => Array.isArray(value) ? value.map(node.encode) : value
      }
    }
    case "Union":
      return compileUnion(ast, seen)
    case "Refinement":
      return compileNode(ast.from, seen)
    case "Transformation":
      return compileNode(ast.from, seen)
    case "Suspend": {
      const lazy: { node: Node } = { node: identity }
      const node: Node = {
        opaque: false,
        decode: (value) => lazy.node.decode(value),
        encode: (value) => lazy.node.encode(value)
      }
      seen.set(ast, node)
      lazy.node = compileNode(ast.f(), seen)
      return node
    }
    default:
      return identity
  }
}

const compileUnion = (ast: AST.Union, seen: Map<AST.AST, Node>): Node => {
  const members = flatten(ast)
  const literals = members.filter(AST.isTypeLiteral).filter((member) => member.indexSignatures.length === 0)
  const lists = members.filter(AST.isTupleType).map((member) => compileNode(member, seen))
  const list = lists.find((node) => !node.opaque) ?? identity
  const fields = literals.length > 0 ? compileFields(literals, seen) : identity
  if (list.opaque && fields.opaque) return identity
  return {
    opaque: false,
    decode: (value) => Array.isArray(value) ? list.decode(value) : fields.decode(value),
    encode: (value) => Array.isArray(value) ? list.encode(value) : fields.encode(value)
  }
}

/** The members of a union, those of the unions inside it included: `optional(NullOr(…))` is one. */
const flatten = (ast: AST.Union): ReadonlyArray<AST.AST> =>
  ast.types.flatMap((member) => {
    const encoded = AST.encodedAST(member)
    return AST.isUnion(encoded) ? flatten(encoded) : [encoded]
  })

const compileFields = (literals: ReadonlyArray<AST.TypeLiteral>, seen: Map<AST.AST, Node>): Node => {
  const fields = new Map<string, { readonly wire: string; readonly node: Node }>()
  for (const literal of literals) {
    for (const { name, type } of literal.propertySignatures) {
      if (typeof name === "string" && !fields.has(name)) {
        fields.set(name, { wire: wireKey(name), node: compileNode(type, seen) })
      }
    }
  }
  const entries = Array.from(fields, ([domain, field]) => ({ domain, ...field }))
  return {
    opaque: false,
    decode: (value) => {
      if (!isObject(value)) return value
      const out: Record<string, unknown> = {}
      for (const { domain, node, wire } of entries) {
        if (Object.hasOwn(value, wire)) out[domain] = node.decode(value[wire])
      }
      return out
    },
    encode: (value) => {
      if (!isObject(value)) return value
      const out: Record<string, unknown> = {}
      for (const { domain, node, wire } of entries) {
        const field = value[domain]
        if (field !== undefined) out[wire] = node.encode(field)
      }
      return out
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
