/** Runs in memory: one operation at a time. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Run, RunOutcome } from "../../BulkRun.ts"
import type { ClaimedChunk, Counts, NewChunk, Service } from "../../RunStore.ts"
import { countOf, finalOutcomes } from "./runOutcomes.ts"

interface Chunk extends NewChunk {
  state: "pending" | "sending" | "checking" | "done" | "cancelled"
  items: string
  outcomes: ReadonlyArray<RunOutcome>
  dueAt: number
  lease: string | null
  attempts: number
  sentSince: number | null
  unknownSince: number | null
  searches: number
  resent: boolean
  settledAt: number | null
}

interface Entry {
  run: Run
  lease: string | null
  leaseUntil: number
  dueAt: number
  failures: number
  readonly chunks: Map<number, Chunk>
}

export const make: Effect.Effect<Service> = Effect.sync(() => {
  const entries = new Map<string, Entry>()
  const run = <A>(operation: () => A) => Effect.sync(operation)

  const loadingUnder = (runId: string, lease: string): Entry | undefined => {
    const entry = entries.get(runId)
    return entry?.run.state === "loading" && entry.lease === lease ? entry : undefined
  }

  const ownChunk = (runId: string, index: number, lease: string): Chunk | undefined => {
    const chunk = entries.get(runId)?.chunks.get(index)
    return chunk?.lease === lease ? chunk : undefined
  }

  const claimedOf = (chunk: Chunk): ClaimedChunk => ({
    index: chunk.index,
    firstIndex: chunk.firstIndex,
    size: chunk.size,
    attempt: chunk.attempts,
    sentSince: chunk.sentSince ?? 0,
    unknownSince: chunk.unknownSince,
    searches: chunk.searches,
    resent: chunk.resent,
    items: chunk.items,
    outcomes: chunk.outcomes
  })

  /** A run whose last open chunk is settled is over. */
  const finish = (entry: Entry, at: number) => {
    if (entry.run.finishedAt !== null || [...entry.chunks.values()].some(isOpen)) return
    const state = entry.run.state === "cancelled" ? "cancelled" : "completed"
    entry.run = { ...entry.run, state, pauseReason: null, pauseDetail: null, finishedAt: at }
  }

  const sortedChunks = (entry: Entry) => [...entry.chunks.values()].sort((a, b) => a.index - b.index)

  return {
    insert: (added, { lease, leaseUntil }) =>
      run(() => {
        const isTaken = entries.has(added.id) || added.key !== null && [...entries.values()].some(({ run: other }) =>
              other.connectionId === added.connectionId && other.key === added.key
            )
        if (isTaken) {
          return false
        }
        entries.set(added.id, { run: added, lease, leaseUntil, dueAt: 0, failures: 0, chunks: new Map() })
        return true
      }),
    get: (id) => run(() => Option.map(Option.fromNullable(entries.get(id)), (entry) => entry.run)),
    findByKey: (connectionId, key) =>
      run(() =>
        Option.map(
          Option.fromNullable(
            [...entries.values()].find((entry) => entry.run.connectionId === connectionId && entry.run.key === key)
          ),
          (entry) => entry.run
        )
      ),
    list: ({ before, connectionId, limit }) =>
      run(() => {
        const newest = [...entries.values()].map((entry) => entry.run).reverse()
        const from = before === undefined ? 0 : newest.findIndex(({ id }) => id === before) + 1
        if (before !== undefined && from === 0) return []
        return newest.slice(from)
          .filter((one) => connectionId === undefined || one.connectionId === connectionId)
          .slice(0, Math.max(limit, 0))
      }),
    append: ({ lease, leaseUntil, runId }, chunk) =>
      run(() => {
        const entry = loadingUnder(runId, lease)
        if (entry === undefined) return false
        entry.leaseUntil = leaseUntil
        entry.run = { ...entry.run, messages: entry.run.messages + chunk.size }
        entry.chunks.set(chunk.index, {
          ...chunk,
          state: chunk.outcomes.length === chunk.size ? "done" : "pending",
          dueAt: 0,
          lease: null,
          attempts: 0,
          sentSince: null,
          unknownSince: null,
          searches: 0,
          resent: false,
          settledAt: null
        })
        return true
      }),
    keepLoading: ({ lease, leaseUntil, runId }) =>
      run(() => {
        const entry = loadingUnder(runId, lease)
        if (entry !== undefined) entry.leaseUntil = leaseUntil
        return entry !== undefined
      }),
    loaded: ({ at, lease, runId }) =>
      run(() => {
        const entry = loadingUnder(runId, lease)
        if (entry === undefined) return false
        entry.lease = null
        entry.run = { ...entry.run, state: "running", startedAt: at }
        finish(entry, at)
        return true
      }),
    discard: ({ lease, now, runId }) =>
      run(() => {
        const entry = entries.get(runId)
        if (entry?.run.state !== "loading" || !(entry.lease === lease || entry.leaseUntil < now)) return false
        return entries.delete(runId)
      }),
    pause: (id, { detail, reason }) =>
      run(() => {
        const entry = entries.get(id)
        if (entry?.run.state !== "running") return false
        entry.run = { ...entry.run, state: "paused", pauseReason: reason, pauseDetail: detail }
        return true
      }),
    resume: (id) =>
      run(() => {
        const entry = entries.get(id)
        if (entry?.run.state !== "paused") return false
        entry.run = { ...entry.run, state: "running", pauseReason: null, pauseDetail: null }
        entry.dueAt = 0
        entry.failures = 0
        return true
      }),
    cancel: (id, at) =>
      run(() => {
        const entry = entries.get(id)
        if (entry === undefined || entry.run.state === "completed" || entry.run.state === "cancelled") return false
        entry.run = { ...entry.run, state: "cancelled", pauseReason: null, pauseDetail: null }
        for (const chunk of entry.chunks.values()) if (chunk.state === "pending") cancelChunk(chunk, at)
        finish(entry, at)
        return true
      }),
    due: run(() =>
      [...entries.values()].filter((entry) => entry.run.state !== "loading" && entry.run.finishedAt === null).map(
        (entry) => {
          const chunks = [...entry.chunks.values()]
          const isPending = entry.run.state === "running" && chunks.some(({ state }) => state === "pending")
          const checks = chunks.filter(({ state }) => state === "sending" || state === "checking")
          return {
            run: entry.run,
            failures: entry.failures,
            sendAt: isPending ? entry.dueAt : null,
            checkAt: checks.length === 0 ? null : Math.min(...checks.map(({ dueAt }) => dueAt))
          }
        }
      )
    ),
    claimSend: ({ concurrency, lease, leaseUntil, now, runId }) =>
      run(() => {
        const entry = entries.get(runId)
        if (entry?.run.state !== "running" || entry.dueAt > now) return Option.none()
        const chunks = sortedChunks(entry)
        if (chunks.filter(({ dueAt, state }) => state === "sending" && dueAt > now).length >= concurrency) {
          return Option.none()
        }
        return Option.map(
          Option.fromNullable(chunks.find(({ state }) => state === "pending")),
          (chunk) => {
            chunk.state = "sending"
            chunk.attempts += 1
            chunk.sentSince ??= now
            chunk.lease = lease
            chunk.dueAt = leaseUntil
            return claimedOf(chunk)
          }
        )
      }),
    claimCheck: ({ lease, leaseUntil, now, runId }) =>
      run(() => {
        const entry = entries.get(runId)
        const chunk = entry === undefined
          ? undefined
          : sortedChunks(entry).find(({ dueAt, state }) =>
            (state === "sending" || state === "checking") && dueAt <= now
          )
        if (chunk === undefined) return Option.none()
        if (chunk.state === "sending") {
          chunk.state = "checking"
          chunk.unknownSince ??= now
          chunk.searches = 0
        }
        chunk.lease = lease
        chunk.dueAt = leaseUntil
        return Option.some(claimedOf(chunk))
      }),
    renew: ({ chunk: index, lease, leaseUntil, runId }) =>
      run(() => {
        const chunk = ownChunk(runId, index, lease)
        if (chunk !== undefined) chunk.dueAt = leaseUntil
        return chunk !== undefined
      }),
    beginResend: ({ chunk: index, lease, leaseUntil, runId }) =>
      run(() => {
        const chunk = ownChunk(runId, index, lease)
        if (chunk?.state !== "checking") return false
        chunk.state = "sending"
        chunk.attempts += 1
        chunk.resent = true
        chunk.dueAt = leaseUntil
        return true
      }),
    settle: ({ at, attempt, chunk: index, lease, next, outcomes, runId }) =>
      run(() => {
        const entry = entries.get(runId)
        const chunk = entry?.chunks.get(index)
        if (entry === undefined || chunk === undefined) return false
        if (chunk.attempts !== attempt || chunk.state !== "sending" && chunk.state !== "checking") return false
        if (lease !== null && chunk.lease !== lease) return false
        chunk.lease = null
        chunk.outcomes = outcomes
        if (next.state === "done") {
          chunk.state = "done"
          chunk.items = ""
          chunk.settledAt = at
        } else if (next.state === "checking") {
          chunk.state = "checking"
          chunk.dueAt = next.dueAt
          chunk.searches = next.searches
          chunk.unknownSince = next.unknownSince
          chunk.resent = next.resent
        } else {
          entry.dueAt = next.dueAt
          chunk.state = "pending"
          if (entry.run.state === "cancelled") cancelChunk(chunk, at)
        }
        entry.failures = next.state === "pending" ? entry.failures + 1 : 0
        finish(entry, at)
        return true
      }),
    counts: (id, since) =>
      run(() => {
        const entry = entries.get(id)
        const counts = { accepted: 0, rejected: 0, unknown: 0, notSent: 0, inDoubt: 0, settledSince: 0 }
        for (const chunk of entry?.chunks.values() ?? []) add(counts, chunk, since)
        return { ...counts, messages: entry?.run.messages ?? 0 }
      }),
    outcomes: ({ after, limit, runId, states }) =>
      run(() => {
        const entry = entries.get(runId)
        if (entry === undefined) return []
        return sortedChunks(entry).flatMap(finalOutcomes)
          .filter(({ index, state }) => index > after && (states === undefined || states.includes(state)))
          .slice(0, Math.max(limit, 0))
      }),
    prune: ({ before, limit }) =>
      run(() => {
        let removed = 0
        for (const [id, entry] of entries) {
          const { finishedAt, state } = entry.run
          const isOld = state === "loading" ? entry.leaseUntil < before : finishedAt !== null && finishedAt < before
          if (!isOld) continue
          for (const index of entry.chunks.keys()) {
            if (removed >= limit) return removed
            entry.chunks.delete(index)
            removed += 1
          }
          entries.delete(id)
          removed += 1
        }
        return removed
      })
  }
})

const isOpen = ({ state }: Chunk): boolean => state !== "done" && state !== "cancelled"

const cancelChunk = (chunk: Chunk, at: number) => {
  chunk.state = "cancelled"
  chunk.items = ""
  chunk.settledAt = at
}

type Sums = { -readonly [name in Exclude<keyof Counts, "messages">]: number }

const add = (counts: Sums, chunk: Chunk, since: number) => {
  const accepted = countOf(chunk.outcomes, "accepted")
  const rejected = countOf(chunk.outcomes, "rejected")
  const rest = chunk.size - accepted - rejected
  counts.accepted += accepted
  counts.rejected += rejected
  if (chunk.state === "done") counts.unknown += rest
  if (chunk.state === "cancelled") counts.notSent += rest
  if (chunk.state === "sending" || chunk.state === "checking") counts.inDoubt += rest
  if (chunk.state === "done" && chunk.settledAt !== null && chunk.settledAt >= since) counts.settledSince += chunk.size
}
