/** Counts the calls that each injected fault watches, and tells which faults hit a call. */
import type { Head } from "../../Exchange.ts"
import type { Fault, Rule } from "../../Fault.ts"
import { isObject, parse } from "../http/json.ts"
import { readList } from "../rules/addresses.ts"
import { type Counter, makeCounter, occurs } from "./occurrence.ts"
import { matches } from "./pattern.ts"

/** A rule, and the calls that it has met. */
export interface FaultEntry {
  readonly rule: Rule
  readonly counter: Counter
}

/** The faults that hit a call, in two steps: rules that name a recipient have to wait for the body. */
export interface Taken {
  readonly beforeReading: ReadonlyArray<Fault>
  readonly withBody: (text: string) => ReadonlyArray<Fault>
}

export interface Faults {
  readonly entries: Array<FaultEntry>
  readonly inject: (rule: Rule) => void
  readonly take: (head: Head) => Taken
  readonly clear: () => void
}

export const makeFaults = (seed: () => string): Faults => {
  const entries: Array<FaultEntry> = []
  return {
    entries,
    inject: (rule) => {
      entries.push({ rule, counter: makeCounter(`${seed()}/fault/${entries.length}`) })
    },
    take: (head) => {
      const watching = entries.filter(({ rule }) => concerns(rule, head))
      const hits = new Set(watching.filter((entry) => entry.rule.recipient === undefined && isHit(entry)))
      return {
        beforeReading: faultsOf(hits),
        withBody: (text) => {
          const waiting = watching.filter(({ rule }) => rule.recipient !== undefined)
          if (waiting.length === 0) return faultsOf(hits)
          const emails = recipients(text)
          for (const entry of waiting) {
            if (names(entry.rule, emails) && isHit(entry)) hits.add(entry)
          }
          return faultsOf(watching.filter((entry) => hits.has(entry)))
        }
      }
    },
    clear: () => {
      entries.length = 0
    }
  }
}

const faultsOf = (entries: Iterable<FaultEntry>): ReadonlyArray<Fault> => Array.from(entries, ({ rule }) => rule.fault)

const concerns = ({ method, path }: Rule, head: Head): boolean =>
  (method === undefined || method.toUpperCase() === head.method) &&
  (path === undefined || matches(bare(path), bare(head.path)))

const names = ({ recipient = "*" }: Rule, emails: ReadonlyArray<string>): boolean =>
  emails.some((email) => matches(recipient, email))

const isHit = ({ counter, rule }: FaultEntry): boolean => occurs(rule, counter)

/** Every recipient of one message, of a batch, or of a list under `Messages`; none if the body is something else. */
const recipients = (text: string): ReadonlyArray<string> => {
  const body = parse(text)?.value
  const wrapped = isObject(body) && Array.isArray(body["Messages"]) ? body["Messages"] : body
  const messages: ReadonlyArray<unknown> = Array.isArray(wrapped) ? wrapped : [wrapped]
  return messages.filter(isObject).flatMap((message) =>
    [message["To"], message["Cc"], message["Bcc"]].flatMap((list) => typeof list === "string" ? readList(list) : [])
      .map(({ email }) => email)
  )
}

/** Without a slash at the end. */
const bare = (path: string): string => path.replace(/(.)\/+$/, "$1")
