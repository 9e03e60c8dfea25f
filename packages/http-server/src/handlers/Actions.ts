/**
 * Handles the registry's actions.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import { Connections } from "@effect-postmark/core/Connections"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Api from "../Api.ts"
import { mayTouch } from "../internal/access.ts"
import * as Incoming from "../internal/incoming.ts"
import * as Responses from "../internal/responses.ts"
import * as SendResponses from "../internal/sendResponses.ts"

/**
 * Runs the actions. `maxBytes` limits the payload.
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
          // Checks the connection first, so a caller without access learns nothing from the payload's validation.
          Effect.zipRight(connections.client(request.path.id)),
          Effect.flatMap((client) =>
            Effect.flatMap(
              Incoming.json(request.request, options.maxBytes),
              (payload) => SendResponses.make(request.path.id, payload)(run(payload, client))
            )
          ),
          Responses.orProblem
        )
      return rest
        .reduce((all, handled) => all.handleRaw(handled.action.name, answer(handled)), handlers)
        .handleRaw(first.action.name, answer(first))
    }))

interface Request {
  readonly path: { readonly id: string }
  readonly request: HttpServerRequest.HttpServerRequest
}
