/** How the double behaves beyond what Postmark lays down; a scenario may change it. */
import type { RetryLadder } from "../../RetryLadder.ts"

/** Times are in milliseconds. */
export interface Behaviour {
  readonly autoDeliver: boolean
  readonly deliveryDelay: number
  readonly indexLag: number
  readonly retention: number
  readonly ladder: RetryLadder
  /** Hosts that may be posted to besides the loopback. */
  readonly hosts: ReadonlyArray<string>
  /** Whether a webhook is probed when it is made or changed. */
  readonly probing: boolean
  /** So many events in a row that a trigger could not get rid of, and it is paused. */
  readonly pauseTriggerAfter: number
}
