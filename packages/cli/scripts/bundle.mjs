/**
 * Bundles the program with everything it needs into one file, from what `tsc` has built. The help is rendered now and put
 * into the bundle, so that `--help` loads no command.
 */
import { build } from "esbuild"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Cli from "../dist/Cli.js"

const { make } = await import("@effect-postmark/core/ActionRegistry")
const { handlers } = await import("@effect-postmark/core/PostmarkActions")

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, "dist", "bundle")
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const texts = Cli.helpTexts(Cli.commands(make(handlers), version), version)

rmSync(out, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [join("dist", "bin.js")],
  outdir: out,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Names stay, so that a stack can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  // What is CommonJS in the bundle asks for the modules of Node by `require`.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from \"node:module\"\n" +
      "const require = createRequireOfBundle(import.meta.url)"
  },
  plugins: [{
    name: "help",
    setup: ({ onLoad }) => {
      onLoad({ filter: /internal\/helpTexts\.js$/ }, () => ({
        contents: `export const helpTexts = ${JSON.stringify(texts)}`,
        loader: "js"
      }))
    }
  }],
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
