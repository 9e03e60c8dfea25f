/**
 * The relay's reports that a person should read: an event that it gave up, a target that it disabled.
 *
 * @since 0.1.0
 */
import type { DisabledReason } from "@effect-postmark/core/RelayTarget"
import * as Data from "effect/Data"

/**
 * `DeadLetter`: the last attempt failed; `failure` is its short code. `TargetDisabled`: the target answered 410, or only
 * failed for days; its events are held until it is enabled and they are replayed.
 *
 * @since 0.1.0
 * @category models
 */
export type RelayNotice = Data.TaggedEnum<{
  DeadLetter: {
    readonly targetId: string
    readonly connectionId: string
    readonly trigger: string
    readonly sequence: number
    readonly failure: string
  }
  TargetDisabled: {
    readonly targetId: string
    readonly connectionId: string
    readonly trigger: string
    readonly reason: DisabledReason
  }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const { $match: match, DeadLetter, TargetDisabled } = Data.taggedEnum<RelayNotice>()
