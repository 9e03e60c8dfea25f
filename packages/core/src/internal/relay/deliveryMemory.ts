/** The outbox in memory: one operation at a time, each after a look at the log. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Attempt, Claimed, Delivery, Selection, Service, Settlement } from "../../DeliveryStore.ts"
import { EventLog, type StoredEvent } from "../../EventLog.ts"
import type { StoredTarget } from "../../RelayTarget.ts"
import * as Holders from "../log/holders.ts"

interface Row {
  delivery: Delivery
  lease: string | null
}

export const make: Effect.Effect<Service, never, EventLog> = Effect.gen(function*() {
  const log = yield* EventLog
  const mutex = yield* Effect.makeSemaphore(1)
  const targets = new Map<string, StoredTarget>()
  const rows = new Map<string, Row>()
  let attempts: Array<Attempt> = []
  const positions = new WeakMap<Attempt, number>()
  let lastPosition = 0
  let seen = 0

  const fanOut = (event: StoredEvent) => {
    if (event.status !== "decoded" || event.event === null) return
    for (const target of targets.values()) {
      if (target.connectionId !== event.connectionId || target.trigger !== event.trigger) continue
      rows.set(keyOf(target.id, event.sequence), {
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

  const runEffect = <A, E>(operation: Effect.Effect<A, E>) => mutex.withPermits(1)(Effect.zipRight(catchUp, operation))
  const run = <A>(operation: () => A) => runEffect(Effect.sync(operation))

  Holders.add(log, {
    held: (sequences) =>
      run(() => {
        const asked = new Set(sequences)
        return new Set(
          [...rows.values()].filter(({ delivery }) => delivery.state === "pending" || delivery.state === "held")
            .map(({ delivery }) => delivery.sequence)
            .filter((sequence) => asked.has(sequence))
        )
      }),
    forget: (sequences) =>
      run(() => {
        for (const [key, { delivery }] of rows) if (sequences.has(delivery.sequence)) rows.delete(key)
      })
  })

  const positionOf = (attempt: Attempt): number => positions.get(attempt) ?? 0

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
    if (attempt !== null) {
      const kept = { ...attempt, targetId, sequence }
      positions.set(kept, lastPosition += 1)
      attempts.push(kept)
    }
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
      : pendingOf(targetId).filter(({ delivery }) => delivery.dueAt <= now).slice(0, limit).map((row) => {
        row.lease = lease
        row.delivery = { ...row.delivery, dueAt: leaseUntil }
        return row.delivery
      })

  /** What has to be sent is read now: it can have been rewritten since the event came. */
  const claimed = ({ attempts, sequence, targetId }: Delivery) =>
    Effect.map(
      log.read({ after: sequence - 1, limit: 1 }),
      (events) =>
        events.filter((event) => event.sequence === sequence).map((event): Claimed => ({
          targetId,
          sequence,
          attempts,
          connectionId: event.connectionId,
          trigger: event.trigger ?? "",
          receivedAt: event.receivedAt,
          event: event.event ?? "null"
        }))
    )

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
    resealSecrets: (id, { current, previous }, expected) =>
      run(() =>
        change(id, (target) =>
          target.currentSecret === expected.current && target.previousSecret === expected.previous
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
      runEffect(
        Effect.suspend(() =>
          Effect.map(
            Effect.forEach(
              wanted.flatMap(({ limit, targetId }) => claimOf(targetId, limit, now, leaseUntil, lease)),
              claimed
            ),
            (events) => events.flat()
          )
        )
      ),
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
    prune: ({ before, limit, only }) =>
      run(() => {
        const oldAttempts = new Set(
          only === "deliveries" ? [] : attempts.filter(({ at }) => at < before).slice(0, limit)
        )
        attempts = attempts.filter((attempt) => !oldAttempts.has(attempt))
        const oldRows = only === "attempts"
          ? []
          : [...rows].filter(([, { delivery }]) => (delivery.settledAt ?? before) < before).slice(0, limit)
        for (const [key] of oldRows) rows.delete(key)
        return oldAttempts.size + oldRows.length
      }),
    rewriteAttempts: ({ after, connectionId, limit, rewrite }) =>
      run(() => {
        const page = attempts.map((attempt) => ({ attempt, position: positionOf(attempt) })).filter((one) =>
          one.position > after &&
          (connectionId === undefined || targets.get(one.attempt.targetId)?.connectionId === connectionId)
        ).slice(0, Math.max(limit, 0))
        const changed = new Map(page.flatMap(({ attempt, position }) => {
          const response = rewrite(attempt.response)
          if (response === attempt.response) return []
          const next = { ...attempt, response }
          positions.set(next, position)
          return [[attempt, next] as const]
        }))
        attempts = attempts.map((attempt) => changed.get(attempt) ?? attempt)
        return { changed: changed.size, next: page.at(-1)?.position ?? null }
      })
  }
})

const keyOf = (targetId: string, sequence: number): string => `${sequence} ${targetId}`
