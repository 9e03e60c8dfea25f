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
    // A quoted value may hold quotes itself, so everything between the first and the last is one; fields' names are kept.
    .replace(/(?<!\w)'(\w[\w-]*|@)'/g, (quoted, name: string) => fieldNames.has(name) ? `\u2039${name}\u203a` : quoted)
    .replace(/(?<!\w)'.*'/g, "'…'")
    .replace(/\([^)]*@[^)]*\)/g, "(…)")
    .replace(/\S+@\S+/g, (word) => word.startsWith("\u2039@") ? word : "…")
    .replace(/[\u2039\u203a]/g, "'")
