/** How the double behaves beyond what Postmark lays down; a scenario may change it. */
import type { RetryLadder } from "../../RetryLadder.ts"

/** Times are in milliseconds. */
export interface Behaviour {
  readonly autoDeliver: boolean
  readonly deliveryDelay: number
  /** After which an accepted message is found by a search. */
  readonly indexLag: number
  /** After which the activity of a message, and bounces, are forgotten. */
  readonly retention: number
  /** After which a message stream can be archived. */
  readonly archiveDelay: number
  readonly ladder: RetryLadder
  /** Hosts that may be posted to besides the loopback. */
  readonly hosts: ReadonlyArray<string>
  /** Whether a webhook is probed when it is made or changed. */
  readonly probing: boolean
  /** So many events in a row that a trigger could not get rid of, and it is paused. */
  readonly pauseTriggerAfter: number
  /** Which templates get an alias when they are made without one. */
  readonly templateAliases: "layouts" | "all"
  /** The code that refuses a webhook on an inbound stream. */
  readonly inboundWebhookCode: 1351 | 1301
}
