/** The links of a message that Postmark would replace by its own to count clicks (Postmark API, B.1). */
import type { Link, Message } from "./state.ts"

/** In the order of the bodies; a link that stands twice is there twice. */
export const trackedLinks = ({ htmlBody, textBody, trackLinks }: Message): ReadonlyArray<Link> => {
  if (trackLinks === "None") return []
  const html = trackLinks === "TextOnly" || htmlBody === undefined ? [] : [...htmlBody.matchAll(hrefs)]
  const text = trackLinks === "HtmlOnly" || textBody === undefined ? [] : [...textBody.matchAll(urls)]
  return [
    ...html.map((match): Link => ({ url: (match[1] ?? "").replaceAll("&amp;", "&"), location: "HTML" })),
    ...text.map(([url]): Link => ({ url, location: "Text" }))
  ]
}

const hrefs = /href\s*=\s*["']?(https?:[^"'\s>]*)/gi
const urls = /https?:\/\/[^\s<>"']+/gi
