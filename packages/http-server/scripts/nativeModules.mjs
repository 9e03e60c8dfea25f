/**
 * better-sqlite3 is compiled for each machine and cannot be in a bundle. It is a dependency of a dependency, which a strict
 * package manager does not put where this package would find it, so the bundle asks the packages on the way to it.
 */
const source = `
import { createRequire } from "node:module"
const storage = createRequire(import.meta.url).resolve("@effect-postmark/storage-sql/package.json")
const client = createRequire(storage).resolve("@effect/sql-sqlite-node")
export default createRequire(client)("better-sqlite3")
`

export const nativeModules = {
  name: "native modules",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^better-sqlite3$/ }, ({ path }) => ({ path, namespace: "native" }))
    onLoad({ filter: /.*/, namespace: "native" }, () => ({ contents: source, loader: "js" }))
  }
}
