/**
 * Which package may import which: the core imports no other, the adapters import the core and never one another. And
 * what a package declares, it must use.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, join, relative, sep } from "node:path"

const scope = "@effect-postmark/"

/** The only files where an adapter chooses its storage, or keeps something of its own in it. */
const compositionRoots = [
  "src/bin.ts",
  "src/Standalone.ts",
  "src/Maintenance.ts",
  "src/SqlApiKeyStore.ts",
  "src/SqlAuditLog.ts",
  "src/SqlIdempotencyStore.ts",
  "src/SqlRateLimitStore.ts",
  "src/SqlServerStores.ts",
  "src/internal/keysCommand.ts"
]

/** What the sources, the composition root beside that, and the tests beside both may import of ours. */
const arrows = {
  core: { src: [], composition: [], test: [] },
  "storage-sql": { src: ["core"], composition: [], test: [] },
  automation: { src: ["core"], composition: [], test: ["storage-sql", "test-double"] },
  "http-server": { src: ["core", "automation"], composition: ["storage-sql"], test: ["test-double"] },
  cli: { src: ["core", "automation"], composition: ["storage-sql"], test: ["test-double"] },
  "test-double": { src: ["core"], composition: [], test: [] }
}

/**
 * Declared only because a package that is used names them as peers, and package managers without automatic peers would
 * leave them out. Each is followed by the packages that need it.
 */
const peersOf = {
  "@effect/cluster": ["@effect/platform-node"],
  "@effect/experimental": ["@effect/sql", "@effect/workflow"],
  "@effect/platform": ["@effect-postmark/core", "@effect/platform-node", "@effect/sql"],
  "@effect/printer": ["@effect/cli"],
  "@effect/printer-ansi": ["@effect/cli"],
  "@effect/rpc": ["@effect/platform-node", "@effect/cluster"],
  "@effect/sql": ["@effect/platform-node", "@effect/sql-sqlite-node", "@effect/cluster"],
  "@effect/typeclass": ["@effect/printer"],
  "@effect/workflow": ["@effect/cluster"],
  effect: ["@effect/platform", "@effect/vitest"]
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

const filesIn = (directory, folder) =>
  existsSync(join(directory, folder))
    ? readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
      .sort()
    : []

const sourceFiles = (directory, folder) => filesIn(directory, folder).filter((file) => /\.[cm]?tsx?$/.test(file))

const packageNames = (root) =>
  readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "package.json")))

const filesOf = (root) =>
  packageNames(root)
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
  const names = packageNames(root)
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

/** Which of our packages each package's sources import; `composition` is imported by a composition root only. */
export const packageArrows = (root) => {
  const files = filesOf(root).filter(({ file }) => file.startsWith("src/"))
  return packageNames(root).sort().map((name) => {
    const targets = (composition) =>
      files.filter((source) => source.name === name && compositionRoots.includes(source.file) === composition)
        .flatMap(({ directory, file }) => importsOf(readFileSync(join(directory, file), "utf8")))
        .filter((specifier) => specifier.startsWith(scope) && specifier.slice(scope.length).split("/")[0] !== name)
        .map((specifier) => specifier.slice(scope.length).split("/")[0])
    const src = [...new Set(targets(false))].sort()
    return { name, src, composition: [...new Set(targets(true))].filter((target) => !src.includes(target)).sort() }
  })
}

const packageOf = (specifier) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

const workspaces = (root) =>
  [
    ...["packages", "examples"].flatMap((folder) =>
      existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : []
    ),
    "bench"
  ].filter((path) => existsSync(join(root, path, "package.json")))

const sourceName = /\.[cm]?[jt]sx?$/

const generated = ["node_modules", "dist", "build", "bundle"]

/** The modules that a workspace imports, and the words of its scripts, in what it publishes and in all of it. */
const usedBy = (directory, manifest) => {
  const files = readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isFile()
        ? [entry.name]
        : generated.includes(entry.name)
        ? []
        : filesIn(directory, entry.name)
    )
    .filter((file) => sourceName.test(file))
  const text = new Map(files.map((file) => [file, readFileSync(join(directory, file), "utf8")]))
  const imported = (chosen) =>
    chosen.flatMap((file) => importsOf(text.get(file)))
      .flatMap((specifier) => isBuiltin(specifier) ? ["@types/node"] : [packageOf(specifier)])
  // Tests start programs under a loader, and find files of packages: ["--import", "tsx"], require.resolve("a").
  const arguments_ = files.flatMap((file) =>
    [...text.get(file).matchAll(/(?:"--import",\s*|\.resolve\(\s*)"([^"]+)"/g)].map((match) => packageOf(match[1]))
  )
  const words = Object.values(manifest.scripts ?? {}).join(" ").split(/[\s"'=]+/)
  const shipped = files.filter((file) => !/^(test|scripts)\/|^[\w.]+\.config\.[cm]?[jt]s$/.test(file))
  return {
    shipped: new Set([...imported(shipped), ...words]),
    all: new Set([...imported(files), ...words, ...arguments_])
  }
}

/** Every dependency that is declared and that nothing imports, runs or needs as a peer. */
export const unusedProblems = (root) =>
  workspaces(root).flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"))
    const used = usedBy(join(root, path), manifest)
    const declared = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
      .flatMap((field) => Object.keys(manifest[field] ?? {}))
    const isUsed = (dependency, where) =>
      where.has(dependency) ||
      (dependency.startsWith("@types/") && where.has(dependency.slice("@types/".length))) ||
      (peersOf[dependency] ?? []).some((needing) => declared.includes(needing) && isUsed(needing, used.all))
    return ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((field) =>
      Object.keys(manifest[field] ?? {})
        .filter((dependency) => !isUsed(dependency, field === "devDependencies" ? used.all : used.shipped))
        .map((dependency) => `${path}/package.json: ${dependency} is in its ${field}, and nothing imports it`)
    )
  })

/** Settings come through Config and time through Clock, so that tests hold both; only a program's start may differ. */
export const ambientProblems = (root) =>
  filesOf(root)
    .filter(({ file }) => file.startsWith("src/") && !file.endsWith("/bin.ts"))
    .flatMap(({ name, directory, file }) => {
      const code = withoutComments(readFileSync(join(directory, file), "utf8"))
      return ["process.env", "Date.now"].filter((text) => code.includes(text))
        .map((text) => `packages/${name}/${file}: ${text} belongs in bin.ts only`)
    })
