/**
 * What `Server.layer` needs, made from stores: for a program that mounts the server beside its own services.
 *
 * @since 0.1.0
 */
import * as RelayTargets from "@effect-postmark/automation/RelayTargets"
import type * as Action from "@effect-postmark/core/Action"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as Connections from "@effect-postmark/core/Connections"
import type { Digest } from "@effect-postmark/core/Digest"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import type { Vault } from "@effect-postmark/core/Vault"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import * as ApiKeys from "./ApiKeys.ts"
import * as Automation from "./Automation.ts"
import * as Idempotency from "./Idempotency.ts"
import type * as Server from "./Server.ts"
import type { ServerStores } from "./ServerStores.ts"

/**
 * `actions` are added to Postmark's own six, `triggers` to Postmark's own. Each option has a default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Automation.Options {
  readonly connections?: Connections.Options | undefined
  readonly actions?: ReadonlyArray<Action.Handled> | undefined
  readonly triggers?: ReadonlyArray<Trigger.Any> | undefined
  readonly idempotency?: Parameters<typeof Idempotency.layer>[0]
  readonly relayTargets?: Parameters<typeof RelayTargets.layer>[0]
}

/**
 * All services of the routes. It runs no worker: add `Relay.layer()` to deliver events to targets, and
 * `BulkRuns.worker()` to send bulk runs.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  Exclude<Server.Services, ServerStores>,
  never,
  ServerStores | Vault | Digest | HttpClient.HttpClient | RelayRequirements
> =>
  Layer.mergeAll(
    WebhookReceiver.layer,
    ApiKeys.layer,
    Idempotency.layer(options.idempotency),
    ActionRegistry.layer(...options.actions ?? []),
    RelayTargets.layer(options.relayTargets),
    Automation.layer(options)
  ).pipe(
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer(options.connections)),
    Layer.provideMerge(TriggerRegistry.layer(...options.triggers ?? []))
  )

type RelayRequirements = Exclude<Layer.Layer.Context<ReturnType<typeof RelayTargets.layer>>, Server.Services>
