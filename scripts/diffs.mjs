/** The diffs in a document: which lines they say are in a file, and whether the file has them. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

const blocks = (document) => [...document.matchAll(/^```diff\n([^]*?)^```$/gm)].map((match) => match[1].split("\n"))

/** Every context line and every removed line that is not in the file that its diff names. */
export const diffProblems = (document, root) =>
  blocks(document).flatMap((lines) => {
    const from = /^--- (?:a\/)?(\S+)$/.exec(lines[0] ?? "")?.[1]
    if (from === undefined) {
      return [`a diff does not begin with the file that it changes: ${lines[0]}`]
    }
    if (from === "/dev/null") {
      return []
    }
    if (!existsSync(join(root, from))) {
      return [`${from} does not exist`]
    }
    const known = new Set(readFileSync(join(root, from), "utf8").split("\n").map((line) => line.trim()))
    return lines.slice(2)
      .filter((line) => /^[ -]/.test(line) && line.slice(1).trim() !== "" && !known.has(line.slice(1).trim()))
      .map((line) => `${from} has no line ${line.slice(1).trim()}`)
  })
