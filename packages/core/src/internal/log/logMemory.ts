/** An event log in memory. */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as EventKeys from "../../EventKeys.ts"
import type { Quarantined, Service, StoredEvent } from "../../EventLog.ts"
import { rewriteTexts } from "../rewriteTexts.ts"
import * as Holders from "./holders.ts"
import * as LogFilter from "./logFilter.ts"

export const make = (quarantineLimit: number): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    let events: ReadonlyArray<StoredEvent> = []
    let latest = 0
    let quarantined: ReadonlyArray<{ readonly position: number; readonly entry: Quarantined }> = []
    let lastPosition = 0
    const known = new Set<string>()
    const keysOf = new Map<number, EventKeys.EventKeys>()
    const natural = new Map<string, ReadonlyArray<StoredEvent>>()
    const changes = yield* Effect.acquireRelease(PubSub.sliding<void>(1), PubSub.shutdown)

    const log: Service = {
      append: ({ keys: given, source = "live", ...event }) =>
        Effect.suspend(() => {
          const key = keyOf(event)
          if (known.has(key)) return Effect.succeed(false)
          const keys = given ?? EventKeys.ofJson(event.trigger, event.event)
          const { messageId, naturalKey, recipient } = keys
          const place = `${event.connectionId} ${naturalKey}`
          const others = naturalKey === null ? [] : natural.get(place) ?? []
          const verdict = EventKeys.judge(
            { ...keys, source },
            others.map((other) => ({ ...keysOf.get(other.sequence) ?? EventKeys.none, source: other.source }))
          )
          if (verdict === "known") return Effect.succeed(false)
          known.add(key)
          latest += 1
          const possiblyDuplicate = verdict === "doubtful"
          const stored = { ...event, sequence: latest, source, messageId, recipient, possiblyDuplicate }
          events = [...events, stored]
          keysOf.set(latest, keys)
          if (naturalKey !== null) natural.set(place, [...others, stored])
          return Effect.as(PubSub.publish(changes, undefined), true)
        }),
      mentions: (connectionId, messageIds) =>
        Effect.sync(() =>
          events.flatMap(({ connectionId: own, messageId, sequence, trigger }) => {
            const keys = keysOf.get(sequence)
            const isOne = own === connectionId && messageId !== null && messageIds.includes(messageId)
            if (!isOne || keys === undefined) return []
            const { tag: _, ...mention } = keys
            return [{ ...mention, trigger }]
          })
        ),
      latest: Effect.sync(() => latest),
      read: ({ after, before = Number.POSITIVE_INFINITY, limit, order, ...filter }) =>
        Effect.sync(() => {
          const passes = LogFilter.make(filter, ({ sequence }) => keysOf.get(sequence) ?? EventKeys.none)
          const range = events.slice(firstAfter(events, after), firstAfter(events, before - 1))
          const found: Array<StoredEvent> = []
          for (const event of order === "newest" ? range.reverse() : range) {
            if (found.length >= limit) break
            if (passes(event)) found.push(event)
          }
          return found
        }),
      prune: ({ before, limit }) =>
        Effect.gen(function*() {
          const old = oldestFirst(events, before)
          const needed = new Set<number>()
          for (const holder of Holders.of(log)) {
            for (const sequence of yield* holder.held(old.map((event) => event.sequence))) needed.add(sequence)
          }
          const gone = old.filter(({ sequence }) => !needed.has(sequence)).slice(0, Math.max(limit, 0))
          const sequences = new Set(gone.map(({ sequence }) => sequence))
          events = events.filter(({ sequence }) => !sequences.has(sequence))
          for (const event of gone) {
            known.delete(keyOf(event))
            const place = `${event.connectionId} ${keysOf.get(event.sequence)?.naturalKey}`
            natural.set(place, (natural.get(place) ?? []).filter(({ sequence }) => sequence !== event.sequence))
            keysOf.delete(event.sequence)
          }
          for (const holder of Holders.of(log)) yield* holder.forget(sequences)
          return gone.length
        }),
      pruneBodies: ({ before, limit }) =>
        Effect.sync(() => {
          const old = oldestFirst(events, before).filter(({ raw }) => raw !== "null")
          const gone = new Set(old.slice(0, Math.max(limit, 0)).map(({ sequence }) => sequence))
          events = events.map((event) => gone.has(event.sequence) ? { ...event, raw: "null" } : event)
          return gone.size
        }),
      rewrite: (step) =>
        Effect.sync(() => {
          const rewritten = rewriteTexts(step, events, ({ sequence }) => sequence, (event) => event, (event) => ({
            ...event,
            event: event.event === null ? null : step.rewrite(event.event),
            recipient: event.recipient === null ? null : step.rewrite(event.recipient),
            raw: step.rewrite(event.raw)
          }))
          for (const [index, event] of rewritten.all.entries()) {
            if (event === events[index]) continue
            const keys = keysOf.get(event.sequence) ?? EventKeys.none
            const naturalKey = keys.naturalKey
            keysOf.set(event.sequence, {
              ...keys,
              recipient: event.recipient,
              tag: keys.tag === null ? null : step.rewrite(keys.tag),
              naturalKey: naturalKey !== null && step.rewrite(naturalKey) === naturalKey ? naturalKey : null
            })
          }
          events = rewritten.all
          return rewritten.stepped
        }),
      quarantine: (entry) =>
        Effect.sync(() => {
          lastPosition += 1
          quarantined = [...quarantined, { position: lastPosition, entry }].slice(-quarantineLimit)
        }),
      quarantined: Effect.sync(() => quarantined.map(({ entry }) => entry).toReversed()),
      pruneQuarantine: ({ before, limit }) =>
        Effect.sync(() => {
          const old = quarantined.filter(({ entry }) => entry.receivedAt < isoOf(before)).slice(0, Math.max(limit, 0))
          quarantined = quarantined.filter((one) => !old.includes(one))
          return old.length
        }),
      rewriteQuarantine: (step) =>
        Effect.sync(() => {
          const rewritten = rewriteTexts(
            step,
            quarantined,
            ({ position }) => position,
            ({ entry }) => entry,
            ({ entry, position }) => ({ position, entry: { ...entry, body: step.rewrite(entry.body) } })
          )
          quarantined = rewritten.all
          return rewritten.stepped
        }),
      changes: Stream.fromPubSub(changes)
    }
    return log
  })

const keyOf = ({ connectionId, identity }: { readonly connectionId: string; readonly identity: string }): string =>
  `${connectionId} ${identity}`

/** Where the events after a sequence number begin: they are in its order. */
const firstAfter = (events: ReadonlyArray<StoredEvent>, sequence: number): number => {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle]?.sequence ?? 0) > sequence) high = middle
    else low = middle + 1
  }
  return low
}

const oldestFirst = (events: ReadonlyArray<StoredEvent>, before: number): ReadonlyArray<StoredEvent> =>
  events.filter(({ receivedAt }) => receivedAt < isoOf(before)).sort((a, b) =>
    a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : 0
  )

const isoOf = (millis: number): string => new Date(millis).toISOString()
