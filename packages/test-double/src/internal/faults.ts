/** Counts the calls that each injected fault watches, and tells which faults hit a call. */
import type { Head } from "../Exchange.ts"
import type { Fault, Rule } from "../Fault.ts"
import { domainOf, readList } from "./addresses.ts"
import { same } from "./fields.ts"
import { isObject, parse } from "./json.ts"
import { makeRandom, type Random } from "./random.ts"

export interface Faults {
  readonly inject: (rule: Rule) => void
  readonly take: (head: Head) => Taken
  readonly clear: () => void
}

/** The faults that hit a call, in two steps: rules that name a recipient have to wait for the body. */
export interface Taken {
  readonly beforeReading: ReadonlyArray<Fault>
  readonly withBody: (text: string) => ReadonlyArray<Fault>
}

interface Entry {
  readonly rule: Rule
  /** A source of its own for each rule, so that no rule changes the draws of another. */
  readonly random: Random
  calls: number
}

export const makeFaults = (seed: string): Faults => {
  const entries: Array<Entry> = []
  return {
    inject: (rule) => {
      entries.push({ rule, random: makeRandom(`${seed}/fault/${entries.length}`), calls: 0 })
    },
    take: (head) => {
      const watching = entries.filter(({ rule }) => concerns(rule, head))
      const hits = new Set(watching.filter((entry) => entry.rule.recipient === undefined && counts(entry)))
      return {
        beforeReading: faultsOf(hits),
        withBody: (text) => {
          const waiting = watching.filter(({ rule }) => rule.recipient !== undefined)
          if (waiting.length === 0) return faultsOf(hits)
          const emails = recipients(text)
          for (const entry of waiting) {
            if (names(entry.rule, emails) && counts(entry)) hits.add(entry)
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

const faultsOf = (entries: Iterable<Entry>): ReadonlyArray<Fault> => Array.from(entries, ({ rule }) => rule.fault)

const concerns = ({ method, path }: Rule, head: Head): boolean => {
  if (method !== undefined && method.toUpperCase() !== head.method) return false
  if (path === undefined) return true
  const wanted = normal(path)
  const actual = normal(head.path)
  return wanted.endsWith("*") ? actual.startsWith(wanted.slice(0, -1)) : actual === wanted
}

const names = ({ recipient = "" }: Rule, emails: ReadonlyArray<string>): boolean =>
  recipient.startsWith("*@")
    ? emails.some((email) => domainOf(email) === domainOf(recipient))
    : emails.some((email) => same(email, recipient))

/** Counts a call that the rule concerns; chance is asked only if the call would be hit without it. */
const counts = (entry: Entry): boolean => {
  const { rule: { every, first, nth, probability } } = entry
  const call = ++entry.calls
  return (nth === undefined || call === nth) &&
    (every === undefined || call % every === 0) &&
    (first === undefined || call <= first) &&
    (probability === undefined || entry.random.integer(2 ** 32) < probability * 2 ** 32)
}

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

const normal = (path: string): string => path.toLowerCase().replace(/(.)\/+$/, "$1")
