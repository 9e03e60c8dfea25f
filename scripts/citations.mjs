/**
 * Sources cite what a reader can open: a public page of Postmark that docs/postmark.md names, or a section of
 * docs/postmark.md. Never a section of a document that is not in this repository.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { root } from "./workspace.mjs"

const folders = ["packages", "examples", "bench", "docs", "scripts"]
const generated = new Set(["node_modules", "dist", "build", "bundle", ".turbo"])

const filesOf = (root) =>
  folders.filter((folder) => existsSync(join(root, folder))).flatMap((folder) => {
    const walk = (directory) =>
      readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory()
          ? generated.has(entry.name) ? [] : walk(join(directory, entry.name))
          : /\.(?:[cm]?[jt]sx?|md)$/.test(entry.name) && !entry.name.startsWith("citations.")
          ? [join(directory, entry.name)]
          : []
      )
    return walk(join(root, folder))
  })

/** "Postmark API, F.7", "(A.5 and G.6)", "Not established (H)", in comments and documents. */
const section = /Postmark API, (?:[A-H]\b|[A-Z][a-z]+(?: [a-z]+)?[,.])|(?<![\w/#.`-])[A-H]\.\d{1,2}(?![\w-])|\([A-H]\)/
const page = /https:\/\/postmarkapp\.com\/(?:developer|support)[\w/-]*/g
const anchors = /docs\/postmark\.md((?:#[\w-]+)?(?:(?:, | and )#[\w-]+)*)/g

const prose = (file, line) => file.endsWith(".md") || /^\s*(?:\/\/|\/?\*)|\s\/\/ /.test(line)

const slug = (heading) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")

/** Every citation that leads nowhere. */
export const citationProblems = (root) => {
  const facts = join(root, "docs", "postmark.md")
  const document = existsSync(facts) ? readFileSync(facts, "utf8") : ""
  const headings = new Set([...document.matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1])))
  const pages = new Set(document.match(page))
  return filesOf(root).flatMap((path) => {
    const file = relative(root, path).split(sep).join("/")
    return readFileSync(path, "utf8").split("\n").flatMap((line, index) => {
      const where = `${file}:${index + 1}`
      const cited = prose(file, line) ? section.exec(line)?.[0] : undefined
      return [
        ...(cited === undefined ? [] : [`${where}: ${cited} is a section of no document here`]),
        ...[...line.matchAll(anchors)].flatMap((match) => match[1].match(/#[\w-]+/g) ?? [])
          .filter((anchor) => !headings.has(anchor.slice(1)))
          .map((anchor) => `${where}: docs/postmark.md has no section ${anchor}`),
        ...(line.match(page) ?? []).filter((address) => !pages.has(address))
          .map((address) => `${where}: docs/postmark.md does not name ${address}`)
      ]
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = citationProblems(root)
  problems.forEach((problem) => console.error(problem))
  process.exitCode = problems.length === 0 ? 0 : 1
}
