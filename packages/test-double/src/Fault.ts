/**
 * Faults that a test can inject between a client and the double.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const headers = Schema.optional(Schema.Record({
  key: Schema.String.pipe(Schema.pattern(/^[!#$%&'*+.^_`|~\w-]+$/)),
  value: Schema.String.pipe(Schema.pattern(/^[\t\x20-\x7e\x80-\xff]*$/))
}))
const accept = Schema.optional(Schema.Boolean)
const httpStatus = Schema.Int.pipe(Schema.between(200, 599))

/**
 * What goes wrong.
 *
 * - `status`: an answer with this status, and nothing is processed; without a body it is Postmark's error JSON
 * - `rateLimit`: 429, with `Retry-After` in seconds if given (Postmark documents none); nothing is processed
 * - `latency`: a pause `before` the request is processed, or `after`, when it is accepted already
 * - `resetBeforeReading`: the connection breaks before the body is read; nothing is processed
 * - `resetAfterAcceptance`: the request is processed, then the connection breaks and the answer is lost
 * - `body`: this text in place of the answer; `accept` says whether the request is processed
 * - `truncate`: the request is processed, and the answer is cut after so many characters
 * - `cutShort`: the request is processed, and the connection ends after so many characters of an answer whose declared
 *   length is the whole one: by a `close` (which is the default) or a `reset`
 * - `closeAfterAcceptance`: the request is processed, then the connection is closed without an answer
 * - `slowBody`: the request is processed, and its answer comes in so many `pieces`, with `pauseMillis` between them
 * - `redirect`: an answer that sends the client to `location`, 302 if no other status is given; `accept` says whether the
 *   request is processed
 * - `batchLength`: the request is processed, and an answer that is a list is longer by so many items (the last one again)
 *   or, if `difference` is negative, shorter; answers that are no list, or an empty one, stay as they are
 * - `smtpReply`: an SMTP session is refused with this code and text at one step: the greeting (`connect`), the login
 *   (`auth`), a recipient (`recipient`), or the message after `DATA` (`message`); nothing is processed
 *
 * `latency`, the resets and `closeAfterAcceptance` hit messages that come by SMTP, too; the other kinds hit requests only.
 *
 * @since 0.1.0
 * @category models
 */
