/** A message's source for people who look at it. The history's source, in `history.ts`, has one body only. */
import type { Mailbox } from "../rules/addresses.ts"
import type { Message } from "./state.ts"

/** In the form of RFC 5322 and MIME, with nothing encoded. The contents of attachments are not kept, so not shown. */
export const readableSource = (message: Message): string =>
  [
    header("Date", new Date(message.at.millis).toUTCString().replace("GMT", "+0000")),
    header("From", mailbox(message.from)),
    ...list("To", message.to),
    ...list("Cc", message.cc),
    ...(message.replyTo === undefined ? [] : [header("Reply-To", message.replyTo)]),
    header("Subject", message.subject),
    ...message.headers.map(({ Name, Value }) => header(Name, Value)),
    header("X-PM-Message-Id", message.id),
    header("X-PM-Message-Stream", message.stream),
    ...(message.tag === undefined ? [] : [header("X-PM-Tag", message.tag)]),
    ...Object.entries(message.metadata).map(([name, value]) => header(`X-PM-Metadata-${name}`, value)),
    "MIME-Version: 1.0",
    ...content(message)
  ].join("\r\n")

type Part = ReadonlyArray<string>

const content = (message: Message): Part => {
  const bodies: ReadonlyArray<Part> = [
    ...(message.textBody === undefined ? [] : [body("text/plain", message.textBody)]),
    ...(message.htmlBody === undefined ? [] : [body("text/html", message.htmlBody)])
  ]
  const attachments = message.attachments.map((name): Part => [
    `Content-Disposition: attachment; filename=${quoted(name)}`,
    ""
  ])
  const readable = multipart("alternative", message.id, bodies)
  return attachments.length === 0 ? readable : multipart("mixed", message.id, [readable, ...attachments])
}

const body = (type: string, text: string): Part => [`Content-Type: ${type}; charset=UTF-8`, "", text]

const multipart = (kind: string, id: string, parts: ReadonlyArray<Part>): Part => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const boundary = `${kind}-${id}`
  return [
    `Content-Type: multipart/${kind}; boundary="${boundary}"`,
    "",
    ...parts.flatMap((part) => [`--${boundary}`, ...part]),
    `--${boundary}--`
  ]
}

const list = (name: string, mailboxes: ReadonlyArray<Mailbox>): Part =>
  mailboxes.length === 0 ? [] : [header(name, mailboxes.map(mailbox).join(",\r\n "))]

const mailbox = ({ email, name }: Mailbox): string => name === "" ? email : `${quoted(name)} <${email}>`

const quoted = (text: string): string => `"${flat(text).replaceAll(/["\\]/g, "\\$&")}"`

const header = (name: string, value: string): string =>
  `${flat(name)}: ${value.replaceAll(/\r?\n(?! )|\r(?!\n)/g, " ")}`

const flat = (text: string): string => text.replaceAll(/[\r\n]+/g, " ")
