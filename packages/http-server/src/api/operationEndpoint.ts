/**
 * The endpoints of operations: the schemas, the HTTP shape and the documentation are the operation's own.
 *
 * @since 0.1.0
 */
import type { Definition, Operation } from "@effect-postmark/core/Operation"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { pathOf, queryOf } from "../internal/queryText.ts"
import { Access } from "./Access.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import * as Problem from "./Problem.ts"

/**
 * Returns the path of an operation's route.
 *
 * @since 0.1.0
 * @category constructors
 */
export const pathUnderConnection = (operation: Pick<Definition, "path">) =>
  `/v1/connections/:id${operation.path}` as const

const withConnection = <P, PI>(params: Schema.Schema<P, PI>) =>
  pathOf(Schema.extend(ConnectionPath, Schema.encodedBoundSchema(params)))

const documented = (operation: Definition) =>
  Context.mergeAll(
    Context.make(Access, operation.readOnly ? "read" : operation.sends ? "send" : "manage"),
    Context.make(OpenApi.Summary, operation.title),
    Context.make(OpenApi.Description, `${operation.description}. Operation \`${operation.id}\`.`)
  )

/** An annotation on a schema removes its identifier, so both are set together. */
const success = <S, SI>({ status, success }: { readonly status: number; readonly success: Schema.Schema<S, SI> }) => {
  const identifier = Option.getOrUndefined(AST.getIdentifierAnnotation(success.ast))
  return success.annotations(
    HttpApiSchema.annotations({ status, ...identifier === undefined ? {} : { identifier } })
  )
}

const problems = Schema.Union(...Problem.ReadProblems.members, Problem.NotFound, Problem.Gone, Problem.Broken)
const bodyProblems = Schema.Union(Problem.BadRequest, Problem.TooLarge)

/**
 * Builds the endpoint of a read by ids.
 *
 * @since 0.1.0
 * @category constructors
 */
export const get = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "GET", P, PI, Q, QI, B, BI, S, SI>
) =>
  HttpApiEndpoint.get(operation.member, pathUnderConnection(operation))
    .setPath(withConnection(operation.params))
    .addSuccess(operation.success)
    .addError(problems)
    .annotateContext(documented(operation))

/**
 * Builds the endpoint of a read with a query.
 *
 * @since 0.1.0
 * @category constructors
 */
export const search = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "GET", P, PI, Q, QI, B, BI, S, SI>
) => get(operation).setUrlParams(queryOf(operation.query))

/**
 * Builds the endpoint of a POST with a body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const post = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "POST", P, PI, Q, QI, B, BI, S, SI>
) =>
  HttpApiEndpoint.post(operation.member, pathUnderConnection(operation))
    .setPath(withConnection(operation.params))
    .setPayload(operation.body)
    .addSuccess(success(operation))
    .addError(problems)
    .addError(bodyProblems)
    .addError(Problem.OutcomeUnknown)
    .annotateContext(documented(operation))

/**
 * Builds the endpoint of a POST without a body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const act = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "POST", P, PI, Q, QI, B, BI, S, SI>
) =>
  HttpApiEndpoint.post(operation.member, pathUnderConnection(operation))
    .setPath(withConnection(operation.params))
    .addSuccess(success(operation))
    .addError(problems)
    .addError(Problem.OutcomeUnknown)
    .annotateContext(documented(operation))

/**
 * Builds the endpoint of a change by ids.
 *
 * @since 0.1.0
 * @category constructors
 */
export const patch = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "PATCH", P, PI, Q, QI, B, BI, S, SI>
) =>
  HttpApiEndpoint.patch(operation.member, pathUnderConnection(operation))
    .setPath(withConnection(operation.params))
    .setPayload(operation.body)
    .addSuccess(operation.success)
    .addError(problems)
    .addError(bodyProblems)
    .addError(Problem.OutcomeUnknown)
    .annotateContext(documented(operation))

/**
 * Builds the endpoint of a removal.
 *
 * @since 0.1.0
 * @category constructors
 */
export const del = <Member extends string, P, PI, Q, QI, B, BI, S, SI>(
  operation: Operation<string, Member, "DELETE", P, PI, Q, QI, B, BI, S, SI>
) =>
  HttpApiEndpoint.del(operation.member, pathUnderConnection(operation))
    .setPath(withConnection(operation.params))
    .addSuccess(success(operation))
    .addError(problems)
    .addError(Problem.OutcomeUnknown)
    .annotateContext(documented(operation))
