/** The rows and leases of subscribers in memory: each operation is one synchronous step. */
import * as Effect from "effect/Effect"
import type { Lease, Row, Selection, Service, Settlement, Subscription } from "../../SubscriberStore.ts"

export const make = (): Service => {
  const rows = new Map<string, Row>()
  const leases = new Map<string, Lease>()

  const of = (subscription: Subscription) =>
    [...rows.values()]
      .filter((row) => row.subscriber === subscription.subscriber && row.trigger === subscription.trigger)
      .sort((a, b) => a.sequence - b.sequence)

  const put = (row: Row) => void rows.set(rowKey(row, row.sequence), row)

  const openKeys = (subscription: Subscription, keys: ReadonlyArray<string>) => {
    const open = new Set(of(subscription).filter(({ state }) => state !== "dead").map(({ key }) => key))
    return [...new Set(keys)].filter((key) => open.has(key))
  }

  const promote = (subscription: Subscription, keys: ReadonlyArray<string>) => {
    for (const key of keys) {
      const ofKey = of(subscription).filter((row) => row.key === key)
      const next = ofKey.find(({ state }) => state === "waiting")
      if (next !== undefined && !ofKey.some(({ state }) => state === "pending")) put({ ...next, state: "pending" })
    }
  }

  const settleOne = (subscription: Subscription, settlement: Settlement) => {
    const { subscriber, trigger } = subscription
    if (settlement.state === "done") rows.delete(rowKey(subscription, settlement.sequence))
    else if (settlement.state === "dead") put({ ...settlement, subscriber, trigger })
    else put({ ...settlement, subscriber, trigger, state: settlement.key === null ? "pending" : "waiting" })
  }

  const select = ({ after, connections, from, limit, sequences, to, ...subscription }: Selection) =>
    of(subscription).filter((row) =>
      row.sequence > after && (sequences === undefined || sequences.includes(row.sequence)) &&
      (connections === undefined || connections.includes(row.connectionId)) &&
      (from === undefined || row.receivedAt >= from) && (to === undefined || row.receivedAt < to)
    ).slice(0, Math.max(limit, 0))

  const selectIn = (selection: Selection, states: ReadonlyArray<Row["state"]>) =>
    select({ ...selection, limit: Number.MAX_SAFE_INTEGER })
      .filter(({ state }) => states.includes(state)).slice(0, Math.max(selection.limit, 0))

  return {
    hold: ({ expired, owner, ...subscription }) =>
      Effect.sync(() => {
        const key = leaseKey(subscription)
        const current = leases.get(key)
        const isFree = current === undefined || current.owner === owner ||
          (current.owner === expired?.owner && current.beat === expired.beat)
        if (!isFree) return current
        const lease = { owner, beat: (current?.beat ?? 0) + 1 }
        leases.set(key, lease)
        return lease
      }),
    release: ({ owner, ...subscription }) =>
      Effect.sync(() => {
        if (leases.get(leaseKey(subscription))?.owner === owner) leases.delete(leaseKey(subscription))
      }),
    standing: ({ keys, sequences, ...subscription }) =>
      Effect.sync(() => ({
        sequences: [...new Set(sequences)].filter((sequence) => rows.has(rowKey(subscription, sequence))),
        keys: openKeys(subscription, keys)
      })),
    nextDue: (subscription) =>
      Effect.sync(() => {
        const times = of(subscription).filter(({ state }) => state === "pending").map(({ dueAt }) => dueAt)
        return times.length === 0 ? null : Math.min(...times)
      }),
    due: ({ limit, now, ...subscription }) =>
      Effect.sync(() =>
        of(subscription).filter(({ dueAt, state }) => state === "pending" && dueAt <= now)
          .sort((a, b) => a.dueAt - b.dueAt || a.sequence - b.sequence).slice(0, Math.max(limit, 0))
      ),
    settle: ({ owner, settlements, ...subscription }) =>
      Effect.sync(() => {
        if (leases.get(leaseKey(subscription))?.owner !== owner) return null
        for (const settlement of settlements) settleOne(subscription, settlement)
        const keys = settlements.flatMap(({ key }) => key === null ? [] : [key])
        promote(subscription, keys)
        return openKeys(subscription, keys)
      }),
    list: ({ states, ...selection }) => Effect.sync(() => selectIn(selection, states)),
    counts: Effect.sync(() => {
      const counts = new Map<string, { subscriber: string; trigger: string; open: number; dead: number }>()
      for (const { state, subscriber, trigger } of rows.values()) {
        const key = leaseKey({ subscriber, trigger })
        const count = counts.get(key) ?? { subscriber, trigger, open: 0, dead: 0 }
        counts.set(key, count)
        count[state === "dead" ? "dead" : "open"] += 1
      }
      return [...counts.values()].sort((a, b) => compare(a.subscriber, b.subscriber) || compare(a.trigger, b.trigger))
    }),
    replay: (selection) =>
      Effect.sync(() => {
        const chosen = selectIn(selection, ["dead"])
        for (const row of chosen) {
          put({ ...row, state: row.key === null ? "pending" : "waiting", attempts: 0, dueAt: 0, settledAt: null })
        }
        promote(selection, chosen.flatMap(({ key }) => key === null ? [] : [key]))
        return chosen.map(({ sequence }) => sequence)
      }),
    discard: (selection) =>
      Effect.sync(() => {
        const chosen = selectIn(selection, ["dead"])
        for (const row of chosen) rows.delete(rowKey(row, row.sequence))
        return chosen.map(({ sequence }) => sequence)
      }),
    prune: ({ before, limit }) =>
      Effect.sync(() => {
        const old = [...rows].filter(([, { settledAt }]) => settledAt !== null && settledAt < before)
          .slice(0, Math.max(limit, 0))
        for (const [key] of old) rows.delete(key)
        return old.length
      })
  }
}

const leaseKey = ({ subscriber, trigger }: Subscription) => JSON.stringify([subscriber, trigger])

const rowKey = ({ subscriber, trigger }: Subscription, sequence: number) =>
  JSON.stringify([subscriber, trigger, sequence])

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0
