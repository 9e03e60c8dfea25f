/**
 * What becomes of messages, told beforehand: by recipient or by rule.
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
 * A time: milliseconds, or a text such as `2 seconds` or `1 hour`. It is read as milliseconds.
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
 * One thing that happens to a message and a recipient, so long `after` the one before; for the first one it is counted
 * from the acceptance, and is the double's `deliveryDelay` if left out.
 *
 * - `click`: the first tracked link, or the one named by its URL and the body it stands in
 * - `unsubscribe`: by the link that Postmark puts into broadcasts
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
 * Which recipients of which messages a rule is about; what is left out does not matter. Texts are compared in any case,
 * and a `*` stands for any characters. Of those that match, `nth` picks one, `every` each so-many-th, `first` the first
 * so many, and `probability` (0 to 1, drawn from the double's seed) some; they are counted from when the rule is given.
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
 * What happens to recipients that match. The first rule that matches decides; without one, the double's `autoDeliver`
 * does. A rule without steps means that nothing ever happens. If the first step needs a delivered message, the message
 * is delivered before it. A step that Postmark could not come to (an open without open tracking, a delivery to a
 * suppressed address) is skipped, and noted.
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
 * A step that was not taken, and why: the reasons are those of `ControlError`.
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
 * When a step happens.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timing {
  readonly after?: Duration.DurationInput
}

/**
 * The steps for all recipients that match; in order.
 *
 * @since 0.1.0
 * @category constructors
 */
export const when = (match: Match, ...steps: ReadonlyArray<Step>): Script => ({ ...match, steps })

/**
 * The steps for one address, or for all of a domain: `*@example.com`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const forRecipient = (recipient: string, ...steps: ReadonlyArray<Step>): Script => ({ recipient, steps })

/**
 * The recipient's server takes the message.
 *
 * @since 0.1.0
 * @category steps
 */
export const deliver = ({ after }: Timing = {}): Step => ({ kind: "deliver", ...timing(after) })

/**
 * The message bounces: hard, if no type is given.
 *
 * @since 0.1.0
 * @category steps
 */
export const bounce = (
  { after, ...what }: Timing & { readonly type?: typeof bounceTypeNames[number]; readonly details?: string } = {}
): Step => ({ kind: "bounce", ...what, ...timing(after) })

/**
 * The recipient opens the message.
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
 * The recipient follows a tracked link.
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
 * The recipient marks the message as spam.
 *
 * @since 0.1.0
 * @category steps
 */
export const spamComplaint = ({ after }: Timing = {}): Step => ({ kind: "spamComplaint", ...timing(after) })

/**
 * The recipient unsubscribes by the link that Postmark puts into broadcasts.
 *
 * @since 0.1.0
 * @category steps
 */
export const unsubscribe = ({ after }: Timing = {}): Step => ({ kind: "unsubscribe", ...timing(after) })

const timing = (after: Duration.DurationInput | undefined): { readonly after?: number } =>
  after === undefined ? {} : { after: Duration.toMillis(after) }
