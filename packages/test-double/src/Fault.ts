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
 * A fault. "Processed" means that the double accepts the request as if there were no fault.
 *
 * - `status`: sends this status; not processed. Without a body it sends Postmark's error JSON
 * - `rateLimit`: sends 429, with `Retry-After` if given, which Postmark does not document; not processed
 * - `latency`: pauses `before` the request is processed, or `after` it is accepted
 * - `resetBeforeReading`: resets the connection before the body is read; not processed
 * - `resetAfterAcceptance`: resets the connection after the request is processed, so the response is lost
 * - `body`: sends this text instead of the response; processed only with `accept`
 * - `truncate`: cuts the response after `length` characters; processed
 * - `cutShort`: sends `length` characters of a response that declares its full length, then ends the connection by a
 *   `close` (default) or a `reset`; processed
 * - `closeAfterAcceptance`: closes the connection without a response; processed
 * - `slowBody`: sends the response in this many `pieces`, with `pauseMillis` between them; processed
 * - `redirect`: redirects to `location`, with 302 if no status is given; processed only with `accept`
 * - `batchLength`: makes a list in the response longer by `difference` items (it repeats the last one), or shorter if
 *   negative; processed. A response that is not a list, or is an empty list, is unchanged
 * - `smtpReply`: rejects an SMTP session with this code and text at one step: the greeting (`connect`), the login
 *   (`auth`), a recipient (`recipient`), or the message after `DATA` (`message`); not processed
 *
 * `latency`, both resets and `closeAfterAcceptance` also apply to messages sent by SMTP. Other kinds except `smtpReply`
 * apply to requests only.
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
 * A fault, and the calls it applies to. An omitted field matches every call.
 *
 * - `method`: the HTTP method, or `SMTP` for messages sent by SMTP, which have no path
 * - `path`: the path, in any case; `*` matches any characters
 * - `recipient`: an address in any case, or `*@` and a domain, in To, Cc or Bcc of any message of the request
 * - `nth`, `every`, `first`: of the matching calls, the one with this number, each multiple of this number, or this many
 *   from the first. Calls are counted from the injection of the rule
 * - `probability`: each of these calls with this chance, from 0 to 1
 *
 * Chance is drawn from the double's seed and the rule's position. The same calls in the same order get the same faults,
 * whatever rules follow.
 *
 * If several rules match a call, their latencies add up. Of their other faults, the one injected first applies.
 * `resetBeforeReading` takes precedence over all others, because the body is not read by then. For the same reason its
 * rule cannot have a `recipient`.
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
 * A rule without its fault: the calls it applies to.
 *
 * @since 0.1.0
 * @category models
 */
export type Criteria = Omit<Rule, "fault">

/**
 * Makes a rule from its criteria and its fault.
 *
 * @since 0.1.0
 * @category constructors
 */
export const rule = (criteria: Criteria, fault: Fault): Rule => ({ ...criteria, fault })

/**
 * Sends this status without processing the request. Without a `body` it sends Postmark's error JSON. An object is sent as
 * JSON, a string as it is.
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
 * Sends 429 without processing the request. `retryAfter` is the `Retry-After` header: seconds, a date, or any text.
 *
 * @since 0.1.0
 * @category faults
 */
export const rateLimit = (options: { readonly retryAfter?: number | string } = {}): Fault => ({
  ...options,
  kind: "rateLimit"
})

/**
 * Pauses before the request is processed, or with `phase: "after"` after it is accepted.
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
 * Resets the connection before the request is read.
 *
 * @since 0.1.0
 * @category faults
 */
export const resetBeforeReading: Fault = { kind: "resetBeforeReading" }

/**
 * Resets the connection after the request is accepted.
 *
 * @since 0.1.0
 * @category faults
 */
export const resetAfterAcceptance: Fault = { kind: "resetAfterAcceptance" }

/**
 * Closes the connection without a response after the request is accepted.
 *
 * @since 0.1.0
 * @category faults
 */
export const closeAfterAcceptance: Fault = { kind: "closeAfterAcceptance" }

/**
 * Options of {@link body}: its status, its content type, and whether the request is processed.
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
 * Sends this text instead of the response, with 200 if no status is given. Processes the request only with `accept`.
 *
 * @since 0.1.0
 * @category faults
 */
export const body = (text: string, options: BodyOptions = {}): Fault => ({ ...options, kind: "body", body: text })

/**
 * Sends an empty body instead of the response; see {@link body}.
 *
 * @since 0.1.0
 * @category faults
 */
export const emptyBody = (options: BodyOptions = {}): Fault => body("", options)

/**
 * Sends an HTML page instead of the response, as a proxy does; see {@link body}.
 *
 * @since 0.1.0
 * @category faults
 */
export const html = (text: string, options: Omit<BodyOptions, "contentType"> = {}): Fault =>
  body(text, { ...options, contentType: "text/html" })

/**
 * Sends the first `length` characters of the response as if they were the whole.
 *
 * @since 0.1.0
 * @category faults
 */
export const truncate = (length: number): Fault => ({ kind: "truncate", length })

/**
 * Sends the first `length` characters of a response that declares its full length, then closes or resets the connection.
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
 * Sends the response in 1–10000 pieces. The pauses between them run on the reader's clock.
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
 * Redirects the client, with 302 if no status is given. Processes the request only with `accept`.
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
 * Makes the list in the response to a batch longer by this many items, or shorter if negative; -500 to 500.
 *
 * @since 0.1.0
 * @category faults
 */
export const batchLength = (difference: number): Fault => ({ kind: "batchLength", difference })

/**
 * Rejects an SMTP session at one step, with a code from 400 to 599 and a text of printable ASCII.
 *
 * @since 0.1.0
 * @category faults
 */
export const smtpReply = (
  at: "connect" | "auth" | "recipient" | "message",
  code: number,
  message?: string
): Fault => ({ kind: "smtpReply", at, code, ...(message === undefined ? {} : { message }) })
