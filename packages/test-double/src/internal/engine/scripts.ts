/** Which script a recipient of a message follows. */
import type * as Script from "../../Script.ts"
import { type Counter, makeCounter, occurs } from "../faults/occurrence.ts"
import { matches } from "../faults/pattern.ts"
import type { Message } from "../state/state.ts"

export interface ScriptEntry {
  readonly script: Script.Script
  readonly counter: Counter
}

export const scriptEntry = (script: Script.Script, seed: string, index: number): ScriptEntry => ({
  script,
  counter: makeCounter(`${seed}/script/${index}`)
})

/** The steps of the first rule that matches; undefined if none does. */
export const stepsFor = (
  entries: ReadonlyArray<ScriptEntry>,
  message: Message,
  recipient: string
): ReadonlyArray<Script.Step> | undefined => {
  for (const entry of entries) {
    if (!concerns(entry.script, message, recipient) || !occurs(entry.script, entry.counter)) continue
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
  Object.entries(match.metadata ?? {}).every(([name, wanted]) => fits(wanted, valueOf(message.metadata, name)))

/** No name is taken from the prototype. */
const valueOf = (metadata: Message["metadata"], name: string): string =>
  Object.hasOwn(metadata, name) ? metadata[name] ?? "" : ""

const fits = (pattern: string | undefined, text: string): boolean => pattern === undefined || matches(pattern, text)