export const Fault = Schema.Union(
  Schema.Struct({
    kind: Schema.Literal("status"),
    status: httpStatus,
    body: Schema.optional(Schema.Unknown),
    headers
  }),
  Schema.Struct({
    kind: Schema.Literal("rateLimit"),
    retryAfter: Schema.optional(Schema.Union(Schema.Number, Schema.String))
  }),
  Schema.Struct({
    kind: Schema.Literal("latency"),
    millis: Schema.NonNegative,
    phase: Schema.optional(Schema.Literal("before", "after"))
  }),
  Schema.Struct({ kind: Schema.Literal("resetBeforeReading") }),
  Schema.Struct({ kind: Schema.Literal("resetAfterAcceptance") }),
  Schema.Struct({
    kind: Schema.Literal("body"),
    body: Schema.String,
    status: Schema.optional(httpStatus),
    contentType: Schema.optional(Schema.String),
    accept
  }),
  Schema.Struct({ kind: Schema.Literal("truncate"), length: Schema.NonNegativeInt }),
  Schema.Struct({
    kind: Schema.Literal("cutShort"),
    length: Schema.NonNegativeInt,
    end: Schema.optional(Schema.Literal("close", "reset"))
  }),
  Schema.Struct({ kind: Schema.Literal("closeAfterAcceptance") }),
  Schema.Struct({
    kind: Schema.Literal("slowBody"),
    pieces: Schema.Int.pipe(Schema.between(1, 10_000)),
    pauseMillis: Schema.NonNegative
  }),
  Schema.Struct({
    kind: Schema.Literal("redirect"),
    location: Schema.String.pipe(Schema.minLength(1)),
    status: Schema.optional(Schema.Literal(301, 302, 303, 307, 308)),
    accept
  }),
  Schema.Struct({ kind: Schema.Literal("batchLength"), difference: Schema.Int.pipe(Schema.between(-500, 500)) }),
  Schema.Struct({
    kind: Schema.Literal("smtpReply"),
    at: Schema.Literal("connect", "auth", "recipient", "message"),
    code: Schema.Int.pipe(Schema.between(400, 599)),
    message: Schema.optional(Schema.String.pipe(Schema.pattern(/^[\x20-\x7e]{0,400}$/)))
  })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * Which calls a fault hits: by `method` (`SMTP` for messages by SMTP, which have no path), `path` (any case; a `*` stands for any characters) and `recipient` (an
 * address in any case, or `*@` and a domain, in To, Cc or Bcc of any message of the request); of these the `nth`,
 * `every` so-many-th, or the `first` so many; of these each with `probability`, from 0 to 1. What is left out does not
 * narrow. Calls are counted from the injection on.
 *
 * Chance is drawn from the double's seed and the rule's place among the rules, so the same calls in the same order are
 * hit again, whatever other rules come after it. If several rules hit a call, their latencies add up, and of their other
 * faults the one injected first happens; but `resetBeforeReading` goes before all, as nothing is known of the body then.
 * For the same reason it cannot be in a rule with a `recipient`.
 *
 * @since 0.1.0
 * @category models
 */
export const Rule = Schema.Struct({
  method: Schema.optional(Schema.String),
  path: Schema.optional(Schema.String),
  recipient: Schema.optional(Schema.String.pipe(Schema.pattern(/^[^\s<>,@]+@[^\s<>,@]+$/, {
    message: () => "recipient is an address without a name, such as ann@example.com, or *@example.com"
  }))),
  nth: Schema.optional(Schema.Positive),
  every: Schema.optional(Schema.Positive),
  first: Schema.optional(Schema.Positive),
  probability: Schema.optional(Schema.Number.pipe(Schema.between(0, 1, {
    message: () => "probability is a number from 0 to 1"
  }))),
  fault: Fault
}).pipe(
  Schema.filter(({ fault, recipient }) =>
    recipient === undefined || fault.kind !== "resetBeforeReading" ||
    "recipient cannot be told before the body is read: leave it out, or use resetAfterAcceptance"
  ),
  Schema.filter(({ fault, recipient }) =>
    recipient === undefined || fault.kind !== "smtpReply" || fault.at === "recipient" || fault.at === "message" ||
    "recipient cannot be told before the client names it: leave it out, or use the step recipient or message"
  )
).annotations({ identifier: "FaultRule" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Rule extends Schema.Schema.Type<typeof Rule> {}

/**
 * A rule without its fault: which calls.
 *
 * @since 0.1.0
 * @category models
 */
export type Criteria = Omit<Rule, "fault">

/**
 * A rule: these calls, this fault.
 *
 * @since 0.1.0
 * @category constructors
 */
export const rule = (criteria: Criteria, fault: Fault): Rule => ({ ...criteria, fault })

/**
 * An answer with this status in place of processing. Without a `body` it is Postmark's error JSON; a `body` that is an
 * object is sent as JSON, a text as it is.
 *
 * @since 0.1.0
 * @category faults
 */
export const status = (
  status: number,
  options: { readonly body?: unknown; readonly headers?: { readonly [name: string]: string } } = {}
): Fault => ({
  ...options,
  kind: "status",
  status
})

/**
 * 429 in place of processing, with `Retry-After` if `retryAfter` is given: seconds, a date, or whatever is to be sent.
 *
 * @since 0.1.0
 * @category faults
 */
export const rateLimit = (options: { readonly retryAfter?: number | string } = {}): Fault => ({
  ...options,
  kind: "rateLimit"
})

/**
 * A pause before the request is processed, or with `phase: "after"` when it is accepted already.
 *
 * @since 0.1.0
 * @category faults
 */
export const latency = (
  pause: Duration.DurationInput,
  options: { readonly phase?: "before" | "after" } = {}
): Fault => ({
  ...options,
  kind: "latency",
  millis: Duration.toMillis(pause)
})

/**
 * A broken connection in place of processing.
 *
 * @since 0.1.0
 * @category faults
 */
export const resetBeforeReading: Fault = { kind: "resetBeforeReading" }

/**
 * A connection that breaks when the request is accepted.
 *
 * @since 0.1.0
 * @category faults
 */
export const resetAfterAcceptance: Fault = { kind: "resetAfterAcceptance" }

/**
 * A connection that is closed without an answer when the request is accepted.
 *
 * @since 0.1.0
 * @category faults
 */
export const closeAfterAcceptance: Fault = { kind: "closeAfterAcceptance" }

/**
 * What may be said of a text in place of the answer: its status, its type, and whether the request is processed.
 *
 * @since 0.1.0
 * @category models
 */
export interface BodyOptions {
  readonly status?: number
  readonly contentType?: string
  readonly accept?: boolean
}

/**
 * This text in place of the answer, 200 if no other status is given. The request is processed only with `accept`.
 *
 * @since 0.1.0
 * @category faults
 */
export const body = (text: string, options: BodyOptions = {}): Fault => ({ ...options, kind: "body", body: text })

/**
 * Nothing in place of the answer, as {@link body} with an empty text.
 *
 * @since 0.1.0
 * @category faults
 */
export const emptyBody = (options: BodyOptions = {}): Fault => body("", options)

/**
 * A page in place of the answer, such as a proxy sends, as {@link body} with the type `text/html`.
 *
 * @since 0.1.0
 * @category faults
 */
export const html = (text: string, options: Omit<BodyOptions, "contentType"> = {}): Fault =>
  body(text, { ...options, contentType: "text/html" })

/**
 * The first so many characters of the answer, as if they were all.
 *
 * @since 0.1.0
 * @category faults
 */
export const truncate = (length: number): Fault => ({ kind: "truncate", length })

/**
 * The first so many characters of the answer under the length of the whole; then the connection closes, or is reset.
 *
 * @since 0.1.0
 * @category faults
 */
export const cutShort = (length: number, options: { readonly end?: "close" | "reset" } = {}): Fault => ({
  ...options,
  kind: "cutShort",
  length
})

/**
 * The answer in so many pieces, from 1 to 10000, with a pause between them on the clock of whoever reads it.
 *
 * @since 0.1.0
 * @category faults
 */
export const slowBody = (pieces: number, pause: Duration.DurationInput): Fault => ({
  kind: "slowBody",
  pieces,
  pauseMillis: Duration.toMillis(pause)
})

/**
 * An answer that sends the client elsewhere, 302 if no other status is given. The request is processed only with
 * `accept`.
 *
 * @since 0.1.0
 * @category faults
 */
export const redirect = (
  location: string,
  options: { readonly status?: 301 | 302 | 303 | 307 | 308; readonly accept?: boolean } = {}
): Fault => ({
  ...options,
  kind: "redirect",
  location
})

/**
 * The answer to a batch with so many items more than there should be, or less if the number is negative; from -500 to
 * 500.
 *
 * @since 0.1.0
 * @category faults
 */
export const batchLength = (difference: number): Fault => ({ kind: "batchLength", difference })

/**
 * A refusal of an SMTP session at one step, with a code from 400 to 599 and a text of printable ASCII.
 *
 * @since 0.1.0
 * @category faults
 */
export const smtpReply = (
  at: "connect" | "auth" | "recipient" | "message",
  code: number,
  message?: string
): Fault => ({ kind: "smtpReply", at, code, ...(message === undefined ? {} : { message }) })
