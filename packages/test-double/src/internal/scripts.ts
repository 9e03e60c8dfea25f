/** Which script a recipient of a message follows. */
import type * as Script from "../Script.ts"
import { matches } from "./pattern.ts"
import { makeRandom, nextFraction, type Random } from "./random.ts"
import type { Message } from "./state.ts"

/** A rule, and how often it was met. Each has a source of its own, so that rules do not change one another's draws. */
export interface ScriptEntry {
  readonly script: Script.Script
  readonly random: Random
  met: number
}

export const scriptEntry = (script: Script.Script, seed: string, index: number): ScriptEntry => ({
  script,
  random: makeRandom(`${seed}/script/${index}`),
  met: 0
})

/** The steps of the first rule that matches; undefined if none does. */
export const stepsFor = (
  entries: ReadonlyArray<ScriptEntry>,
  message: Message,
  recipient: string
): ReadonlyArray<Script.Step> | undefined => {
  for (const entry of entries) {
    if (!concerns(entry.script, message, recipient)) continue
    entry.met++
    if (!isDue(entry)) continue
    const { steps } = entry.script
    const [first] = steps
    return first === undefined || first.kind === "deliver" || first.kind === "bounce"
      ? steps
      : [{ kind: "deliver" }, ...steps]
  }
  return undefined
}

const concerns = (match: Script.Match, message: Message, recipient: string): boolean =>
  fits(match.recipient, recipient) &&
  fits(match.from, message.from.email) &&
  fits(match.subject, message.subject) &&
  fits(match.tag, message.tag ?? "") &&
  fits(match.stream, message.stream) &&
  fits(match.server, message.server.fields.Name) &&
  Object.entries(match.metadata ?? {}).every(([name, wanted]) => fits(wanted, message.metadata[name] ?? ""))

const fits = (pattern: string | undefined, text: string): boolean => pattern === undefined || matches(pattern, text)

const isDue = ({ met, random, script: { every, first, nth, probability } }: ScriptEntry): boolean =>
  (nth === undefined || met === nth) &&
  (every === undefined || met % every === 0) &&
  (first === undefined || met <= first) &&
  (probability === undefined || nextFraction(random) < probability)
