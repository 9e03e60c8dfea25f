/**
 * The handle that a test uses to direct a double.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Head, Reply } from "./Exchange.ts"
import type * as Fault from "./Fault.ts"
import type { InboundMail } from "./InboundMail.ts"
import type { BounceTypeName } from "./internal/state/bounceTypes.ts"
import type { Settings, Template } from "./PostmarkServer.ts"
import type * as Reader from "./Reader.ts"
import type { Scenario } from "./Scenario.ts"
import type * as Script from "./Script.ts"
import type { SentMessage } from "./SentMessage.ts"
import type { Door } from "./SmtpExchange.ts"
import type { WebhookAttempt } from "./WebhookAttempt.ts"

/**
 * The error of a command that names something unknown, or leads to a state that Postmark cannot reach.
 *
 * @since 0.1.0
 * @category errors
 */
export class ControlError extends Schema.TaggedError<ControlError>("@effect-postmark/test-double/ControlError")(
  "ControlError",
  {
    reason: Schema.Literal(
      "UnknownServer",
      "TokenTaken",
      "TokenLooksReal",
      "UnknownStream",
      "UnknownMessage",
      "UnknownRecipient",
      "InactiveRecipient",
      "AlreadyDelivered",
      "OpensNotTracked",
      "LinksNotTracked",
      "UnknownLink",
      "UnknownSender",
      "InvalidAddress",
      "NoUnsubscribeLink",
      "NotDelivered",
      "UnknownSnapshot"
    ),
    message: Schema.String
  }
) {}

/**
 * Bounce types. See https://postmarkapp.com/developer/api/bounce-api#bounce-types.
 *
 * @since 0.1.0
 * @category models
 */
export type BounceType = BounceTypeName

/**
 * The state that a predicate of `waitFor` receives.
 *
 * @since 0.1.0
 * @category models
 */
export interface View {
  readonly sent: ReadonlyArray<SentMessage>
  readonly webhookAttempts: ReadonlyArray<WebhookAttempt>
  readonly requests: ReadonlyArray<RequestLog>
}

/**
 * A received request. `status` is undefined if the connection was reset or closed instead. A message sent by SMTP has the
 * method `SMTP`, the path `/` and the code of the reply as its status.
 *
 * @since 0.1.0
 * @category models
 */
export const RequestLog = Schema.Struct({
  method: Schema.String,
  path: Schema.String,
  status: Schema.UndefinedOr(Schema.Number)
}).annotations({ identifier: "RequestLog" })

/**
 * @since 0.1.0
 * @category models
 */
export interface RequestLog extends Schema.Schema.Type<typeof RequestLog> {}

/**
 * The id, name and token of a server of the double.
 *
 * @since 0.1.0
 * @category models
 */
