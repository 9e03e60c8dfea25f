/**
 * One route for each action of the registry, with the action's own payload, response and documentation.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import type * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import type * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import * as Problem from "./Problem.ts"
import { Repeat } from "./Repeat.ts"

/**
 * Builds an action's endpoint.
 *
 * @since 0.1.0
 * @category constructors
 */
export const endpoint = (action: Action.Definition) =>
  HttpApiEndpoint.post(action.name, `/v1/connections/:id/actions/${action.name}`)
    .setPath(ConnectionPath)
    .setPayload(action.payload)
    .addSuccess(action.success)
    .addError(Problem.ReadProblems)
    .addError(Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.Gone, Problem.TooLarge, Problem.Broken))
    .addError(Problem.OutcomeUnknown)
    .annotate(Access, action.readOnly ? "read" : "send")
    .annotate(OpenApi.Summary, action.title)
    .annotate(OpenApi.Description, `${action.description}. Action \`${action.id}\`.`)

/**
 * @since 0.1.0
 * @category models
 */
export type Endpoint = ReturnType<typeof endpoint>

/**
 * Returns the actions that have a route. If two actions share a name, only the one that the registry finds has a route.
 *
 * @since 0.1.0
 * @category constructors
 */
export const routed = (registry: ActionRegistry.Service): ReadonlyArray<Action.Handled> =>
  registry.handlers.filter((handled) => registry.get(handled.action.name) === handled)

/**
 * Builds the routes of a registry's actions.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (registry: ActionRegistry.Service) =>
  routed(registry).reduce(
    (group: HttpApiGroup.HttpApiGroup<"actions", Endpoint, never>, handled) =>
      group.add(endpoint(handled.action).annotate(Repeat, repeatOf(handled))),
    HttpApiGroup.make("actions")
  ).annotate(OpenApi.Title, "Actions").annotate(
    OpenApi.Description,
    "Sends, and the history and statistics of sent messages."
  ).middleware(Authorization)

/** Of the built-in actions it is known that one call makes one send, through the client. */
const repeatOf = (handled: Action.Handled): Context.Tag.Service<Repeat> =>
  PostmarkActions.handlers.includes(handled) ? "search" : handled.action.idempotent ? "again" : "ask"
