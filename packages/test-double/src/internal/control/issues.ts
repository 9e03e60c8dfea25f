/** What is wrong where, without the value that stands there: it may be a token or a password. */

export interface Issue {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

/** One line for each issue; `whole` is the name of what has no path. */
export const describeIssues = (issues: ReadonlyArray<Issue>, whole: string): string =>
  issues.map(({ message, path }) =>
    `${path.length === 0 ? whole : path.map(String).join(".")}: ${withoutActual(message)}`
  )
    .join("\n")

export const withoutActual = (message: string): string => message.replace(/,? actual .*/s, "")
