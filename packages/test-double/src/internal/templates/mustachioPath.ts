/** Paths into a model, as Mustachio reads them: https://github.com/ActiveCampaign/mustachio */

/** One step of a path: up to the parent, or down to the member of that name. */
export type Step = { readonly up: true } | { readonly up: false; readonly name: string }

/** An empty path and `.` stand for the place itself. */
export const stepsOf = (path: string): ReadonlyArray<Step> =>
  [...path.matchAll(/\.\.\/|[^.]+/g)].map(([step]) => step === "../" ? { up: true } : { up: false, name: step })

/** Whether Mustachio takes the path. `..` must be followed by a slash, and a slash must follow `..`. */
export const isPath = (path: string): boolean =>
  !/\.{3,}|(?<!\.\.)\/|\.{2,}(?:$|[^/])/.test(path) && wordCharacters.test(path)

/**
 * The word characters of .NET's expressions (letters, non-spacing marks, decimal digits and connectors), and the
 * separators. .NET looks at one UTF-16 unit at a time and sees no letter beyond U+FFFF.
 */
const wordCharacters = /^(?:(?![\u{10000}-\u{10FFFF}])[\p{L}\p{Mn}\p{Nd}\p{Pc}./])*$/u

/** .NET's white space: U+0085 is part of it, and U+FEFF is not. */
export const trim = (text: string): string => text.replace(leadingSpace, "").replace(trailingSpace, "")

const leadingSpace = /^[\p{White_Space}]+/u

const trailingSpace = /(?<![\p{White_Space}])[\p{White_Space}]+$/u
