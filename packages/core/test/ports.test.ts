import {
  ConnectionStore,
  CursorStore,
  DeliveryStore,
  ErasureStore,
  EventLog,
  RunStore,
  SubscriberStore,
  SubscriptionStore,
  SweepStore,
  TaskStore,
  WaitStore
} from "@effect-postmark/core"
import * as ConnectionStoreSuite from "@effect-postmark/core/testing/ConnectionStoreSuite"
import * as CursorStoreSuite from "@effect-postmark/core/testing/CursorStoreSuite"
import * as DeliveryStoreSuite from "@effect-postmark/core/testing/DeliveryStoreSuite"
import * as ErasureStoreSuite from "@effect-postmark/core/testing/ErasureStoreSuite"
import * as EventLogSuite from "@effect-postmark/core/testing/EventLogSuite"
import * as RunStoreSuite from "@effect-postmark/core/testing/RunStoreSuite"
import * as SubscriberStoreSuite from "@effect-postmark/core/testing/SubscriberStoreSuite"
import * as SubscriptionStoreSuite from "@effect-postmark/core/testing/SubscriptionStoreSuite"
import * as SweepStoreSuite from "@effect-postmark/core/testing/SweepStoreSuite"
import * as TaskStoreSuite from "@effect-postmark/core/testing/TaskStoreSuite"
import * as WaitStoreSuite from "@effect-postmark/core/testing/WaitStoreSuite"
import { describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"

const memory = Layer.mergeAll(
  ConnectionStore.layerMemory,
  CursorStore.layerMemory,
  Layer.provideMerge(DeliveryStore.layerMemory, EventLog.layerMemory),
  ErasureStore.layerMemory,
  SubscriberStore.layerMemory,
  RunStore.layerMemory,
  SubscriptionStore.layerMemory,
  SweepStore.layerMemory,
  TaskStore.layerMemory,
  Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), EventLog.layerMemory),
  SubscriptionStore.layerMemory
)

const suites = {
  ConnectionStore: ConnectionStoreSuite.suite,
  CursorStore: CursorStoreSuite.suite,
  DeliveryStore: DeliveryStoreSuite.suite,
  ErasureStore: ErasureStoreSuite.suite,
  EventLog: EventLogSuite.suite,
  SubscriberStore: SubscriberStoreSuite.suite,
  RunStore: RunStoreSuite.suite,
  SubscriptionStore: SubscriptionStoreSuite.suite,
  SweepStore: SweepStoreSuite.suite,
  TaskStore: TaskStoreSuite.suite,
  WaitStore: WaitStoreSuite.suite
}

for (const [port, suite] of Object.entries(suites)) {
  describe(`${port} in memory`, () => {
    for (const [name, program] of Object.entries(suite)) it.effect(name, () => Effect.provide(program, memory))
  })
}
