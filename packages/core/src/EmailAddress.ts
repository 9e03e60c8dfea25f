/**
 * Addresses in Postmark's form: `ann@example.com` or `Ann Sender <ann@example.com>`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { withAsciiDomain } from "./internal/wire/asciiDomain.ts"
import { controlCharacter } from "./internal/wire/controlCharacter.ts"

const displayName = String.raw`(?:"(?:[^"\\\r\n]|\\[^\r\n])*"|[^"<>,;@\r\n]*)`
const localPart = String.raw`(?:[A-Za-z0-9!#$%&'*+/=?^_{|}~\x60.-]+|"(?:[^"\\\r\n\x80-\uffff]|\\[ -~])+")`
const label = String.raw`[^\s.@<>,;:"'()\[\]\\]+`
const domain = String.raw`${label}(?:\.${label})+`
const bare = new RegExp(`^${localPart}@${domain}$`)
const named = new RegExp(`^${displayName}\\s*<(${localPart}@${domain})>$`)

/** Longer than any address with its name, and short enough to check quickly. */
const maximumLength = 1_000

/**
 * One mailbox: a bare address, or a display name with the address in angle brackets. The local part is ASCII
 * (docs/postmark.md#limits).
 *
 * @since 0.1.0
 * @category models
 */
export const Mailbox = Schema.String.pipe(
  Schema.filter(
    (text) => isMailbox(text) || mailboxRule(text)
  ),
  Schema.annotations({ identifier: "Mailbox", description: "ann@example.com or Ann <ann@example.com>" })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Mailbox = string

/**
 * One mailbox, or several.
 *
 * @since 0.1.0
 * @category models
 */
export const Recipients = Schema.Union(Mailbox, Schema.Array(Mailbox))

/**
 * @since 0.1.0
 * @category models
 */
export type Recipients = typeof Recipients.Type

/**
 * The bare address of a mailbox.
 *
 * @since 0.1.0
 * @category conversions
 */
export const addressOf = (mailbox: Mailbox): string => named.exec(mailbox)?.[1] ?? mailbox

/**
 * Counts the mailboxes.
 *
 * @since 0.1.0
 * @category getters
 */
export const count = (recipients: Recipients | undefined): number =>
  recipients === undefined ? 0 : typeof recipients === "string" ? 1 : recipients.length

/**
 * One mailbox in Postmark's form: an international domain is converted to ASCII, and the rest is unchanged.
 *
 * @since 0.1.0
 * @category models
 */
export const MailboxFromText = Schema.transform(Schema.String, Mailbox, {
  strict: true,
  decode: (text) => text,
  encode: (mailbox) => withAsciiDomain(mailbox) ?? mailbox
})

/**
 * Converts recipients to Postmark's comma-separated text, and back.
 *
 * @since 0.1.0
 * @category models
 */
export const RecipientsFromText = Schema.transform(Schema.String, Recipients, {
  strict: true,
  decode: (text) => splitMailboxes(text),
  encode: (recipients) =>
    (typeof recipients === "string" ? [recipients] : recipients)
      .map((mailbox) => withAsciiDomain(mailbox) ?? mailbox).join(", ")
})

const isMailbox = (text: string): boolean =>
  text.length <= maximumLength && !controlCharacter.test(text) && (bare.test(text) || named.test(text)) &&
  withAsciiDomain(text) !== undefined

/** A comma in a display name looks like a separator of two addresses, unless the first part has no address. */
const mailboxRule = (text: string): string =>
  /^[^"@<>]*,[^"@<>]*<[^<>,]+@[^<>,]+>$/.test(text.trim())
    ? "a display name with a comma must be in double quotes: \"Doe, Ann\" <ann@example.com>"
    : text.includes(",")
    ? "must be one address; give several as a list: [\"ann@example.com\", \"Bob <bob@example.com>\"]"
    : "must be an address such as ann@example.com or Ann <ann@example.com>"

/** Splits at commas outside quotes and angle brackets. */
const splitMailboxes = (text: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let part = ""
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (quoted && character === "\\") {
      part += character + text.charAt(++index)
      continue
    }
    if (character === "\"") quoted = !quoted
    if (character === "," && !quoted) {
      parts.push(part.trim())
      part = ""
    } else part += character
  }
  parts.push(part.trim())
  return parts.filter((mailbox) => mailbox !== "")
}
