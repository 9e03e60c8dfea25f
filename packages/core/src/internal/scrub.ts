/** Takes out of Postmark's texts what they quote of a message, so that they may stand in logs and traces. */

const fieldNames = new Set([
  "From",
  "To",
  "Cc",
  "Bcc",
  "Reply-To",
  "ReplyTo",
  "Subject",
  "Tag",
  "TemplateId",
  "TemplateAlias",
  "TemplateModel",
  "Alias",
  "ID",
  "Name",
  "MessageStream",
  "TrackLinks",
  "TrackOpens",
  "Headers",
  "Attachments",
  "Metadata",
  "HtmlBody",
  "TextBody",
  "Url",
  "@"
])

/** Longest text of Postmark's that is kept. */
const maximum = 300

export const scrub = (message: string): string =>
  message
    .slice(0, maximum)
    .replace(/'([^']*)'/g, (quoted, inner: string) => fieldNames.has(inner) ? quoted : "'…'")
    .replace(/\([^)]*@[^)]*\)/g, "(…)")
    .replace(/\S+@\S+/g, (word) => word.startsWith("'@'") ? word : "…")
