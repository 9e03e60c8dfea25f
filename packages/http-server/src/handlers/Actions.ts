/**
 * The actions of the registry.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import { Connections } from "@effect-postmark/core/Connections"
import * as Json from "@effect-postmark/core/Json"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Api from "../Api.ts"
import { mayTouch } from "../internal/access.ts"
import * as Answers from "../internal/answers.ts"
import * as Incoming from "../internal/incoming.ts"

/**
 * `maxBytes` is the longest payload that is read.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  api: ReturnType<typeof Api.actions>,
  [first, ...rest]: Arr.NonEmptyReadonlyArray<Action.Handled>,
  options: { readonly maxBytes: number }
) =>
  HttpApiBuilder.group(api, "actions", (handlers) =>
    Effect.map(Connections, (connections) => {
      const answer = ({ run }: Action.Handled) => (request: Request) =>
        mayTouch(request.path.id).pipe(
          // The connection comes first: who may not see it learns nothing from how the payload is judged.
          Effect.zipRight(connections.client(request.path.id)),
          Effect.flatMap((client) =>
            Effect.flatMap(Incoming.json(request.request, options.maxBytes), (payload) => run(payload, client))
          ),
          Effect.map((success) => Answers.jsonText(Json.stringify(success))),
          Answers.orProblem
        )
      return rest
        .reduce((all, handled) => all.handleRaw(handled.action.name, answer(handled)), handlers)
        .handleRaw(first.action.name, answer(first))
    }))

interface Request {
  readonly path: { readonly id: string }
  readonly request: HttpServerRequest.HttpServerRequest
}
