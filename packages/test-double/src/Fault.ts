/**
 * Faults that a test can inject between a client and the double.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const headers = Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))

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
 *
 * @since 0.1.0
 * @category models
 */
export const Fault = Schema.Union(
  Schema.Struct({
    kind: Schema.Literal("status"),
    status: Schema.Int.pipe(Schema.between(200, 599)),
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
    status: Schema.optional(Schema.Int.pipe(Schema.between(200, 599))),
    contentType: Schema.optional(Schema.String),
    accept: Schema.optional(Schema.Boolean)
  }),
  Schema.Struct({ kind: Schema.Literal("truncate"), length: Schema.NonNegativeInt }),
  Schema.Struct({
    kind: Schema.Literal("cutShort"),
    length: Schema.NonNegativeInt,
    end: Schema.optional(Schema.Literal("close", "reset"))
  }),
  Schema.Struct({ kind: Schema.Literal("closeAfterAcceptance") })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * Which calls a fault hits: by method and path (any case; a `*` at the end matches any rest), then the `nth` such call,
 * `every` so-many-th, or the `first` so many; without these three, all. Calls are counted from the injection on.
 *
 * @since 0.1.0
 * @category models
 */
export const Rule = Schema.Struct({
  method: Schema.optional(Schema.String),
  path: Schema.optional(Schema.String),
  nth: Schema.optional(Schema.Positive),
  every: Schema.optional(Schema.Positive),
  first: Schema.optional(Schema.Positive),
  fault: Fault
}).annotations({ identifier: "FaultRule" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Rule extends Schema.Schema.Type<typeof Rule> {}
