/**
 * npm's `latest` of effect is version 4, which does not work with the packages of version 3, and two copies of Effect
 * in one program are two incompatible Schemas. So nothing of Effect may enter the lockfile twice, and no version 4.
 * Nor may the address of somebody's registry, where nobody else could install from.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { root } from "./workspace.mjs"

/** A note of deprecation may quote any address. */
const withoutNotes = (text) => {
  let noteIndent
  return text.split("\n").filter((line) => {
    const indent = line.search(/\S/)
    if (noteIndent !== undefined && (indent === -1 || indent > noteIndent)) {
      return false
    }
    noteIndent = /^\s*deprecated:/.test(line) ? indent : undefined
    return noteIndent === undefined
  })
}

/** Says what is wrong with the text of a pnpm lockfile. */
export const lockfileProblems = (text) => {
  const problems = []
  const versions = new Map()
  for (const [, name, version] of text.matchAll(/(?<![\w/@.-])(effect|@effect\/[\w-]+)@(\d+\.\d+\.\d+[^\s:'"()]*)/g)) {
    versions.set(name, (versions.get(name) ?? new Set()).add(version))
  }
  if (!versions.has("effect")) {
    problems.push("effect is not in the lockfile")
  }
  for (const [name, found] of versions) {
    if (found.size > 1) {
      problems.push(`${name} is there more than once: ${[...found].join(", ")}`)
    }
  }
  for (const version of versions.get("effect") ?? []) {
    if (!version.startsWith("3.")) {
      problems.push(`effect is ${version}; this workspace is on version 3`)
    }
  }
  const addresses = withoutNotes(text).filter((line) => /https?:\/\/|\btarball:|\bregistry:/.test(line))
  return [...problems, ...addresses.map((line) => `an address: ${line.trim()}`)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = lockfileProblems(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"))
  problems.forEach((problem) => console.error(`pnpm-lock.yaml: ${problem}`))
  process.exitCode = problems.length === 0 ? 0 : 1
}
