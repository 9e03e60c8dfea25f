/**
 * All stores of a server, in memory. `SqlServerStores` has them in a database.
 *
 * @since 0.1.0
 */
import * as ConnectionStore from "@effect-postmark/core/ConnectionStore"
import * as DeliveryStore from "@effect-postmark/core/DeliveryStore"
import * as ErasureStore from "@effect-postmark/core/ErasureStore"
import * as EventLog from "@effect-postmark/core/EventLog"
import * as RunStore from "@effect-postmark/core/RunStore"
import * as SubscriberStore from "@effect-postmark/core/SubscriberStore"
import * as SubscriptionStore from "@effect-postmark/core/SubscriptionStore"
import * as SweepStore from "@effect-postmark/core/SweepStore"
import * as TaskStore from "@effect-postmark/core/TaskStore"
import * as WaitStore from "@effect-postmark/core/WaitStore"
import * as Layer from "effect/Layer"
import * as ApiKeyStore from "./ApiKeyStore.ts"
import * as AuditLog from "./AuditLog.ts"
import * as IdempotencyStore from "./IdempotencyStore.ts"
import * as RateLimitStore from "./RateLimitStore.ts"

/**
 * The ports that `ServerServices` needs.
 *
 * @since 0.1.0
 * @category models
 */
export type ServerStores =
  | ApiKeyStore.ApiKeyStore
  | AuditLog.AuditLog
  | ConnectionStore.ConnectionStore
  | DeliveryStore.DeliveryStore
  | ErasureStore.ErasureStore
  | EventLog.EventLog
  | IdempotencyStore.IdempotencyStore
  | RateLimitStore.RateLimitStore
  | RunStore.RunStore
  | SubscriberStore.SubscriberStore
  | SubscriptionStore.SubscriptionStore
  | SweepStore.SweepStore
  | TaskStore.TaskStore
  | WaitStore.WaitStore

/**
 * Loses everything when the program ends.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<ServerStores> = Layer.mergeAll(
  ApiKeyStore.layerMemory,
  AuditLog.layerMemory,
  ConnectionStore.layerMemory,
  ErasureStore.layerMemory,
  IdempotencyStore.layerMemory,
  RateLimitStore.layerMemory,
  RunStore.layerMemory,
  SubscriberStore.layerMemory,
  SubscriptionStore.layerMemory,
  SweepStore.layerMemory,
  TaskStore.layerMemory,
  Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), EventLog.layerMemory)
)
