/**
 * Postmark's limits on one message (https://postmarkapp.com/developer/api/email-api), all of them checked at once. They
 * are checked beside the fields' own rules, so a value may have any form here: what has the wrong one is another rule's
 * to refuse.
 */
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import { attachmentIssues, attachmentsLength } from "./attachmentLimits.ts"

type Issues = ReadonlyArray<Schema.FilterIssue>

export const limitIssues = (email: object): Issues => {
  const field = (name: string): unknown => Reflect.get(email, name)
  return [
    ...recipientIssues(field),
    ...lengthIssue(["from"], textLength(field("from")), 255, "characters"),
    ...lengthIssue(["subject"], textLength(field("subject")), 2_000, "characters"),
    ...lengthIssue(["tag"], textLength(field("tag")), 1_000, "characters"),
    ...lengthIssue(["htmlBody"], bytes(field("htmlBody")), megabytes(5), "bytes"),
    ...lengthIssue(["textBody"], bytes(field("textBody")), megabytes(5), "bytes"),
    ...metadataIssues(field("metadata")),
    ...attachmentIssues(field("attachments")),
    ...lengthIssue(
      ["attachments"],
      (bytes(field("htmlBody")) ?? 0) + (bytes(field("textBody")) ?? 0) + attachmentsLength(field("attachments")),
      megabytes(10),
      "bytes for the whole message, its attachments in base64"
    )
  ]
}

const megabytes = (count: number) => count * 1024 * 1024

const recipientIssues = (field: (name: string) => unknown): Issues => {
  const total = count(field("to")) + count(field("cc")) + count(field("bcc"))
  if (total === 0) return [{ path: ["to"], message: "missing recipient: give at least one in to, cc or bcc" }]
  return lengthIssue(["to"], total, 50, "recipients over to, cc and bcc")
}

const metadataIssues = (metadata: unknown): Issues => {
  if (!Predicate.isRecord(metadata)) return []
  const names = Object.keys(metadata)
  const seen = new Set<string>()
  const issues = [...lengthIssue(["metadata"], names.length, 10, "fields")]
  for (const name of names) {
    if (seen.has(name.toLowerCase())) {
      issues.push({ path: ["metadata", name], message: "must differ from every other name in more than its case" })
    }
    seen.add(name.toLowerCase())
    issues.push(
      ...lengthIssue(["metadata", name], name.length, 20, "characters of the name"),
      ...lengthIssue(["metadata", name], textLength(metadata[name]), 80, "characters")
    )
  }
  return issues
}

const lengthIssue = (path: ReadonlyArray<string>, actual: number | undefined, limit: number, unit: string): Issues =>
  actual === undefined || actual <= limit ? [] : [{ path, message: `must be at most ${limit} ${unit}, got ${actual}` }]

const textLength = (text: unknown): number | undefined => typeof text === "string" ? text.length : undefined

const utf8 = new TextEncoder()

/** A text of n UTF-16 units has at most 3n bytes, so most texts need no encoding to be judged. */
const bytes = (text: unknown): number | undefined =>
  typeof text !== "string" ? undefined : text.length * 3 <= megabytes(1) ? text.length : utf8.encode(text).length

const count = (recipients: unknown): number =>
  typeof recipients === "string" ? 1 : Array.isArray(recipients) ? recipients.length : 0
