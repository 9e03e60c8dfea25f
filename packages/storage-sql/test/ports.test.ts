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
import { PostgresStorage, SqliteStorage, type StorageUnusable } from "@effect-postmark/storage-sql"
import { describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { database } from "./postgres/database.ts"

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

const storages: Readonly<Record<string, Layer.Layer<SqliteStorage.Stores, StorageUnusable.StorageUnusable>>> = {
  SQLite: SqliteStorage.layer({ filename: ":memory:" }),
  PostgreSQL: Layer.unwrapScoped(Effect.map(database, ({ url }) => PostgresStorage.layer({ url })))
}

for (const [storage, layer] of Object.entries(storages)) {
  for (const [port, suite] of Object.entries(suites)) {
    describe(`${port} on ${storage}`, () => {
      for (const [name, program] of Object.entries(suite)) {
        it.effect(name, () => Effect.provide(program, layer))
      }
    })
  }
}
