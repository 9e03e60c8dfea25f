/**
 * Options from plain JavaScript. An option that nobody reads can send real mail: a client for a test whose `apiUrl` is
 * misspelt would call Postmark.
 */
import * as Effect from "effect/Effect"

/** Dies of an option that has another name, or none: the program is wrong, and no retry helps. */
export const knownOptions = (where: string, names: ReadonlyArray<string>, options: object): Effect.Effect<void> => {
  const unknown = Object.keys(options).filter((name) => !names.includes(name))
  if (unknown.length === 0) return Effect.void
  const hints = unknown.map((name) => {
    const meant = otherNames[name.toLowerCase().replace(/[_-]/g, "")]
      ?? names.find((known) => known.toLowerCase() === name.toLowerCase().replace(/[_-]/g, ""))
    return meant !== undefined && names.includes(meant) ? `${name} (use ${meant})` : name
  })
  return Effect.die(
    new TypeError(`unknown option of ${where}: ${hints.join(", ")}; must be one of ${names.join(", ")}`)
  )
}

const otherNames: Readonly<Record<string, string>> = {
  baseurl: "apiUrl",
  url: "apiUrl",
  host: "apiUrl",
  endpoint: "apiUrl",
  requesthost: "apiUrl",
  token: "serverToken",
  apitoken: "serverToken",
  apikey: "serverToken",
  timeoutms: "timeout",
  requesttimeout: "timeout",
  maxbytes: "maxResponseBytes"
}
