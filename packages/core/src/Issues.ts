/**
 * Converts Schema's errors to issues that name the path and the rule, and never quote the value.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"
import { typeInWords } from "./internal/wire/typeInWords.ts"
import type { Issue } from "./PostmarkError.ts"

type Path = Issue["path"]

/**
 * Returns the issues of a failed decoding or encoding, each with its path.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromParseIssue = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> =>
  collect(issue, []).map(({ message, path }) => ({ path, message }))

/**
 * Formats issues as one line, for an error's message.
 *
 * @since 0.1.0
 * @category conversions
 */
export const describe = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => path.length === 0 ? message : `${pathText(path)}: ${message}`).join("; ")

/** An issue that can only name the expected type. */
interface Found extends Issue {
  readonly ofType?: true
}

const collect = (issue: ParseResult.ParseIssue, path: Path): ReadonlyArray<Found> => {
  switch (issue._tag) {
    case "Pointer":
      return collect(issue.issue, [...path, ...keysOf(issue.path)])
    case "Composite": {
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      const found = issues.map((inner) => collect(inner, path))
      return AST.isUnion(issue.ast) ? closest(found, path, issue.ast) : found.flat()
    }
    case "Refinement": {
      const own = annotated(issue.ast, issue)
      return issue.kind === "Predicate" && own !== undefined
        ? [{ path, message: own }]
        : collect(issue.issue, path)
    }
    case "Transformation":
      return collect(issue.issue, path)
    case "Type": {
      const own = issue.message ?? annotated(issue.ast, issue)
      return own === undefined ? [expected(path, issue.ast)] : [{ path, message: own }]
    }
    case "Missing":
      return [{ path, message: "missing field" }]
    case "Unexpected":
      return [{ path, message: "unknown field" }]
    case "Forbidden":
      return [{ path, message: "must not be given here" }]
  }
}

/** Of a union's members, the intended one is the one whose decoding got furthest. */
const closest = (found: ReadonlyArray<ReadonlyArray<Found>>, path: Path, ast: AST.AST): ReadonlyArray<Found> => {
  const depth = (issues: ReadonlyArray<Found>) => Math.max(0, ...issues.map((issue) => issue.path.length))
  const deepest = found.reduce((best, issues) => depth(issues) > depth(best) ? issues : best, [])
  if (deepest.length > 0 && depth(deepest) > path.length) return deepest
  const worded = found.flat().filter(({ ofType }) => ofType !== true)
  return worded.length > 0 ? worded.slice(0, 1) : [expected(path, ast)]
}

const expected = (path: Path, ast: AST.AST): Found => ({ path, message: `must be ${typeInWords(ast)}`, ofType: true })

const annotated = (ast: AST.AST, issue: ParseResult.ParseIssue): string | undefined => {
  const message = AST.getMessageAnnotation(ast)
  if (Option.isNone(message)) return undefined
  const text = message.value(issue)
  return typeof text === "string" ? text : undefined
}

const pathText = (path: Path): string =>
  path.map((key, index) => typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`).join("")

const keysOf = (path: ParseResult.Path): Path => isKey(path) ? [keyOf(path)] : path.map(keyOf)

const isKey = (path: ParseResult.Path): path is PropertyKey => !Array.isArray(path)

const keyOf = (key: PropertyKey): string | number => typeof key === "number" ? key : String(key)
