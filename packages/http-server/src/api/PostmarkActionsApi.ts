/**
 * The routes of actions with the types of their schemas, for clients. A server derives the same routes from its registry.
 *
 * @since 0.1.0
 */
import type { Action } from "@effect-postmark/core/Action"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Schema from "effect/Schema"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import * as Problem from "./Problem.ts"

/**
 * Builds the endpoint of an action. The client calls it by `name`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const endpoint = <
  const Name extends string,
  Id extends string,
  Payload,
  PayloadJson,
  Success,
  SuccessJson,
  E,
  EJson
>(
  name: Name,
  action: Action<Id, Payload, PayloadJson, Success, SuccessJson, E, EJson>
) =>
  HttpApiEndpoint.post(name, `/v1/connections/:id/actions/${action.name}`)
    .setPath(ConnectionPath)
    .setPayload(action.payload)
    .addSuccess(action.success)
    .addError(problems)

/** Builds the endpoint of a search, whose payload can leave out what has a default. */
const search = <const Name extends string, Id extends string, Payload, PayloadJson, Success, SuccessJson, E, EJson>(
  name: Name,
  action: Action<Id, Payload, PayloadJson, Success, SuccessJson, E, EJson>
) => endpoint(name, { ...action, payload: Schema.encodedSchema(action.payload) })

const problems = Schema.Union(
  ...Problem.ReadProblems.members,
  Problem.BadRequest,
  Problem.NotFound,
  Problem.Gone,
  Problem.TooLarge,
  Problem.Broken,
  Problem.OutcomeUnknown
)

/**
 * The routes of the six actions.
 *
 * @since 0.1.0
 * @category apis
 */
export class PostmarkActionsApi extends HttpApi.make("effect-postmark-actions").add(
  HttpApiGroup.make("actions")
    .add(endpoint("sendEmail", PostmarkActions.SendEmail))
    .add(endpoint("sendEmailBatch", PostmarkActions.SendEmailBatch))
    .add(endpoint("sendEmailWithTemplate", PostmarkActions.SendEmailWithTemplate))
    .add(search("listOutboundMessages", PostmarkActions.ListOutboundMessages))
    .add(endpoint("getOutboundMessageDetails", PostmarkActions.GetOutboundMessageDetails))
    .add(search("getOutboundStats", PostmarkActions.GetOutboundStats))
    .middleware(Authorization)
) {}
