/**
 * The HTTP API as one contract, for the server, for OpenAPI and for derived clients.
 *
 * @since 0.1.0
 */
import type * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import type * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import * as ActionsApi from "./api/ActionsApi.ts"
import { ApiKeysApi } from "./api/ApiKeysApi.ts"
import { AuditApi } from "./api/AuditApi.ts"
import { ConnectionsApi } from "./api/ConnectionsApi.ts"
import { EventsApi } from "./api/EventsApi.ts"
import { MessagesApi } from "./api/MessagesApi.ts"
import { OperationsApi } from "./api/OperationsApi.ts"
import * as Problem from "./api/Problem.ts"
import { ProvisioningApi } from "./api/ProvisioningApi.ts"
import { QuarantineApi } from "./api/QuarantineApi.ts"
import { ReconciliationsApi } from "./api/ReconciliationsApi.ts"
import { RelayTargetsApi } from "./api/RelayTargetsApi.ts"
import { RunsApi } from "./api/RunsApi.ts"
import { SubscribersApi } from "./api/SubscribersApi.ts"
import { SystemApi } from "./api/SystemApi.ts"
import { TasksApi } from "./api/TasksApi.ts"
import { TriggersApi } from "./api/TriggersApi.ts"
import { WebhooksApi } from "./api/WebhooksApi.ts"
import { withoutDecodeErrors } from "./internal/openApi.ts"
import { published } from "./internal/openApi/document.ts"
import { withIdempotencyKey } from "./internal/openApiIdempotency.ts"
import { withTriggers } from "./internal/openApiTriggers.ts"

/**
 * The routes of every server.
 *
 * @since 0.1.0
 * @category apis
 */
export class Api extends HttpApi.make("effect-postmark")
  .add(ConnectionsApi)
  .add(TriggersApi)
  .add(RelayTargetsApi)
  .add(ProvisioningApi)
  .add(MessagesApi)
  .add(RunsApi)
  .add(TasksApi)
  .add(SubscribersApi)
  .add(EventsApi)
  .add(ReconciliationsApi)
  .add(QuarantineApi)
  .add(ApiKeysApi)
  .add(AuditApi)
  .add(WebhooksApi)
  .add(SystemApi)
{}

/**
 * Builds the routes of a registry's actions.
 *
 * @since 0.1.0
 * @category apis
 */
export const actions = (registry: ActionRegistry.Service) =>
  HttpApi.make("effect-postmark-actions").add(ActionsApi.make(registry))

/**
 * Builds the whole API, for OpenAPI and for clients.
 *
 * @since 0.1.0
 * @category apis
 */
export const make = (registry: ActionRegistry.Service, triggers: TriggerRegistry.Service) => {
  const api = HttpApi.make("effect-postmark")
    .addHttpApi(actions(registry))
    .addHttpApi(OperationsApi)
    .addHttpApi(Api)
  const idempotency = withIdempotencyKey(api)
  return api
    .annotateContext(OpenApi.annotations({
      title: "effect-postmark",
      version: "1",
      description: "Postmark's transactional email: connections, actions, triggers and webhooks.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
      servers: [{ url: "/", description: "this server" }],
      transform: (spec) => published(withTriggers(triggers)(idempotency(withoutDecodeErrors(spec))))
    }))
    .annotate(HttpApi.AdditionalSchemas, Problem.all)
}
