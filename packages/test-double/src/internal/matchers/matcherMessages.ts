/** What a failed expectation says: what was wanted, what there was instead, and what came nearest. */
import type { Difference } from "./expectations.ts"

export interface Noun {
  readonly one: string
  readonly many: string
}

export type Print = (value: unknown) => string

interface Item {
  readonly text: string
  readonly differences: ReadonlyArray<Difference>
}

interface Failure {
  readonly noun: Noun
  readonly items: ReadonlyArray<Item>
  readonly wishes: { readonly [name: string]: unknown }
  readonly times: number | undefined
  readonly isNot: boolean
  readonly print: Print
}

export const explain = ({ isNot, items, noun, print, times, wishes }: Failure): string => {
  const matching = items.filter(({ differences }) => differences.length === 0)
  const wanted = Object.entries(wishes).map(([name, value]) => `  ${name}: ${shorten(print(value))}`)
  const any = wanted.length === 0
  const lines = [
    `expected ${amount(noun, times, isNot)}${any ? "" : " with"}`,
    ...wanted,
    `but ${found(noun, items.length, matching.length, any)}`,
    ...listing(matching.length > 0 ? matching : items)
  ]
  return [...lines, ...(isNot || matching.length > 0 ? [] : nearest(items, print))].join("\n")
}

const amount = ({ many, one }: Noun, times: number | undefined, isNot: boolean): string => {
  if (times === undefined) return isNot ? `no ${one}` : `a ${one}`
  const count = `${times} ${times === 1 ? one : many}`
  return isNot ? `any number but ${count}` : `exactly ${count}`
}

const found = ({ many, one }: Noun, all: number, matching: number, any: boolean): string => {
  const count = (n: number) => n === 1 ? `1 ${one}` : `${n} ${many}`
  if (all === 0) return `there is no ${one} at all`
  const isOrAre = matching === 1 ? "is" : "are"
  if (matching > 0) return any ? `there ${isOrAre} ${count(matching)}:` : `${matching} of ${count(all)} ${isOrAre} so:`
  return all === 1 ? `the only ${one} is not so:` : `none of ${count(all)} is so:`
}

const longestList = 20

const listing = (items: ReadonlyArray<Item>): ReadonlyArray<string> => [
  ...items.slice(0, longestList).map(({ text }, index) => `  ${index + 1}. ${text}`),
  ...(items.length > longestList ? [`  and ${items.length - longestList} more`] : [])
]

/** The first of those with the fewest differences. */
const nearest = (items: ReadonlyArray<Item>, print: Print): ReadonlyArray<string> => {
  const fewest = Math.min(...items.map(({ differences }) => differences.length))
  const index = items.findIndex(({ differences }) => differences.length === fewest)
  const item = items[index]
  if (item === undefined) return []
  return [
    items.length === 1
      ? "in this it differs:"
      : `nearest is ${index + 1}${index < longestList ? "" : ` (${item.text})`}, which differs in this:`,
    ...item.differences.flatMap(({ actual, expected, field }) => {
      const [wanted, was] = excerpts(expected, actual, print)
      return [`  ${field}`, `    expected: ${wanted}`, `    actual:   ${was}`]
    })
  ]
}

const widest = 100

const shorten = (text: string): string =>
  text.length <= widest ? text : `${text.slice(0, widest)}… (${text.length} characters)`

/** Two long texts are shown from a little before the place where they part. */
const excerpts = (expected: unknown, actual: unknown, print: Print): readonly [string, string] => {
  if (
    typeof expected !== "string" || typeof actual !== "string" || Math.max(expected.length, actual.length) <= widest
  ) {
    return [shorten(print(expected)), shorten(print(actual))]
  }
  const parting = [...expected].findIndex((_, index) => expected[index] !== actual[index])
  const start = Math.max(0, (parting < 0 ? expected.length : parting) - 20)
  const excerpt = (text: string) =>
    `${start > 0 ? "…" : ""}${print(text.slice(start, start + widest))}${text.length > start + widest ? "…" : ""}`
  return [excerpt(expected), excerpt(actual)]
}

interface MessageText {
  readonly subject: string
  readonly to: ReadonlyArray<string>
  readonly recipients: ReadonlyArray<string>
  readonly tag: string | undefined
}

export const describeMessage = ({ recipients, subject, tag, to }: MessageText): string => {
  const [first = "nobody", ...others] = to.length > 0 ? to : recipients
  const names = others.length === 0 ? first : `${first} and ${others.length} more`
  return `${JSON.stringify(shorten(subject))} to ${names}${tag === undefined ? "" : `, tag ${JSON.stringify(tag)}`}`
}

export const describeEvent = (event: MessageText & { readonly recipient: string }): string =>
  `${event.recipient}: ${describeMessage(event)}`

export const describeWebhook = (attempt: {
  readonly recordType: string
  readonly url: string
  readonly attempt: number
  readonly outcome: string
  readonly status: number | undefined
  readonly error: string | undefined
}): string => {
  const answer = attempt.status ?? attempt.error
  return `${attempt.recordType} to ${attempt.url}, attempt ${attempt.attempt}: ${attempt.outcome}${
    answer === undefined ? "" : ` (${answer})`
  }`
}
