/**
 * One file in place of hundreds, for tests that start a program many times: it starts in less than half the time. Not for
 * a test of the program that users get.
 */
import { build } from "esbuild"
import { createRequire } from "node:module"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A native module stays where it is. */
const sqlite = createRequire(
  createRequire(createRequire(join(root, "package.json")).resolve("@effect-postmark/storage-sql/package.json"))
    .resolve("@effect/sql-sqlite-node")
).resolve("better-sqlite3")

/** Bundles a program of this package with the built packages; its path. */
export const bundle = async (entry: string): Promise<string> => {
  const outfile = join(root, "build", "test", "bundle", basename(entry).replace(/\.[jt]s$/, ".mjs"))
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["pg-native"],
    // What is CommonJS in the bundle asks for the modules of Node by `require`.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from \"node:module\"\n" +
        "const require = createRequireOfBundle(import.meta.url)"
    },
    plugins: [{
      name: "native",
      setup: ({ onResolve }) => {
        onResolve({ filter: /^better-sqlite3$/ }, () => ({ path: sqlite, external: true }))
      }
    }],
    logLevel: "error"
  })
  return outfile
}
