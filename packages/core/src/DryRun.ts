/**
 * Prepares a send without the network: the exact JSON, its sizes, and Postmark's limits.
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
 * A measured value and its limit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Measured {
  readonly actual: number
  readonly limit: number
}

/**
 * The request that would be sent. Sizes are in bytes. The limits are Postmark's
 * (https://postmarkapp.com/developer/api/email-api).
 *
 * @since 0.1.0
 * @category models
 */
export interface DryRun {
  readonly path: "/email" | "/email/withTemplate"
  /** The exact body of the request. */
  readonly body: string
  readonly recipients: Measured
  readonly messageBytes: Measured
  readonly metadataFields: Measured
}

/**
 * Checks an email and encodes it for the request. Returns every issue at once as a Left.
 *
 * @since 0.1.0
 * @category constructors
 */
export const email = (input: Email): Either.Either<DryRun, ReadonlyArray<Issue>> =>
  run(Email, PostmarkApi.EmailRequest, "/email", input)

/**
 * Checks and encodes an email with a template.
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
