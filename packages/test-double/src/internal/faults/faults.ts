/** Counts the calls that each injected fault watches, and tells which faults hit a call. */
import type { Head } from "../../Exchange.ts"
import type { Fault, Rule } from "../../Fault.ts"
import type { Step } from "../../SmtpExchange.ts"
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
  /** The faults that hit one step of an SMTP session, with the recipients that are known by then. */
  readonly takeSmtp: (step: Step, emails: ReadonlyArray<string>) => ReadonlyArray<Fault>
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
    takeSmtp: (step, emails) =>
      faultsOf(
        entries.filter((entry) =>
          concernsSmtp(entry.rule, step) && (entry.rule.recipient === undefined || names(entry.rule, emails)) &&
          isHit(entry)
        )
      ),
    clear: () => {
      entries.length = 0
    }
  }
}

const faultsOf = (entries: Iterable<FaultEntry>): ReadonlyArray<Fault> => Array.from(entries, ({ rule }) => rule.fault)

const concerns = ({ fault, method, path }: Rule, head: Head): boolean =>
  fault.kind !== "smtpReply" && (method === undefined || method.toUpperCase() === head.method) &&
  (path === undefined || matches(bare(path), bare(head.path)))

const concernsSmtp = ({ fault, method, path }: Rule, step: Step): boolean =>
  (method === undefined || method.toUpperCase() === "SMTP") && path === undefined &&
  (fault.kind === "smtpReply" ? fault.at === step : step === "message" && bothWays.has(fault.kind))

/** Faults that mean the same to an SMTP message as to a request. */
const bothWays: ReadonlySet<Fault["kind"]> = new Set([
  "latency",
  "resetBeforeReading",
  "resetAfterAcceptance",
  "closeAfterAcceptance"
])

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
