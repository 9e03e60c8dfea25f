/**
 * The links of a message that Postmark would replace by its own to count clicks
 * (https://postmarkapp.com/developer/api/email-api#send-a-single-email).
 */
import type { Link, Message } from "../state/state.ts"

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

/** A link as it stands in a body, whatever its scheme. */
export interface FoundLink extends Link {
  readonly tracked: boolean
}

/** Every link of a message, tracked or not, in the order of the bodies. */
export const allLinks = (
  { htmlBody, textBody, trackLinks }: Pick<Message, "htmlBody" | "textBody" | "trackLinks">
): ReadonlyArray<FoundLink> => {
  const html = [...(htmlBody ?? "").matchAll(anyHrefs)].map((match) => match[1] ?? match[2] ?? match[3] ?? "")
  const text = [...(textBody ?? "").matchAll(urls)].map(([url]) => url)
  const tracks = (one: string) => trackLinks === "HtmlAndText" || trackLinks === one
  return [
    ...html.map((url): FoundLink => ({
      url: url.replaceAll("&amp;", "&"),
      location: "HTML",
      tracked: tracks("HtmlOnly") && /^https?:/i.test(url)
    })),
    ...text.map((url): FoundLink => ({ url, location: "Text", tracked: tracks("TextOnly") }))
  ]
}

const anyHrefs = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^"'\s>]+))/gi
const hrefs = /href\s*=\s*["']?(https?:[^"'\s>]*)/gi
const urls = /https?:\/\/[^\s<>"']+/gi
