/** Names and values of a message, in tables. */
import { element } from "./element.js"
import { chip } from "./format.js"

/** @typedef {import("./api.js").Details} Details */

/** @param {Details} details */
export const detailTables = ({ message, server }) => [
  table("Message", [
    ["From", message.from],
    ...named("To", message.to),
    ...named("Cc", message.cc),
    ...named("Bcc", message.bcc),
    ...named("Reply-To", message.replyTo === undefined ? [] : [message.replyTo]),
    ["Subject", message.subject],
    ...named("Tag", message.tag === undefined ? [] : [message.tag]),
    ["Stream", message.stream],
    ["Server", server],
    ["Open tracking", message.trackOpens ? "on" : "off"],
    ["Link tracking", message.trackLinks],
    ["Submitted", message.submittedAt],
    ["Message ID", message.messageId]
  ]),
  table("Headers", message.headers.map(({ Name, Value }) => [Name, Value])),
  table("Metadata", Object.entries(message.metadata)),
  element("section", {}, [
    element("h3", {}, ["Attachments"]),
    message.attachments.length === 0
      ? none()
      : element("ul", { class: "files" }, message.attachments.map((name) => element("li", {}, [chip(name)])))
  ])
]

const none = () => element("p", { class: "none" }, ["None"])

/**
 * @param {string} name
 * @param {ReadonlyArray<string>} values
 * @returns {ReadonlyArray<readonly [string, string]>}
 */
const named = (name, values) => values.length === 0 ? [] : [[name, values.join(", ")]]

/**
 * @param {string} title
 * @param {ReadonlyArray<readonly [string, string]>} pairs
 */
const table = (title, pairs) =>
  element("section", {}, [
    element("h3", {}, [title]),
    pairs.length === 0 ? none() : element("table", { "aria-label": title }, [
      element(
        "tbody",
        {},
        pairs.map(([name, value]) =>
          element("tr", {}, [element("th", { scope: "row" }, [name]), element("td", {}, [value])])
        )
      )
    ])
  ])
