/** Waits in memory: one operation at a time, each after a look at the log. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { EventLog, type NewEvent, type StoredEvent } from "../../EventLog.ts"
import { messageIdFrom } from "../../Ids.ts"
import type { Criteria, EndingEvent, Service, StoredWait } from "../../WaitStore.ts"
import { rewriteTexts } from "../rewriteTexts.ts"

interface Row {
  readonly position: number
  wait: StoredWait
  dueAt: number
}

/** The rule is given, since the port's module has it and imports this one. */
export const make = (
  isEndedBy: (wait: Criteria, event: NewEvent) => boolean
): Effect.Effect<Service, never, EventLog> =>
  Effect.gen(function*() {
    const log = yield* EventLog
    const mutex = yield* Effect.makeSemaphore(1)
    const rows = new Map<string, Row>()
    const events = new Map<string, Array<StoredEvent>>()
    let seen = 0
    let lastPosition = 0

    const end = (row: Row, now: number, event: StoredEvent | undefined) => {
      row.dueAt = 0
      row.wait = {
        ...row.wait,
        state: "ended",
        endedAt: now,
        event: event === undefined ? null : endingOf(event)
      }
    }

    const catchUp = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      while (true) {
        const page = yield* log.read({ after: seen, limit: 1_000 })
        for (const event of page) {
          seen = event.sequence
          const { messageId } = event
          if (messageId === null) continue
          const key = keyOf(event.connectionId, messageId)
          events.set(key, [...(events.get(key) ?? []), event])
          for (const row of rows.values()) {
            if (row.wait.state === "waiting" && isEndedBy(row.wait, event)) end(row, now, event)
          }
        }
        if (page.length < 1_000) return now
      }
    })

    const earlier = (wait: Criteria) =>
      events.get(keyOf(wait.connectionId, wait.messageId))?.find((event) => isEndedBy(wait, event))

    const run = <A>(operation: (now: number) => A) => mutex.withPermits(1)(Effect.map(catchUp, operation))

    const chosen = (limit: number, which: (row: Row) => boolean, order: (row: Row) => number) =>
      [...rows.values()].filter(which).sort((a, b) => order(a) - order(b)).slice(0, Math.max(limit, 0))

    return {
      register: (wait) =>
        run((now) => {
          const known = rows.get(wait.id)
          if (known !== undefined) return known.wait
          lastPosition += 1
          const row: Row = {
            position: lastPosition,
            wait: { ...wait, state: "waiting", endedAt: null, event: null, pokes: 0 },
            dueAt: wait.deadline
          }
          rows.set(wait.id, row)
          const event = earlier(wait)
          if (event !== undefined) end(row, now, event)
          return row.wait
        }),
      get: (id) => run(() => Option.map(Option.fromNullable(rows.get(id)), ({ wait }) => wait)),
      find: (wait) => run(() => Option.map(Option.fromNullable(earlier(wait)), endingOf)),
      ended: (ids) =>
        run(() =>
          ids.flatMap((id) => {
            const row = rows.get(id)
            return row === undefined || row.wait.state === "waiting" ? [] : [row.wait]
          })
        ),
      expire: ({ limit, now }) =>
        run(() => {
          const due = chosen(limit, ({ dueAt, wait }) => wait.state === "waiting" && dueAt <= now, (row) => row.dueAt)
          for (const row of due) end(row, now, undefined)
          return due.length
        }),
      claim: ({ limit, now, pokeAfter, workflows }) =>
        run(() =>
          chosen(
            limit,
            ({ dueAt, wait }) =>
              wait.state === "ended" && wait.waker !== null && workflows.includes(wait.waker.workflow) && dueAt <= now,
            (row) => row.dueAt
          ).map((row) => {
            row.wait = { ...row.wait, pokes: row.wait.pokes + 1 }
            row.dueAt = now + pokeAfter * Math.min(row.wait.pokes, 60)
            return row.wait
          })
        ),
      consume: (id) =>
        run(() => {
          const row = rows.get(id)
          if (row?.wait.state !== "ended") return false
          row.wait = { ...row.wait, state: "consumed" }
          return true
        }),
      remove: (id) => run(() => rows.delete(id)),
      prune: ({ before, limit }) =>
        run(() => {
          const old = chosen(limit, ({ wait }) => (wait.endedAt ?? before) < before, (row) => row.wait.endedAt ?? 0)
          for (const { wait } of old) rows.delete(wait.id)
          return old.length
        }),
      rewrite: (step) =>
        run(() => {
          const { all, stepped } = rewriteTexts(
            step,
            [...rows.values()],
            ({ position }) => position,
            ({ wait }) => wait,
            (row) => ({
              ...row,
              wait: {
                ...row.wait,
                recipient: row.wait.recipient === null ? null : step.rewrite(row.wait.recipient),
                event: row.wait.event === null ? null : { ...row.wait.event, json: step.rewrite(row.wait.event.json) }
              }
            })
          )
          for (const row of all) rows.set(row.wait.id, row)
          return stepped
        })
    }
  })

const endingOf = ({ event, receivedAt, sequence, trigger }: StoredEvent): EndingEvent => ({
  sequence,
  trigger: trigger ?? "",
  receivedAt,
  json: event ?? "null"
})

const keyOf = (connectionId: string, messageId: string): string => `${connectionId} ${messageIdFrom(messageId)}`
