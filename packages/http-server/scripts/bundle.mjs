/**
 * Bundles the program with everything it needs: a few files to load in place of hundreds. What a command asks for late
 * goes to files of its own, so help loads nothing else. Not minified, so that stack traces can be read.
 *
 * `node scripts/bundle.mjs`: what `tsc` has built goes to `dist/bundle`.
 */
import { build } from "esbuild"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { nativeModules } from "./nativeModules.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, "dist", "bundle")

rmSync(out, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [join("dist", "bin.js")],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Only for those who compile PostgreSQL's own client.
  external: ["pg-native"],
  plugins: [nativeModules],
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
writeFileSync(join(out, "LICENSES.txt"), [...new Set(notices)].join("\n---\n\n"))