export const ServerHandle = Schema.Struct({
  id: Schema.Number,
  name: Schema.String,
  token: Schema.String
}).annotations({ identifier: "ServerHandle" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ServerHandle extends Schema.Schema.Type<typeof ServerHandle> {}

/**
 * The double's clock. It follows the clock in force when the double was made, and can be paused and advanced.
 *
 * `advance` does everything that falls due on the way, in order, and waits for the webhooks in between. A reset or a
 * restore ends it early. It dies with a `RangeError` beyond the year 9999.
 *
 * @since 0.1.0
 * @category models
 */
export interface Clock {
  readonly now: Effect.Effect<DateTime.Utc>
  readonly isPaused: Effect.Effect<boolean>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly advance: (by: Duration.DurationInput) => Effect.Effect<void>
}

/**
 * The state of the double's clock, over HTTP.
 *
 * @since 0.1.0
 * @category models
 */
export const ClockState = Schema.Struct({ now: Schema.DateTimeUtc, isPaused: Schema.Boolean }).annotations({
  identifier: "Clock"
})

/**
 * The whole state of a double at one moment. It can be restored any number of times.
 *
 * @since 0.1.0
 * @category models
 */
export interface Snapshot {
  readonly messages: number
}

/**
 * The control handle of a double. Methods that take a server token use the first server if it is omitted.
 *
 * `deliver`, `bounce`, `open`, `click`, `spamComplaint`, `suppress` and `receiveInbound` post the webhooks they cause.
 *
 * - `handle`: handles one request; the `HttpClient`, `fetch` and the server call it
 * - `smtp`: handles SMTP sessions; the SMTP listener calls it
 * - `sent`: returns every accepted message of every server, oldest first
 * - `click`: follows the first tracked link, or the one given by its URL and its body
 * - `receiveInbound`: delivers a message to the server's inbound stream, and returns the id of the inbound message
 * - `confirmSender`: follows the link in the confirmation email of a sender signature
 * - `injectFault`: adds a fault; dies if the rule does not match its schema
 * - `waitFor`: waits until the predicate returns true; it is called again after every change
 * - `changes`: emits at once, then once for all changes since the last element was taken
 * - `source`: returns a readable source of a message, built from the request: it is not encoded, and names attachments only
 * - `settled`: waits until no delivery or webhook call is due or in progress at this moment
 * - `addScript`: decides what happens to messages sent from now on; scripts are tried in the order they were added
 * - `skippedSteps`: returns the steps of scripts that Postmark could not reach
 * - `snapshot`: saves the whole state once nothing is in progress
 * - `restore`: returns to a snapshot, including its clock, ids and due work
 * - `load`: restarts with a scenario; omitted options keep the values the double was made with. A later `reset` returns to
 *   the scenario
 * - `reset`: returns to the initial state, without faults and logs, and drops work in progress
 *
 * @since 0.1.0
 * @category models
 */
export interface Control {
  readonly handle: (head: Head, readBody: Effect.Effect<string, unknown>) => Effect.Effect<Reply>
  readonly smtp: Door
  readonly servers: Effect.Effect<ReadonlyArray<ServerHandle>>
  readonly addServer: (settings: Settings) => Effect.Effect<ServerHandle, ControlError>
  readonly addTemplate: (template: Template, token?: string) => Effect.Effect<number, ControlError>
  readonly sent: Effect.Effect<ReadonlyArray<SentMessage>>
  readonly requests: Effect.Effect<ReadonlyArray<RequestLog>>
  readonly deliver: (messageId: string, recipient: string) => Effect.Effect<void, ControlError>
  readonly bounce: (
    messageId: string,
    recipient: string,
    options?: { readonly type?: BounceType; readonly details?: string }
  ) => Effect.Effect<void, ControlError>
  readonly open: (messageId: string, recipient: string, reader?: Reader.Choice) => Effect.Effect<void, ControlError>
  readonly spamComplaint: (messageId: string, recipient: string) => Effect.Effect<void, ControlError>
  readonly unsubscribe: (messageId: string, recipient: string) => Effect.Effect<void, ControlError>
  readonly suppress: (
    email: string,
    options?: {
      readonly token?: string
      readonly stream?: string
      readonly reason?: "HardBounce" | "SpamComplaint" | "ManualSuppression"
      readonly origin?: "Recipient" | "Customer" | "Admin"
    }
  ) => Effect.Effect<void, ControlError>
  readonly click: (
    messageId: string,
    recipient: string,
    options?: { readonly link?: string; readonly location?: "HTML" | "Text"; readonly reader?: Reader.Choice }
  ) => Effect.Effect<void, ControlError>
  readonly receiveInbound: (mail: InboundMail, token?: string) => Effect.Effect<string, ControlError>
  readonly confirmSender: (email: string) => Effect.Effect<void, ControlError>
  readonly addScript: (script: Script.Script) => Effect.Effect<void>
  readonly clearScripts: Effect.Effect<void>
  readonly skippedSteps: Effect.Effect<ReadonlyArray<Script.SkippedStep>>
  readonly injectFault: (rule: Fault.Rule) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  readonly webhookAttempts: Effect.Effect<ReadonlyArray<WebhookAttempt>>
  readonly waitFor: (predicate: (view: View) => boolean) => Effect.Effect<void>
  readonly changes: Stream.Stream<void>
  readonly source: (messageId: string) => Effect.Effect<string, ControlError>
  readonly settled: Effect.Effect<void>
  readonly clock: Clock
  readonly snapshot: Effect.Effect<Snapshot>
  readonly restore: (snapshot: Snapshot) => Effect.Effect<void, ControlError>
  readonly load: (scenario: Scenario) => Effect.Effect<void, ControlError>
  readonly reset: Effect.Effect<void>
}
