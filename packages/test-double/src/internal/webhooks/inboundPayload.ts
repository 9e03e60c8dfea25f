/**
 * The body that is posted to a server's InboundHookUrl (https://postmarkapp.com/developer/webhooks/inbound-webhook),
 * and its parts that the API shows.
 */
import type { InboundMessage } from "../state/inboundState.ts"
import type { Server } from "../state/state.ts"
import type { Instant } from "../state/time.ts"

export const inboundPayload = (server: Server, message: InboundMessage) => ({
  ...addressFields(message),
  ...bodyFields(message),
  Tag: message.mail.tag ?? "",
  Headers: headers(message),
  Attachments: (message.mail.attachments ?? []).map((file) => ({
    Name: file.name,
    Content: plain(file.content),
    ContentType: file.contentType,
    ContentLength: size(file.content),
    ContentID: file.contentId ?? ""
  })),
  ...(server.fields.RawEmailEnabled ? { RawEmail: rawEmail(message) } : {})
})

export const addressFields = (
  { at, bcc, cc, from, id, mail, mailboxHash, originalRecipient, stream, to }: InboundMessage
) => ({
  FromName: from.Name,
  MessageStream: stream,
  From: from.Email,
  FromFull: from,
  To: mail.to ?? originalRecipient,
  ToFull: to,
  Cc: mail.cc ?? "",
  CcFull: cc,
  Bcc: mail.bcc ?? "",
  BccFull: bcc,
  OriginalRecipient: originalRecipient,
  Subject: mail.subject ?? "",
  MessageID: id,
  ReplyTo: mail.replyTo ?? "",
  MailboxHash: mailboxHash,
  Date: mail.date ?? rfc2822(at)
})

export const bodyFields = ({ mail }: InboundMessage) => ({
  TextBody: mail.textBody ?? "",
  HtmlBody: mail.htmlBody ?? "",
  StrippedTextReply: mail.strippedTextReply ?? ""
})

export const headers = ({ from, id, mail }: InboundMessage) => [
  { Name: "Return-Path", Value: `<${from.Email}>` },
  { Name: "X-Spam-Status", Value: "No" },
  { Name: "X-Spam-Score", Value: String(mail.spamScore ?? 0) },
  { Name: "Message-ID", Value: `<${id}@mail.${from.Email.slice(from.Email.lastIndexOf("@") + 1)}>` },
  ...(mail.headers ?? [])
]

/** Base64 may be written with line breaks; Postmark posts it without. */
const plain = (content: string): string => content.replaceAll(/\s+/g, "")

/** How many bytes a base64 text stands for. */
export const size = (content: string): number => Math.floor((plain(content).replace(/=+$/, "").length * 3) / 4)

/** `Wed, 30 Sep 2026 18:15:00 +0000` */
const rfc2822 = ({ millis }: Instant): string => new Date(millis).toUTCString().replace("GMT", "+0000")

const rawEmail = (message: InboundMessage): string =>
  [
    `From: ${message.mail.from}`,
    `To: ${message.mail.to ?? message.originalRecipient}`,
    `Subject: ${message.mail.subject ?? ""}`,
    ...headers(message).map(({ Name, Value }) => `${Name}: ${Value}`),
    "",
    message.mail.textBody ?? message.mail.htmlBody ?? ""
  ].join("\r\n")
