/**
 * Bundles the program with everything it needs: one file to load in place of hundreds. What it asks for late (the control
 * API) goes to files beside it. Not minified, so that stack traces can be read.
 *
 * `node scripts/bundle.mjs [entry] [folder]`: without arguments, what `tsc` has built goes to `dist/bundle`.
 */
import { build } from "esbuild"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [entry = join("dist", "bin.js"), folder = join("dist", "bundle")] = process.argv.slice(2)
const out = join(root, folder)

rmSync(out, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [entry],
  conditions: entry.endsWith(".ts") ? ["@effect-postmark/source"] : [],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // For Node it is CommonJS, whose names a bundle of modules does not see.
  alias: { yaml: join(root, "node_modules", "yaml", "browser", "index.js") },
  // What is CommonJS in the bundle asks for the modules of Node by `require`.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from \"node:module\"\n" +
      "const require = createRequireOfBundle(import.meta.url)"
  },
  legalComments: "none",
  logLevel: "warning",
  metafile: true
})

// The licences of what is in the bundle ask to be handed on with it.
const folders = new Set(
  Object.keys(metafile.inputs).flatMap((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [])
)
const notices = [...folders].sort().map((folder) => {
  const { license, name, version } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
  const text = join(root, folder, "LICENSE")
  return `${name} ${version} (${license})\n\n${existsSync(text) ? readFileSync(text, "utf8").trim() : ""}\n`
})
writeFileSync(join(out, "LICENSES.txt"), notices.join("\n---\n\n"))
