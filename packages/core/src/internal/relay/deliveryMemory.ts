/** The outbox in memory: one operation at a time, each after a look at the log. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Attempt, Claimed, Delivery, Selection, Service, Settlement } from "../../DeliveryStore.ts"
import { EventLog, type StoredEvent } from "../../EventLog.ts"
import type { StoredTarget } from "../../RelayTarget.ts"

interface Row {
  delivery: Delivery
  readonly event: StoredEvent
  lease: string | null
}

export const make: Effect.Effect<Service, never, EventLog> = Effect.gen(function*() {
  const log = yield* EventLog
  const mutex = yield* Effect.makeSemaphore(1)
  const targets = new Map<string, StoredTarget>()
  const rows = new Map<string, Row>()
  let attempts: Array<Attempt> = []
  let seen = 0

  const fanOut = (event: StoredEvent) => {
    if (event.status !== "decoded" || event.event === null) return
    for (const target of targets.values()) {
      if (target.connectionId !== event.connectionId || target.trigger !== event.trigger) continue
      rows.set(keyOf(target.id, event.sequence), {
        event,
        lease: null,
        delivery: {
          targetId: target.id,
          sequence: event.sequence,
          state: target.state === "active" ? "pending" : "held",
          attempts: 0,
          dueAt: 0,
          receivedAt: event.receivedAt,
          settledAt: null
        }
      })
    }
  }

  const catchUp = Effect.gen(function*() {
    while (true) {
      const events = yield* log.read({ after: seen, limit: 1_000 })
      for (const event of events) {
        fanOut(event)
        seen = event.sequence
      }
      if (events.length < 1_000) return
    }
  })

  const run = <A>(operation: () => A) => mutex.withPermits(1)(Effect.zipRight(catchUp, Effect.sync(operation)))

  const change = (id: string, f: (target: StoredTarget) => StoredTarget | undefined) => {
    const target = targets.get(id)
    const changed = target === undefined ? undefined : f(target)
    if (changed === undefined) return false
    targets.set(id, changed)
    return true
  }

  const isTaken = (target: StoredTarget) =>
    [...targets.values()].some((other) =>
      other.id !== target.id && other.connectionId === target.connectionId && other.trigger === target.trigger &&
      other.url === target.url
    )

  const pendingOf = (targetId: string) =>
    [...rows.values()]
      .filter(({ delivery }) => delivery.targetId === targetId && delivery.state === "pending")
      .sort((a, b) => a.delivery.dueAt - b.delivery.dueAt || a.delivery.sequence - b.delivery.sequence)

  const select = ({ after, from, limit, sequences, states, targetId, to }: Selection) =>
    [...rows.values()].filter(({ delivery }) =>
      delivery.targetId === targetId && states.includes(delivery.state) && delivery.sequence > after &&
      (sequences === undefined || sequences.includes(delivery.sequence)) &&
      (from === undefined || delivery.receivedAt >= from) && (to === undefined || delivery.receivedAt < to)
    ).sort((a, b) => a.delivery.sequence - b.delivery.sequence).slice(0, Math.max(limit, 0))

  const settleOne = ({ at, attempt, lease, next, sequence, targetId }: Settlement) => {
    if (!targets.has(targetId)) return
    if (attempt !== null) attempts.push({ ...attempt, targetId, sequence })
    const row = rows.get(keyOf(targetId, sequence))
    if (row === undefined || row.lease !== lease) return
    row.lease = null
    row.delivery = {
      ...row.delivery,
      state: next.state,
      attempts: row.delivery.attempts + (attempt === null ? 0 : 1),
      dueAt: next.state === "pending" ? next.dueAt : row.delivery.dueAt,
      settledAt: next.state === "pending" ? null : at
    }
  }

  const claimOf = (targetId: string, limit: number, now: number, leaseUntil: number, lease: string) =>
    targets.get(targetId)?.state !== "active"
      ? []
      : pendingOf(targetId).filter(({ delivery }) => delivery.dueAt <= now).slice(0, limit).map((row): Claimed => {
        row.lease = lease
        row.delivery = { ...row.delivery, dueAt: leaseUntil }
        return {
          targetId,
          sequence: row.delivery.sequence,
          attempts: row.delivery.attempts,
          connectionId: row.event.connectionId,
          trigger: row.event.trigger ?? "",
          receivedAt: row.event.receivedAt,
          event: row.event.event ?? "null"
        }
      })

  return {
    insertTarget: (target) =>
      run(() => {
        if (targets.has(target.id) || isTaken(target)) return false
        targets.set(target.id, target)
        return true
      }),
    getTarget: (id) => run(() => Option.fromNullable(targets.get(id))),
    listTargets: (connectionId) =>
      run(() => [...targets.values()].filter((target) => target.connectionId === connectionId)),
    setUrl: (id, url) =>
      run(() => change(id, (target) => (isTaken({ ...target, url }) ? undefined : { ...target, url }))),
    setSecrets: (id, { current, previous }, expected) =>
      run(() =>
        change(id, (target) =>
          target.currentSecret === expected
            ? { ...target, currentSecret: current, previousSecret: previous }
            : undefined)
      ),
    disable: (id, { at, reason }) =>
      run(() =>
        change(id, (target) =>
          target.state === "active"
            ? { ...target, state: "disabled", disabledReason: reason, disabledAt: at }
            : undefined)
      ),
    enable: (id) =>
      run(() =>
        change(id, (target) =>
          target.state === "disabled"
            ? { ...target, state: "active", disabledReason: null, disabledAt: null, failingSince: null }
            : undefined)
      ),
    removeTarget: (id) =>
      run(() => {
        for (const [key, { delivery }] of rows) if (delivery.targetId === id) rows.delete(key)
        attempts = attempts.filter(({ targetId }) => targetId !== id)
        return targets.delete(id)
      }),
    due: run(() =>
      [...targets.values()].filter(({ state }) => state === "active").map((target) => ({
        target,
        dueAt: pendingOf(target.id)[0]?.delivery.dueAt ?? null
      }))
    ),
    claim: ({ lease, leaseUntil, now, wanted }) =>
      run(() => wanted.flatMap(({ limit, targetId }) => claimOf(targetId, limit, now, leaseUntil, lease))),
    settle: (settlements) =>
      run(() => {
        settlements.forEach(settleOne)
        const tried = settlements.filter(({ attempt }) => attempt !== null)
        return [...new Set(tried.map(({ targetId }) => targetId))].flatMap((id) => {
          const own = tried.filter(({ targetId }) => targetId === id)
          const succeeded = own.some(({ attempt }) => attempt?.failure === null)
          const earliest = Math.min(...own.map(({ at }) => at))
          change(id, (target) => ({ ...target, failingSince: succeeded ? null : target.failingSince ?? earliest }))
          const failingSince = targets.get(id)?.failingSince ?? null
          return failingSince === null ? [] : [{ targetId: id, failingSince }]
        })
      }),
    list: (selection) => run(() => select(selection).map(({ delivery }) => delivery)),
    replay: (selection) =>
      run(() =>
        select(selection).map((row) => {
          row.lease = null
          row.delivery = { ...row.delivery, state: "pending", attempts: 0, dueAt: 0, settledAt: null }
          return row.delivery.sequence
        })
      ),
    attempts: (targetId, sequence) =>
      run(() =>
        attempts.filter((attempt) => attempt.targetId === targetId && attempt.sequence === sequence).slice(-100)
      ),
    prune: ({ before, limit }) =>
      run(() => {
        const oldAttempts = new Set(attempts.filter(({ at }) => at < before).slice(0, limit))
        attempts = attempts.filter((attempt) => !oldAttempts.has(attempt))
        const oldRows = [...rows].filter(([, { delivery }]) => (delivery.settledAt ?? before) < before).slice(0, limit)
        for (const [key] of oldRows) rows.delete(key)
        return oldAttempts.size + oldRows.length
      })
  }
})

const keyOf = (targetId: string, sequence: number): string => `${sequence} ${targetId}`
