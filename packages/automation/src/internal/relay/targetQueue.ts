/** What a worker has of one target: the rows that it claimed, the attempts that run, and how fast it may go. */
import type { Claimed } from "@effect-postmark/core/DeliveryStore"
import type { StoredTarget } from "@effect-postmark/core/RelayTarget"

export interface Row extends Claimed {
  readonly lease: string
  readonly leaseUntil: number
}

export interface TargetQueue {
  target: StoredTarget
  isActive: boolean
  readonly waiting: Array<Row>
  running: number
  /** A moving average, in milliseconds; undefined before the first attempt. */
  average: number | undefined
  tokens: number
  tokensAt: number
  /** The target asked for a pause until then. */
  pausedUntil: number
}

export interface Limits {
  readonly concurrency: number
  readonly perSecond: number | undefined
}

export const make = (target: StoredTarget, now: number, { perSecond }: Limits): TargetQueue => ({
  target,
  isActive: true,
  waiting: [],
  running: 0,
  average: undefined,
  tokens: perSecond ?? Number.POSITIVE_INFINITY,
  tokensAt: now,
  pausedUntil: 0
})

/** How many rows to claim now: what a quick target gets through in a few seconds, and no more than runs at once of a slow one. */
export const room = (queue: TargetQueue, now: number, limits: Limits): number => {
  refill(queue, now, limits)
  const had = queue.waiting.length + queue.running
  const rounds = queue.average === undefined ? 1 : Math.max(1, Math.floor(aheadMs / Math.max(queue.average, 1)))
  const most = Math.min(limits.concurrency * rounds, Math.max(maxAhead, limits.concurrency))
  // Less than half is not worth a transaction while there is other work.
  if (had > most / 2) return 0
  return Math.floor(Math.min(most - had, queue.tokens))
}

/** Milliseconds until an attempt may begin: until the pause is over, and there is a token. */
export const wait = ({ pausedUntil, tokens }: TargetQueue, now: number, { perSecond }: Limits): number => {
  const token = perSecond === undefined || tokens >= 1 ? 0 : Math.ceil((1 - tokens) * 1_000 / perSecond)
  // A clock that was set back must not make a pause longer than any that is honoured.
  const pause = pausedUntil - now > maximumPauseMs ? 0 : pausedUntil - now
  return Math.max(token, pause, 0)
}

/** What `Retry-After` asked for holds for the target, not for one event. */
export const pause = (queue: TargetQueue, now: number, durationMs: number): void => {
  queue.pausedUntil = now + Math.min(durationMs, maximumPauseMs)
}

export const measured = (queue: TargetQueue, durationMs: number): void => {
  queue.average = queue.average === undefined ? durationMs : queue.average * 0.8 + durationMs * 0.2
}

const refill = (queue: TargetQueue, now: number, { perSecond }: Limits): void => {
  if (perSecond === undefined) return
  // A clock that was set back gives nothing, and counts on from there.
  const gained = Math.max(now - queue.tokensAt, 0) * perSecond / 1_000
  queue.tokens = Math.min(queue.tokens + gained, Math.max(perSecond, 1))
  queue.tokensAt = now
}

const maximumPauseMs = 3_600_000
const aheadMs = 3_000
const maxAhead = 200
