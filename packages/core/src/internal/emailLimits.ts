/** Postmark's limits on one message (Postmark API, A.9), all of them checked at once. */
import type * as Schema from "effect/Schema"
import type { Recipients } from "../EmailAddress.ts"

interface Limited {
  readonly from: string
  readonly to?: Recipients | undefined
  readonly cc?: Recipients | undefined
  readonly bcc?: Recipients | undefined
  readonly subject?: string | undefined
  readonly tag?: string | undefined
  readonly htmlBody?: string | undefined
  readonly textBody?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

const utf8 = new TextEncoder()
const megabytes = (count: number) => count * 1024 * 1024

export const limitIssues = (email: Limited): ReadonlyArray<Schema.FilterIssue> => [
  ...recipientIssues(email),
  ...lengthIssue("from", email.from.length, 255, "characters"),
  ...lengthIssue("subject", email.subject?.length, 2_000, "characters"),
  ...lengthIssue("tag", email.tag?.length, 1_000, "characters"),
  ...bodyIssue("htmlBody", email.htmlBody),
  ...bodyIssue("textBody", email.textBody),
  ...metadataIssues(email.metadata ?? {})
]

const recipientIssues = (email: Limited): ReadonlyArray<Schema.FilterIssue> => {
  const total = count(email.to) + count(email.cc) + count(email.bcc)
  if (total === 0) return [{ path: ["to"], message: "at least 1 recipient is needed in to, cc or bcc" }]
  return total > 50 ? [{ path: ["to"], message: exceeds("recipients over to, cc and bcc", 50, total) }] : []
}

const metadataIssues = (metadata: Readonly<Record<string, string>>): ReadonlyArray<Schema.FilterIssue> => {
  const names = Object.keys(metadata)
  const issues: Array<Schema.FilterIssue> = names.length > 10
    ? [{ path: ["metadata"], message: exceeds("fields", 10, names.length) }]
    : []
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name.toLowerCase())) {
      issues.push({ path: ["metadata", name], message: "another field has this name in another case" })
    }
    seen.add(name.toLowerCase())
    if (name.length > 20) {
      issues.push({ path: ["metadata", name], message: exceeds("characters of the name", 20, name.length) })
    }
    issues.push(...lengthIssue(["metadata", name], metadata[name]?.length, 80, "characters"))
  }
  return issues
}

/** A body of n UTF-16 units has at least n and at most 3n bytes, so most bodies need no encoding to be judged. */
const bodyIssue = (path: string, body: string | undefined): ReadonlyArray<Schema.FilterIssue> =>
  body === undefined || body.length * 3 <= megabytes(5)
    ? []
    : lengthIssue(path, utf8.encode(body).length, megabytes(5), "bytes")

const lengthIssue = (
  path: string | ReadonlyArray<string>,
  actual: number | undefined,
  limit: number,
  unit: string
): ReadonlyArray<Schema.FilterIssue> =>
  actual === undefined || actual <= limit
    ? []
    : [{ path: typeof path === "string" ? [path] : path, message: exceeds(unit, limit, actual) }]

const exceeds = (what: string, limit: number, actual: number) => `at most ${limit} ${what}, got ${actual}`

const count = (recipients: Recipients | undefined): number =>
  recipients === undefined ? 0 : typeof recipients === "string" ? 1 : recipients.length
