/**
 * An email for Postmark. The client checks Postmark's limits before it sends anything.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as EmailAddress from "./EmailAddress.ts"
import { controlCharacter } from "./internal/wire/controlCharacter.ts"
import { limitIssues } from "./internal/wire/emailLimits.ts"

/**
 * One header of a message or of a webhook request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Header {
  readonly name: string
  readonly value: string
}

const noControlCharacter = <A extends string, I, R>(self: Schema.Schema<A, I, R>) =>
  Schema.filter<Schema.Schema<A, I, R>>((text) =>
    !controlCharacter.test(text) || "must not contain a line break or another control character"
  )(self)

/**
 * @since 0.1.0
 * @category models
 */
export const Header: Schema.Schema<Header> = Schema.Struct({
  name: Schema.String.pipe(
    Schema.pattern(/^[!-9;-~]+$/, { message: () => "must be ASCII without space or colon" })
  ),
  value: Schema.String.pipe(noControlCharacter)
}).annotations({ identifier: "Header" })

/**
 * A file attached to an email. With a `contentId` (`cid:logo.png`) it is an inline image.
 *
 * @since 0.1.0
 * @category models
 */
export const Attachment = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1), noControlCharacter),
  content: Schema.Uint8ArrayFromBase64.annotations({ description: "the file's bytes; base64 in JSON" }),
  contentType: Schema.String.pipe(
    Schema.pattern(/^[A-Za-z0-9][\w!#$&^.+-]*\/[A-Za-z0-9][\w!#$&^.+-]*\s*(;.*)?$/, {
      message: () => "must be a MIME type such as application/pdf"
    }),
    noControlCharacter
  ),
  contentId: Schema.optional(
    Schema.String.pipe(Schema.pattern(/^[!-~]+$/, { message: () => "must be ASCII without spaces" }))
  )
}).annotations({ identifier: "Attachment" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Attachment extends Schema.Schema.Type<typeof Attachment> {}

/**
 * The links that Postmark rewrites to count clicks. By default, the server's setting applies.
 *
 * @since 0.1.0
 * @category models
 */
export const TrackLinks = Schema.Literal("None", "HtmlAndText", "HtmlOnly", "TextOnly")

/**
 * @since 0.1.0
 * @category models
 */
export type TrackLinks = typeof TrackLinks.Type

/** An object cannot have a field of its own with this name, so the field would be lost. */
const MetadataName = Schema.String.pipe(Schema.filter((name) => name !== "__proto__"))

/**
 * Data that Postmark returns with every event of the message: at most 10 fields, with names of up to 20 characters
 * and values of up to 80. See
 * https://postmarkapp.com/support/article/1125-custom-metadata-faq
 *
 * @since 0.1.0
 * @category models
 */
export const Metadata = Schema.Record({ key: MetadataName, value: Schema.String.pipe(noControlCharacter) })
  .annotations({
    identifier: "Metadata",
    description: "at most 10 fields; names up to 20 characters, values up to 80"
  })

/**
 * @since 0.1.0
 * @category models
 */
export type Metadata = typeof Metadata.Type

/**
 * Reports a rule of the whole email together with the rules of its fields. Schema marks its own filters with this
 * annotation, which is missing from its types.
 */
const stable = { [Symbol.for("effect/annotation/StableFilter")]: true }

/** The fields that an email with a body and an email with a template share. */
const envelope = {
  from: EmailAddress.Mailbox.annotations({
    description: "a confirmed sender signature, or an address of a verified domain"
  }),
  to: Schema.optional(EmailAddress.Recipients),
  cc: Schema.optional(EmailAddress.Recipients),
  bcc: Schema.optional(EmailAddress.Recipients),
  replyTo: Schema.optional(EmailAddress.Recipients),
  tag: Schema.optional(Schema.String.pipe(noControlCharacter)),
  headers: Schema.optional(Schema.Array(Header)),
  trackOpens: Schema.optional(
    Schema.Boolean.annotations({ description: "needs an HTML body; the server's own setting may turn it on as well" })
  ),
  trackLinks: Schema.optional(TrackLinks),
  metadata: Schema.optional(Metadata),
  attachments: Schema.optional(Schema.Array(Attachment)),
  messageStream: Schema.optional(
    Schema.String.pipe(Schema.minLength(1)).annotations({ description: "`outbound` when left out" })
  )
}

/**
 * The fields of an email with its own body.
 *
 * @since 0.1.0
 * @category models
 */
export const emailFields = {
  ...envelope,
  subject: Schema.optional(Schema.String.pipe(noControlCharacter)),
  htmlBody: Schema.optional(Schema.String),
  textBody: Schema.optional(Schema.String)
}

/**
 * One email with an HTML body, a text body, or both. Limits: 50 recipients in `to`, `cc` and `bcc` together; `from`
 * 255, `subject` 2,000 and `tag` 1,000 characters; each body 5 MB. See
 * https://postmarkapp.com/developer/api/email-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Email = Schema.Struct(emailFields).pipe(
  Schema.filter((email) => [...limitIssues(email), ...bodyIssues(email)], stable)
).annotations({ identifier: "Email" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Email extends Schema.Schema.Type<typeof Email> {}

/**
 * The fields of an email whose subject and body come from a template.
 *
 * @since 0.1.0
 * @category models
 */
export const templateEmailFields = {
  ...envelope,
  templateId: Schema.optional(Schema.Int.pipe(Schema.positive())),
  templateAlias: Schema.optional(
    Schema.String.pipe(
      Schema.pattern(/^[A-Za-z][\w.-]*$/, {
        message: () => "must be letters, digits, '.', '-' and '_', a letter first"
      })
    )
  ),
  templateModel: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  inlineCss: Schema.optional(Schema.Boolean)
}

/**
 * One email made from a template. Give either `templateId` or `templateAlias`. See
 * https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateEmail = Schema.Struct(templateEmailFields).pipe(
  Schema.filter((email) => [...limitIssues(email), ...templateIssues(email)], stable)
).annotations({ identifier: "TemplateEmail" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplateEmail extends Schema.Schema.Type<typeof TemplateEmail> {}

const bodyIssues = (email: {
  readonly htmlBody?: string | undefined
  readonly textBody?: string | undefined
}): ReadonlyArray<Schema.FilterIssue> =>
  hasText(email.htmlBody) || hasText(email.textBody)
    ? []
    : [{ path: ["htmlBody"], message: "missing body: give an htmlBody, a textBody, or both" }]

const templateIssues = (email: {
  readonly templateId?: number | undefined
  readonly templateAlias?: string | undefined
}): ReadonlyArray<Schema.FilterIssue> =>
  (email.templateId === undefined) !== (email.templateAlias === undefined)
    ? []
    : [{ path: ["templateId"], message: "must be given, or templateAlias instead, and not both" }]

const hasText = (text: string | undefined) => text !== undefined && text !== ""
