/**
 * The handle by which a test directs a double.
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
 * A wish that the double cannot grant: it names something unknown, or leads to a state that Postmark cannot reach.
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
 * What a predicate of `waitFor` sees.
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
 * A request that came in; `status` is undefined if the connection was broken instead. A message that came by SMTP has the
 * method `SMTP`, the path `/` and the code of the reply.
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
 * A server of the double, as its control handle names it.
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
 * The double's clock. It follows the one in force when the double was made, and can be stopped and moved on by hand:
 * `advance` does all that falls due on the way, one after the other, and waits for the webhooks in between. It ends at
 * once when the double is reset or goes back meanwhile; beyond the year 9999 it is a defect, a `RangeError`.
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
 * What the double's clock shows, over HTTP.
 *
 * @since 0.1.0
 * @category models
 */
export const ClockState = Schema.Struct({ now: Schema.DateTimeUtc, isPaused: Schema.Boolean }).annotations({
  identifier: "Clock"
})

/**
 * Everything that a double held at one moment, to go back to as often as one likes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Snapshot {
  readonly messages: number
}

/**
 * The control handle of a double. `deliver`, `bounce`, `open`, `click`, `spamComplaint`, `suppress` and
 * `receiveInbound` post the webhooks they cause. Where a server token may be given, it is that of the first server if
 * left out.
 *
 * - `handle`: answers one request; the ways in are built on it
 * - `smtp`: takes SMTP sessions; the SMTP listener is built on it
 * - `sent`: every accepted message of every server, oldest first
 * - `click`: follows the first tracked link, or the one named by its URL and the body it stands in
 * - `receiveInbound`: lets a mail reach the server's inbound stream; it gives the id of the inbound message
 * - `confirmSender`: follows the link in the confirmation mail of a sender signature
 * - `injectFault`: a rule that breaks its schema is a defect
 * - `waitFor`: waits until the predicate holds; it is asked again after every change
 * - `changes`: emits at once, then once for all that changed since the last element was taken
 * - `source`: a readable source of a message, made of what was sent: nothing is encoded, attachments are named only
 * - `settled`: waits until no delivery and no webhook call is due or under way at this moment
 * - `addScript`: tells what becomes of messages sent from now on; scripts are asked in the order they came
 * - `skippedSteps`: steps of scripts that Postmark could not come to
 * - `snapshot`: all that there is once nothing is under way; `restore` goes back to it, clock, ids and due work included
 * - `load`: starts anew with a scenario; what it leaves out is as the double was made. `reset` then leads back to it
 * - `reset`: back to the state after construction, faults and logs gone, work under way dropped
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
