/** What stands in place of a list without messages. */
import { button, byId, element } from "./element.js"

/** @typedef {import("./api.js").Inbox} Inbox */

const place = byId("no-rows", HTMLDivElement)
let shown = ""

/**
 * @param {Inbox} inbox
 * @param {string} search
 */
export const showEmptyState = (inbox, search) => {
  place.hidden = inbox.total > 0
  const state = JSON.stringify([inbox.captured === 0, search, inbox.demoToken])
  if (place.hidden || state === shown) return
  shown = state
  place.replaceChildren(...(inbox.captured === 0 ? firstMessage(inbox.demoToken) : [nothingFound(search)]))
}

/** @param {string} search */
const nothingFound = (search) => element("p", {}, [`No message has “${search}” in it.`])

/** @param {string | undefined} token */
const firstMessage = (token) => {
  const command = [
    `curl ${location.origin}/email \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -H 'X-Postmark-Server-Token: ${token ?? "<your server token>"}' \\`,
    "  -d '{\"From\":\"shop@example.org\",\"To\":\"ann@example.com\",\"Subject\":\"Hello\",\"TextBody\":\"Hello.\"}'"
  ].join("\n")
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(command)
    copy.textContent = "Copied"
  }, { class: "quiet" })
  return [
    element("h2", {}, ["No messages yet"]),
    element("p", {}, ["Point your program at this address in place of Postmark's, or send one by hand:"]),
    element("pre", { tabindex: "0", "aria-label": "Command that sends a message" }, [command]),
    copy
  ]
}
