/** Turns the source of a message into the fields that a REST send has. */
import type { Address, Email } from "postal-mime"
import type { JsonObject } from "../http/json.ts"
import type { Mailbox } from "../rules/addresses.ts"

/** Nested deeper, or with longer headers, a message is refused. */
const limits = { maxNestingDepth: 32, maxHeadersSize: 256 * 1024 }

/** Fails if the message is beyond the limits. */
export const readMime = async (source: Uint8Array): Promise<Email> => {
  // Loaded by the first message: most doubles never get one by SMTP.
  const { default: PostalMime } = await import("postal-mime")
  return PostalMime.parse(source, { ...limits, attachmentEncoding: "base64", rfc822Attachments: true })
}

/** The body of a REST send that says the same. A recipient of the envelope that no header names gets a blind copy. */
export const sendFields = (email: Email, recipients: ReadonlyArray<string>, stream: string | undefined): JsonObject => {
  // Of several headers with one name, the first counts.
  const headers = new Map<string, string>()
  for (const { key, value } of email.headers) if (!headers.has(key)) headers.set(key, value)
  const wanted = new Set(recipients.map((recipient) => recipient.toLowerCase()))
  const named = new Set<string>()
  // The envelope decides who gets the message: a header that names somebody else is only shown.
  const reached = (addresses: ReadonlyArray<Address> | undefined) =>
    mailboxes(addresses).filter(({ email }) => {
      const key = email.toLowerCase()
      if (!wanted.has(key) || named.has(key)) return false
      named.add(key)
      return true
    })
  const to = reached(email.to)
  const cc = reached(email.cc)
  const bcc = recipients.filter((recipient) => {
    const key = recipient.toLowerCase()
    if (named.has(key)) return false
    named.add(key)
    return true
  })
  const keepId = headers.get("x-pm-keepid")?.trim().toLowerCase() === "true"
  return defined({
    From: written(mailboxes(email.from === undefined ? [] : [email.from])),
    To: written(to),
    Cc: written(cc),
    Bcc: bcc.join(", "),
    ReplyTo: written(mailboxes(email.replyTo)),
    Subject: email.subject,
    HtmlBody: email.html,
    // The line break before a boundary, or at the end of the message, is none of the writer's.
    TextBody: email.text?.replace(/\n$/, ""),
    Tag: headers.get("x-pm-tag"),
    MessageStream: stream ?? headers.get("x-pm-message-stream"),
    TrackOpens: flag(headers.get("x-pm-trackopens")),
    TrackLinks: headers.get("x-pm-tracklinks"),
    Metadata: Object.fromEntries(
      email.headers.flatMap(({ key, originalKey, value }) =>
        key.startsWith(metadata) ? [[originalKey.slice(metadata.length), value]] : []
      )
    ),
    Headers: email.headers
      .filter(({ key }) => (keepId && key === "message-id") || !isOwn(key))
      .map(({ originalKey, value }) => ({ Name: originalKey, Value: value })),
    Attachments: email.attachments.map(({ content, contentId, filename, mimeType }) =>
      defined({
        Name: filename ?? "attachment",
        Content: typeof content === "string" ? content : "",
        ContentType: mimeType,
        ContentID: contentId === undefined ? undefined : `cid:${contentId.replace(/^<|>$/g, "")}`
      })
    )
  })
}

const metadata = "x-pm-metadata-"

/** Headers that Postmark writes anew, or that become fields. */
const isOwn = (key: string): boolean => key.startsWith("content-") || key.startsWith(metadata) || ownHeaders.has(key)

const ownHeaders: ReadonlySet<string> = new Set([
  "from",
  "to",
  "cc",
  "bcc",
  "reply-to",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "received",
  "return-path",
  "x-pm-tag",
  "x-pm-message-stream",
  "x-pm-trackopens",
  "x-pm-tracklinks",
  "x-pm-keepid"
])

const defined = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""))

const flag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text.trim().toLowerCase() === "true"

const mailboxes = (addresses: ReadonlyArray<Address> | undefined) =>
  (addresses ?? []).flatMap((address) => address.group ?? [address]).map(({ address, name }) => ({
    name,
    email: address ?? ""
  }))

const written = (list: ReadonlyArray<Mailbox>): string =>
  list.map(({ email, name }) => name === "" ? email : `"${name.replaceAll(/["\\]/g, "\\$&")}" <${email}>`).join(", ")
