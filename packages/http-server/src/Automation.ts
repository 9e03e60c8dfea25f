/**
 * The services behind the routes of automation: waits, bulk runs, gap-fill, erasure, retention and subscribers.
 *
 * @since 0.1.0
 */
import * as BulkRuns from "@effect-postmark/automation/BulkRuns"
import * as Waits from "@effect-postmark/automation/Waits"
import type { Connections } from "@effect-postmark/core/Connections"
import type { EventLog } from "@effect-postmark/core/EventLog"
import type { RunStore } from "@effect-postmark/core/RunStore"
import type { WaitStore } from "@effect-postmark/core/WaitStore"
import * as Layer from "effect/Layer"

/**
 * The services that this module's layer provides.
 *
 * @since 0.1.0
 * @category models
 */
export type Services = BulkRuns.BulkRuns | Waits.Waits

/**
 * What these services need.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements = Connections | EventLog | RunStore | WaitStore

/**
 * All services of automation with one set of stores.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Services, never, Requirements> = Layer.mergeAll(
  BulkRuns.layer,
  Waits.layer()
)
