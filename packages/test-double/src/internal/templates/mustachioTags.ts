/** What a tag of a template is, to Mustachio: https://github.com/ActiveCampaign/mustachio */
import { trim } from "./mustachioPath.ts"

export type Tag =
  | { readonly kind: "each"; readonly path: string | undefined; readonly shown: string }
  | { readonly kind: "endEach"; readonly exact: boolean }
  | { readonly kind: "#" | "^"; readonly path: string; readonly shown: string }
  | { readonly kind: "end"; readonly path: string }
  | { readonly kind: "value"; readonly path: string; readonly raw: boolean; readonly triple: boolean }
  | { readonly kind: "comment" }

/** Two or three braces around anything but braces. All else is text: `{{`, `{{}}` and `{{a}b}}`, for example. */
export const tags = /\{\{[^{}]+\}\}|\{\{\{[^{}]+\}\}\}/g

/**
 * A sign counts only directly after the braces: `{{ #x }}` is a value with the path `#x`, which is refused. .NET also
 * overlooks characters without width, such as U+FEFF, before a sign; Mustachio refuses such a tag with another text.
 */
export const readTag = (tag: string): Tag => {
  const inner = tag.replace(/^\{+|\}+$/g, "")
  if (tag.startsWith("{{{")) return { kind: "value", path: withoutSign(inner, "&"), raw: true, triple: true }
  if (inner.startsWith("#each")) return readEach(inner)
  if (inner.startsWith("/each")) return { kind: "endEach", exact: inner === "/each" }
  const sign = inner.charAt(0)
  switch (sign) {
    case "#":
    case "^": {
      const path = withoutSign(inner, sign)
      return { kind: sign, path, shown: shownPath(path) }
    }
    case "/":
      return { kind: "end", path: withoutSign(inner, sign) }
    case "&":
      return { kind: "value", path: withoutSign(inner, sign), raw: true, triple: false }
    case "!":
      return { kind: "comment" }
    default:
      return { kind: "value", path: trim(inner), raw: false, triple: false }
  }
}

/** All that begins with `#each` is one: `{{#eachs}}` is an error, and not a block of the path `eachs`. */
const readEach = (inner: string): Tag => {
  const rest = trim(inner).slice("#each".length)
  const path = rest.startsWith(" ") ? trim(rest) : ""
  return { kind: "each", path: path === "" ? undefined : path, shown: shownPath(inner) }
}

/** A sign may be repeated: `{{##x}}` is `{{#x}}`. */
const withoutSign = (inner: string, sign: string): string => {
  let start = 0
  while (inner.charAt(start) === sign) start++
  return trim(inner.slice(start))
}

const shownPath = (path: string): string => {
  const bare = path.replace(/^#+|#+$/g, "")
  return bare.startsWith("each ") ? bare.slice("each ".length) : bare
}
