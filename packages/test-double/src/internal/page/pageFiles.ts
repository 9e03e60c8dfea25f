/** The page's files, from a fixed table: no part of a request ever names a path. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

export interface PageFile {
  readonly text: string
  readonly type: string
}

const types = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml"
} as const

const files: ReadonlyMap<string, readonly [name: string, type: string]> = new Map<
  string,
  readonly [name: string, type: string]
>([
  ["/", ["index.html", types.html]],
  ["/_double/page/icon.svg", ["icon.svg", types.svg]],
  ...["base.css", "list.css", "message.css"].map((name) => [`/_double/page/${name}`, [name, types.css]] as const),
  ...[
    "actions.js",
    "api.js",
    "changes.js",
    "element.js",
    "emptyState.js",
    "format.js",
    "keyboard.js",
    "links.js",
    "list.js",
    "main.js",
    "message.js",
    "resetDialog.js",
    "route.js",
    "tables.js",
    "tabs.js",
    "timeline.js"
  ].map((name) => [`/_double/page/${name}`, [name, types.js]] as const)
])

/** It is read when it is asked for, so that a start costs nothing; a program that lost its files dies of it here. */
export const pageFile = (path: string): Option.Option<Effect.Effect<PageFile>> =>
  Option.map(
    Option.fromNullable(files.get(path)),
    ([name, type]) => Effect.map(Effect.promise(() => readFile(locate(name), "utf8")), (text) => ({ text, type }))
  )

// By the package's own name: its sources, what was built from them and the bundle lie at different depths.
const locate = (name: string): string =>
  join(dirname(createRequire(import.meta.url).resolve("@effect-postmark/test-double/package.json")), "page", name)
