/**
 * Handles core's operations: one route for each.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import * as Json from "@effect-postmark/core/Json"
import * as Operation from "@effect-postmark/core/Operation"
import * as PostmarkOperations from "@effect-postmark/core/PostmarkOperations"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import { Caller } from "../api/Authorization.ts"
import { pathUnderConnection } from "../api/operationEndpoint.ts"
import { mayTouch } from "../internal/access.ts"
import { invalid } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"
import { fromText } from "../internal/queryText.ts"
import * as Responses from "../internal/responses.ts"
import { caller } from "./Authorization.ts"

/**
 * Runs the operations. `maxBytes` limits the body of a send.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: { readonly maxBytes: number }) =>
  HttpLayerRouter.use((router) =>
    Effect.gen(function*() {
      const connections = yield* Connections
      for (const operation of PostmarkOperations.all) {
        const paramsOf = fromText(operation.params.ast)
        const queryOf = fromText(operation.query.ast)
        const limit = operation.sends ? options.maxBytes : settingsLimit
        yield* router.add(
          operation.method,
          pathUnderConnection(operation),
          Effect.gen(function*() {
            const { id = "", ...params } = yield* HttpLayerRouter.params
            yield* mayTouch(id)
            // Checks the connection first, so a caller without access learns nothing from the input's validation.
            const client = yield* connections.client(id)
            const query = yield* once(operation.id, yield* HttpServerRequest.ParsedSearchParams)
            const body = operation.body === Operation.nothing
              ? {}
              : yield* Incoming.json(yield* HttpServerRequest.HttpServerRequest, limit)
            const success = yield* operation.run({ params: paramsOf(params), query: queryOf(query), body }, client)
            return operation.status === 204
              ? Responses.noContent
              : Responses.jsonText(Json.stringify(success), operation.status)
          }).pipe(Effect.provideServiceEffect(Caller, caller), Responses.orProblem)
        )
      }
    })
  )

/** A template has up to 500 KB of HTML and 500 KB of text, and JSON escapes both. */
const settingsLimit = 5 * 1024 * 1024

const once = (operation: string, query: Readonly<Record<string, string | ReadonlyArray<string>>>) => {
  const repeated = Object.entries(query).flatMap(([name, value]) => typeof value === "string" ? [] : [name])
  return repeated.length === 0
    ? Effect.succeed(query)
    : Effect.fail(invalid(operation, repeated.map((name) => ({ path: [name], message: "must be given once" }))))
}
