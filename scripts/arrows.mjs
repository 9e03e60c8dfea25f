/** Which package may know which: the core knows nobody, the adapters know the core and never one another. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, join, relative, sep } from "node:path"

const scope = "@effect-postmark/"

/** The only files where an adapter chooses its storage. */
const compositionRoots = ["src/bin.ts", "src/Standalone.ts"]

/** What the sources, the composition root beside that, and the tests beside both may import of ours. */
const arrows = {
  core: { src: [], composition: [], test: [] },
  "storage-sql": { src: ["core"], composition: [], test: [] },
  automation: { src: ["core"], composition: [], test: ["storage-sql", "test-double"] },
  "http-server": { src: ["core", "automation"], composition: ["storage-sql"], test: ["test-double"] },
  cli: { src: ["core", "automation"], composition: ["storage-sql"], test: ["test-double"] },
  "test-double": { src: ["core"], composition: [], test: [] }
}

const importForms = [
  // import x, { y } from "z" · import type * as x from "z" · export { x } from "z" · export * as x from "z"
  /^[ \t]*(?:import|export)\s+(?:type\s+)?[\w$*{][\w$*{},\s]*?\s*\bfrom\s*["']([^"'\n]+)["']/gm,
  // import "z"
  /^[ \t]*import\s*["']([^"'\n]+)["']/gm,
  // import("z"), also as a type · require("z") · import.meta.resolve("z")
  /\b(?:import|require|import\.meta\.resolve)\(\s*["']([^"'\n]+)["']/g
]

/** Examples in comments import what they like. */
const withoutComments = (text) => text.split("\n").filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)).join("\n")

/** Every module that a source file imports, in any form. */
export const importsOf = (text) => {
  const code = withoutComments(text)
  return [...new Set(importForms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1])))]
}

const sourceFiles = (directory, folder) =>
  existsSync(join(directory, folder))
    ? readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
      .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
      .sort()
    : []

const filesOf = (root) =>
  readdirSync(join(root, "packages"))
    .filter((name) => existsSync(join(root, "packages", name, "package.json")))
    .flatMap((name) => {
      const directory = join(root, "packages", name)
      return ["src", "test"].flatMap((folder) =>
        sourceFiles(directory, folder).map((file) => ({ name, directory, file }))
      )
    })

const importProblem = ({ name, directory, file }, specifier) => {
  const rule = arrows[name]
  const inSource = file.startsWith("src/")
  if (specifier.startsWith(".")) {
    const target = relative(directory, join(directory, dirname(file), specifier))
    return target.startsWith("..") ? "reaches outside of its package by a relative path" : undefined
  }
  if (name === "core" && inSource && (isBuiltin(specifier) || specifier.startsWith("@effect/platform-node"))) {
    return "ties the core to Node"
  }
  if (!specifier.startsWith(scope)) {
    return undefined
  }
  const [target, ...path] = specifier.slice(scope.length).split("/")
  if (target === name) {
    return undefined
  }
  if (path[0] === "internal") {
    return "is internal to its package"
  }
  const allowed = [
    ...rule.src,
    ...(!inSource || compositionRoots.includes(file) ? rule.composition : []),
    ...(inSource ? [] : rule.test)
  ]
  return allowed.includes(target) ? undefined : `is not for ${name}${inSource ? "" : "'s tests"} to import`
}

const manifestProblems = (root, name) => {
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
  const rule = arrows[name]
  const problems = (fields, allowed) =>
    fields.flatMap((field) => Object.keys(manifest[field] ?? {}).map((dependency) => [field, dependency]))
      .filter(([, dependency]) => dependency.startsWith(scope) && !allowed.includes(dependency.slice(scope.length)))
      .map(([field, dependency]) => `packages/${name}/package.json: ${dependency} may not be in its ${field}`)
  return [
    ...problems(["dependencies", "peerDependencies", "optionalDependencies"], [...rule.src, ...rule.composition]),
    ...problems(["devDependencies"], [...rule.src, ...rule.composition, ...rule.test])
  ]
}

/** Every dependency and every import that goes against the arrows. */
export const arrowProblems = (root) => {
  const names = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json"))
  )
  const unknown = names.filter((name) => !(name in arrows))
  return [
    ...unknown.map((name) => `packages/${name}: no arrows are written down for it in scripts/arrows.mjs`),
    ...names.filter((name) => name in arrows).flatMap((name) => manifestProblems(root, name)),
    ...filesOf(root).filter(({ name }) => name in arrows).flatMap((source) =>
      importsOf(readFileSync(join(source.directory, source.file), "utf8")).flatMap((specifier) => {
        const problem = importProblem(source, specifier)
        return problem === undefined ? [] : [`packages/${source.name}/${source.file}: ${specifier} ${problem}`]
      })
    )
  ]
}

/** Settings come through Config and time through Clock, so that tests hold both; only a program's start may differ. */
export const ambientProblems = (root) =>
  filesOf(root)
    .filter(({ file }) => file.startsWith("src/") && !file.endsWith("/bin.ts"))
    .flatMap(({ name, directory, file }) => {
      const code = withoutComments(readFileSync(join(directory, file), "utf8"))
      return ["process.env", "Date.now"].filter((text) => code.includes(text))
        .map((text) => `packages/${name}/${file}: ${text} belongs in bin.ts only`)
    })
