/** Addresses of a message, with Postmark's complaints about them (docs/postmark.md#error-messages). */
import { type Refusal, refusal } from "../http/response.ts"

export interface Mailbox {
  readonly name: string
  readonly email: string
}

/** Reads a comma-separated list. `field` is the name that Postmark's texts use: From, To, Cc, Bcc, Reply-To. */
export const parseList = (field: string, text: string): ReadonlyArray<Mailbox> | Refusal => {
  const mailboxes: Array<Mailbox> = []
  for (const part of splitList(text)) {
    const mailbox = parseMailbox(part)
    const problem = addressProblem(field, part, mailbox.email)
    if (problem !== undefined) return problem
    mailboxes.push(mailbox)
  }
  return mailboxes
}

/** Reads a comma-separated list as it stands, and complains of nothing. */
export const readList = (text: string): ReadonlyArray<Mailbox> => splitList(text).map(parseMailbox)

export const parseFrom = (text: string): Mailbox | Refusal => {
  const parts = splitList(text)
  const mailbox = parseMailbox(parts[0] ?? "")
  return parts.length === 1 && emailPattern.test(mailbox.email)
    ? mailbox
    : refusal(300, `Invalid 'From' address: '${text}'.`)
}

/** Whether a text is one bare address. */
export const isAddress = (text: string): boolean => emailPattern.test(text)

export const domainOf = (email: string): string => email.slice(email.lastIndexOf("@") + 1).toLowerCase()

const addressProblem = (field: string, part: string, email: string): Refusal | undefined => {
  if (!email.includes("@")) {
    return refusal(300, `Error parsing '${field}': Illegal email address '${part}'. It must contain the '@' symbol.`)
  }
  const domain = email.slice(email.lastIndexOf("@") + 1)
  if (!/^[A-Za-z0-9.-]+$/.test(domain)) {
    return refusal(300, `Error parsing '${field}': Illegal email domain '${domain}' in address '${email}'.`)
  }
  return emailPattern.test(email) ? undefined : refusal(300, `Invalid '${field}' address: '${email}'.`)
}

// Local parts are ASCII, and a domain has a dot (docs/postmark.md#error-messages and #limits).
const emailPattern =
  /^[!#$%&'*+/=?^_`{|}~\w-]+(\.[!#$%&'*+/=?^_`{|}~\w-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,}$/

const parseMailbox = (part: string): Mailbox => {
  const match = /^(.*)<([^<>]*)>$/.exec(part)
  if (match === null) return { name: "", email: part }
  const name = (match[1] ?? "").trim()
  const quoted = /^"(.*)"$/.exec(name)
  return {
    name: quoted === null ? name : (quoted[1] ?? "").replaceAll(/\\(.)/g, "$1"),
    email: (match[2] ?? "").trim()
  }
}

const splitList = (text: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let part = ""
  let quoted = false
  let angled = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === "\\" && quoted) {
      part += char + text.charAt(++i)
      continue
    }
    if (char === "\"") quoted = !quoted
    else if (!quoted && char === "<") angled = true
    else if (!quoted && char === ">") angled = false
    if (char === "," && !quoted && !angled) {
      parts.push(part)
      part = ""
    } else part += char
  }
  parts.push(part)
  return parts.map((item) => item.trim()).filter((item) => item !== "")
}
