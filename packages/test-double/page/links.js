/** The links of a message. */
import { element } from "./element.js"
import { chip } from "./format.js"

/** @typedef {import("./api.js").Details["links"][number]} Link */

/** @param {ReadonlyArray<Link>} links */
export const linkList = (links) =>
  links.length === 0
    ? element("p", { class: "none" }, ["There are no links in this message."])
    : element(
      "ul",
      { class: "links" },
      links.map(({ location, tracked, url }) =>
        element("li", {}, [
          chip(location),
          chip(tracked ? "tracked" : "not tracked", tracked ? "tag" : "plain"),
          isWeb(url)
            ? element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, [url])
            : element("code", {}, [url])
        ])
      )
    )

/**
 * Only these can be followed from here; anything else is shown as text.
 *
 * @param {string} url
 */
const isWeb = (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
