/**
 * What a send would be, without the network: the exact JSON, its sizes, and the limits it keeps or breaks.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { Email, TemplateEmail } from "./Email.ts"
import { count, type Recipients } from "./EmailAddress.ts"
import * as Issues from "./Issues.ts"
import * as Json from "./Json.ts"
import * as PostmarkApi from "./PostmarkApi.ts"
import type { Issue } from "./PostmarkError.ts"

/**
 * A measured value beside its limit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Measured {
  readonly actual: number
  readonly limit: number
}

/**
 * What would be sent. Sizes are in bytes; the limits are Postmark's (https://postmarkapp.com/developer/api/email-api).
 *
 * @since 0.1.0
 * @category models
 */
export interface DryRun {
  readonly path: "/email" | "/email/withTemplate"
  /** The body, byte by byte as it would go out. */
  readonly body: string
  readonly recipients: Measured
  readonly messageBytes: Measured
  readonly metadataFields: Measured
}

/**
 * Checks an email and writes it as it would be sent. Left: every issue at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const email = (input: Email): Either.Either<DryRun, ReadonlyArray<Issue>> =>
  run(Email, PostmarkApi.EmailRequest, "/email", input)

/**
 * The same for an email with a template.
 *
 * @since 0.1.0
 * @category constructors
 */
export const templateEmail = (input: TemplateEmail): Either.Either<DryRun, ReadonlyArray<Issue>> =>
  run(TemplateEmail, PostmarkApi.TemplateEmailRequest, "/email/withTemplate", input)

interface Measurable {
  readonly to?: Recipients | undefined
  readonly cc?: Recipients | undefined
  readonly bcc?: Recipients | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

const run = <A extends Measurable, I, W>(
  schema: Schema.Schema<A, I>,
  wire: Schema.Schema<A, W>,
  path: DryRun["path"],
  input: A
): Either.Either<DryRun, ReadonlyArray<Issue>> =>
  ParseResult.validateEither(schema, { errors: "all" })(input).pipe(
    Either.flatMap((valid) => ParseResult.encodeEither(wire, { errors: "all" })(valid)),
    Either.mapBoth({
      onLeft: Issues.fromParseIssue,
      onRight: (json) => {
        const body = Json.stringify(json)
        return {
          path,
          body,
          recipients: { actual: count(input.to) + count(input.cc) + count(input.bcc), limit: 50 },
          messageBytes: { actual: new TextEncoder().encode(body).length, limit: 10 * 1024 * 1024 },
          metadataFields: { actual: Object.keys(input.metadata ?? {}).length, limit: 10 }
        }
      }
    })
  )
