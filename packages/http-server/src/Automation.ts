/**
 * The services behind the routes of automation: waits, bulk runs, gap-fill, retention, erasure and subscribers. Each sweep
 * and each pass of retention has a record.
 *
 * @since 0.1.0
 */
import * as BulkRuns from "@effect-postmark/automation/BulkRuns"
import * as Erasure from "@effect-postmark/automation/Erasure"
import * as GapFill from "@effect-postmark/automation/GapFill"
import * as Retention from "@effect-postmark/automation/Retention"
import * as Subscribers from "@effect-postmark/automation/Subscribers"
import * as Waits from "@effect-postmark/automation/Waits"
import type { Connections } from "@effect-postmark/core/Connections"
import type { DeliveryStore } from "@effect-postmark/core/DeliveryStore"
import type { Digest } from "@effect-postmark/core/Digest"
import type { ErasureStore } from "@effect-postmark/core/ErasureStore"
import type { EventLog } from "@effect-postmark/core/EventLog"
import { ConnectionId } from "@effect-postmark/core/Ids"
import type { RunStore } from "@effect-postmark/core/RunStore"
import type { SubscriberStore } from "@effect-postmark/core/SubscriberStore"
import type { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import type { SweepStore } from "@effect-postmark/core/SweepStore"
import { TaskStore } from "@effect-postmark/core/TaskStore"
import type { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import type { WaitStore } from "@effect-postmark/core/WaitStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Recorded from "./internal/tasks/recorded.ts"

/**
 * Long work with a record of the given id in the `TaskStore`.
 *
 * @since 0.1.0
 * @category tags
 */
export class Tasks extends Context.Tag("@effect-postmark/http-server/Automation/Tasks")<Tasks, {
  readonly sweep: (id: string, options: GapFill.SweepOptions) => ReturnType<GapFill.Service["sweep"]>
  readonly prune: (id: string) => Retention.Service["run"]
}>() {}

/**
 * The services that this module's layer provides.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | BulkRuns.BulkRuns
  | Erasure.Erasure
  | GapFill.GapFill
  | Retention.Retention
  | SweepStore
  | Subscribers.Subscribers
  | TaskStore
  | Tasks
  | Waits.Waits

/**
 * What these services need.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements =
  | Connections
  | DeliveryStore
  | Digest
  | ErasureStore
  | EventLog
  | RunStore
  | SubscriberStore
  | SubscriptionStore
  | SweepStore
  | TaskStore
  | TriggerRegistry
  | WaitStore

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly gapFill?: GapFill.Options | undefined
  readonly retention?: Retention.Options | undefined
  readonly erasure?: Erasure.Options | undefined
}

/**
 * All services of automation with one set of stores. It runs no worker.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Exclude<Services, SweepStore | TaskStore>, never, Requirements> =>
  Layer.mergeAll(
    BulkRuns.layer,
    Erasure.layer(options.erasure),
    Subscribers.layer,
    Waits.layer(),
    recorded(options)
  )

const recorded = (options: Options) =>
  Layer.effectContext(Effect.gen(function*() {
    const gapFill = yield* GapFill.make(options.gapFill)
    const retention = yield* Retention.makeService(options.retention)
    const record = Recorded.make(yield* TaskStore)
    const tasks: Context.Tag.Service<Tasks> = {
      sweep: (id, sweep) =>
        record({ id, kind: "gapFill", connectionId: ConnectionId.make(sweep.connectionId) }, gapFill.sweep(sweep)),
      prune: (id) => record({ id, kind: "retention", connectionId: null }, retention.run)
    }
    return Context.make(Tasks, tasks).pipe(
      Context.add(GapFill.GapFill, {
        sweep: (sweep) => Effect.suspend(() => tasks.sweep(Recorded.newId("swp"), sweep))
      }),
      Context.add(Retention.Retention, {
        ...retention,
        run: Effect.suspend(() => tasks.prune(Recorded.newId("ret")))
      })
    )
  }))
