/**
 * Scripts: what happens to messages, decided in advance by recipient or by rule.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { optional, text } from "./internal/http/optional.ts"
import { bounceTypeNames } from "./internal/state/bounceTypes.ts"
import * as Reader from "./Reader.ts"

/**
 * A duration: milliseconds, or a text such as `2 seconds` or `1 hour`. Decodes to milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Time = Schema.transformOrFail(
  Schema.Union(Schema.NonNegative, Schema.String.pipe(Schema.pattern(/^\d/))),
  Schema.NonNegative,
  {
    decode: (time, _, ast) =>
      Option.match(Duration.decodeUnknown(time), {
        onNone: () =>
          ParseResult.fail(
            new ParseResult.Type(ast, time, "a time is written as '2 seconds', '1 hour' or in milliseconds")
          ),
        onSome: (duration) => ParseResult.succeed(Duration.toMillis(duration))
      }),
    encode: ParseResult.succeed
  }
).annotations({ identifier: "Time" })

const after = optional(Time)
const reader = optional(Reader.Choice)
const count = optional(Schema.Positive)

/**
 * One event of a message and a recipient. `after` counts from the previous step.
 *
 * For the first step `after` counts from the time the message was accepted, and defaults to the double's `deliveryDelay`.
 *
 * - `click`: follows the first tracked link, or the one given by its URL and its body
 * - `unsubscribe`: follows the link that Postmark adds to broadcasts
 *
 * @since 0.1.0
 * @category schemas
 */
export const Step = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("deliver"), after }),
  Schema.Struct({
    kind: Schema.Literal("bounce"),
    type: optional(Schema.Literal(...bounceTypeNames)),
    details: text,
    after
  }),
  Schema.Struct({ kind: Schema.Literal("open"), reader, after }),
  Schema.Struct({
    kind: Schema.Literal("click"),
    link: text,
    location: optional(Schema.Literal("HTML", "Text")),
    reader,
    after
  }),
  Schema.Struct({ kind: Schema.Literal("spamComplaint"), after }),
  Schema.Struct({ kind: Schema.Literal("unsubscribe"), after })
).annotations({ identifier: "ScriptStep" })

/**
 * @since 0.1.0
 * @category models
 */
export type Step = typeof Step.Type

/**
 * The messages and recipients that a rule applies to. An omitted field matches everything.
 *
 * Texts are compared in any case, and `*` matches any characters. Four fields narrow the matches, which are counted from
 * the time the rule is added:
 *
 * - `nth`: only the match with this number
 * - `every`: every match whose number is a multiple of this one
 * - `first`: only this many matches, from the first
 * - `probability`: each match with this chance, 0 to 1, drawn from the double's seed
 *
 * @since 0.1.0
 * @category schemas
 */
export const Match = Schema.Struct({
  recipient: text,
  from: text,
  subject: text,
  tag: text,
  stream: text,
  server: text,
  metadata: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  nth: count,
  every: count,
  first: count,
  probability: optional(Schema.Number.pipe(Schema.between(0, 1)))
})

/**
 * The steps for recipients that match. The first rule that matches decides; without one, `autoDeliver` applies.
 *
 * Without steps, nothing ever happens. If the first step needs a delivered message, the double delivers the message
 * first. It skips and logs a step that Postmark could not reach, such as an open without open tracking or a delivery to a
 * suppressed address.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Script = Schema.Struct({ ...Match.fields, steps: Schema.Array(Step) }).annotations({
  identifier: "Script"
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Match extends Schema.Schema.Type<typeof Match> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Script extends Schema.Schema.Type<typeof Script> {}

/**
 * A skipped step. Its `reason` is one of the reasons of `ControlError`.
 *
 * @since 0.1.0
 * @category models
 */
export const SkippedStep = Schema.Struct({
  messageId: Schema.String,
  recipient: Schema.String,
  step: Schema.String,
  reason: Schema.String,
  message: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SkippedStep extends Schema.Schema.Type<typeof SkippedStep> {}

/**
 * The time of a step, counted from the previous one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timing {
  readonly after?: Duration.DurationInput
}

/**
 * Makes a script for all recipients that match. The steps happen in order.
 *
 * @since 0.1.0
 * @category constructors
 */
export const when = (match: Match, ...steps: ReadonlyArray<Step>): Script => ({ ...match, steps })

/**
 * Makes a script for one address, or for a whole domain: `*@example.com`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const forRecipient = (recipient: string, ...steps: ReadonlyArray<Step>): Script => ({ recipient, steps })

/**
 * Delivers the message.
 *
 * @since 0.1.0
 * @category steps
 */
export const deliver = ({ after }: Timing = {}): Step => ({ kind: "deliver", ...timing(after) })

/**
 * Bounces the message, with `HardBounce` if no type is given.
 *
 * @since 0.1.0
 * @category steps
 */
export const bounce = (
  { after, ...what }: Timing & { readonly type?: typeof bounceTypeNames[number]; readonly details?: string } = {}
): Step => ({ kind: "bounce", ...what, ...timing(after) })

/**
 * Opens the message.
 *
 * @since 0.1.0
 * @category steps
 */
export const open = ({ after, ...what }: Timing & { readonly reader?: Reader.Choice } = {}): Step => ({
  kind: "open",
  ...what,
  ...timing(after)
})

/**
 * Follows a tracked link.
 *
 * @since 0.1.0
 * @category steps
 */
export const click = (
  { after, ...what }: Timing & {
    readonly link?: string
    readonly location?: "HTML" | "Text"
    readonly reader?: Reader.Choice
  } = {}
): Step => ({ kind: "click", ...what, ...timing(after) })

/**
 * Marks the message as spam.
 *
 * @since 0.1.0
 * @category steps
 */
export const spamComplaint = ({ after }: Timing = {}): Step => ({ kind: "spamComplaint", ...timing(after) })

/**
 * Unsubscribes the recipient by the link that Postmark adds to broadcasts.
 *
 * @since 0.1.0
 * @category steps
 */
export const unsubscribe = ({ after }: Timing = {}): Step => ({ kind: "unsubscribe", ...timing(after) })

const timing = (after: Duration.DurationInput | undefined): { readonly after?: number } =>
  after === undefined ? {} : { after: Duration.toMillis(after) }
