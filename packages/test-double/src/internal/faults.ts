/** Counts the calls that each injected fault watches, and tells which faults hit a call. */
import type { Head } from "../Exchange.ts"
import type { Fault, Rule } from "../Fault.ts"

/** A rule, and how many calls it has met. */
export interface FaultEntry {
  readonly rule: Rule
  calls: number
}

export interface Faults {
  readonly entries: Array<FaultEntry>
  readonly inject: (rule: Rule) => void
  readonly take: (head: Head) => ReadonlyArray<Fault>
  readonly clear: () => void
}

export const makeFaults = (): Faults => {
  const rules: Array<FaultEntry> = []
  return {
    entries: rules,
    inject: (rule) => {
      rules.push({ rule, calls: 0 })
    },
    take: (head) => {
      const hits: Array<Fault> = []
      for (const entry of rules) {
        if (!concerns(entry.rule, head)) continue
        entry.calls++
        if (isDue(entry.rule, entry.calls)) hits.push(entry.rule.fault)
      }
      return hits
    },
    clear: () => {
      rules.length = 0
    }
  }
}

const concerns = ({ method, path }: Rule, head: Head): boolean => {
  if (method !== undefined && method.toUpperCase() !== head.method) return false
  if (path === undefined) return true
  const wanted = normal(path)
  const actual = normal(head.path)
  return wanted.endsWith("*") ? actual.startsWith(wanted.slice(0, -1)) : actual === wanted
}

const isDue = ({ every, first, nth }: Rule, call: number): boolean =>
  (nth === undefined || call === nth) &&
  (every === undefined || call % every === 0) &&
  (first === undefined || call <= first)

const normal = (path: string): string => path.toLowerCase().replace(/(.)\/+$/, "$1")
