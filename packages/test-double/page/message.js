/** One message. */
import { actionBar } from "./actions.js"
import { htmlAddress } from "./api.js"
import { button, byId, element } from "./element.js"
import { chip, time } from "./format.js"
import { linkList } from "./links.js"
import { closeMessage } from "./route.js"
import { detailTables } from "./tables.js"
import { makeTabs } from "./tabs.js"
import { timeline } from "./timeline.js"

/** @typedef {import("./api.js").Details} Details */

const place = byId("message", HTMLElement)
const happened = element("div", { class: "timeline" })
/** @type {string | undefined} */
let shown
let events = ""
/** @type {string | undefined} */
let preferredTab

/** @param {boolean} anyMessage */
export const showNothing = (anyMessage) => {
  shown = undefined
  document.body.dataset["open"] = anyMessage ? "list" : "nothing"
  place.replaceChildren(
    ...(anyMessage ? [element("p", { class: "hint" }, ["Choose a message. ", keys()])] : [])
  )
}

export const showGone = () => {
  shown = undefined
  document.body.dataset["open"] = "message"
  place.replaceChildren(back(), element("p", { class: "hint" }, ["This message is no longer there."]))
}

/**
 * Nothing of a message changes but its events, so the rest is made once: a frame is not loaded again, and no button
 * loses the focus.
 *
 * @param {Details} details
 * @returns {boolean} whether another message was shown before
 */
export const showMessage = (details) => {
  const { messageId } = details.message
  const other = shown !== messageId
  const written = JSON.stringify([messageId, details.message.events, details.attempts])
  if (events !== written) happened.replaceChildren(...timeline(details))
  events = written
  document.body.dataset["open"] = "message"
  if (other) {
    shown = messageId
    place.replaceChildren(...view(details))
  }
  return other
}

export const focusMessage = () => place.querySelector("h2")?.focus()

/** @param {Element | null} element */
export const isInMessage = (element) => element !== null && place.contains(element)

/** @param {Details} details */
const view = (details) => {
  const { message, server, source } = details
  const { links: { length: links } } = details
  const { list, panels } = makeTabs(
    "Parts of the message",
    [
      { name: "html", label: "HTML", content: () => html(details) },
      { name: "text", label: "Text", content: () => [body(message.textBody, "There is no text body.")] },
      { name: "details", label: "Details", content: () => detailTables(details) },
      { name: "links", label: links === 0 ? "Links" : `Links (${links})`, content: () => [linkList(details.links)] },
      {
        name: "source",
        label: "Source",
        content: () => [
          element("p", { class: "note" }, [
            "Made by the double from what was sent. Nothing is encoded, and contents of attachments are not kept."
          ]),
          body(source, "")
        ]
      },
      { name: "events", label: "Events", content: () => [actionBar(details), happened] }
    ],
    preferredTab ?? (message.htmlBody === undefined ? "text" : "html"),
    (name) => {
      preferredTab = name
    }
  )
  return [
    element("header", { class: "head" }, [
      back(),
      element("h2", { tabindex: -1 }, [message.subject === "" ? "(no subject)" : message.subject]),
      element("p", { class: "people" }, [
        element("span", {}, [`${message.from} → ${message.recipients.join(", ")}`])
      ]),
      element("p", { class: "chips" }, [
        time(message.submittedAt),
        ...(message.tag === undefined || message.tag === "" ? [] : [chip(message.tag, "tag")]),
        chip(message.stream),
        ...(server === "" ? [] : [chip(server)])
      ]),
      list
    ]),
    ...panels
  ]
}

/** @param {Details} details */
const html = ({ message: { htmlBody, messageId } }) =>
  htmlBody === undefined ? [body(undefined, "There is no HTML body.")] : [
    frame(htmlAddress(messageId))
  ]

/**
 * Nothing in the frame can load or run. A link that is followed leads to a page that the browser blocks, so the mail is
 * put back; the tab of links has them all.
 *
 * @param {string} address
 */
const frame = (address) => {
  const made = element("iframe", {
    class: "mail",
    title: "HTML body of the message",
    sandbox: "",
    referrerpolicy: "no-referrer",
    src: address
  })
  let isMail = false
  made.addEventListener("load", () => {
    isMail = !isMail
    if (!isMail) made.src = address
  })
  return made
}

/**
 * @param {string | undefined} text
 * @param {string} otherwise
 */
const body = (text, otherwise) =>
  text === undefined ? element("p", { class: "none" }, [otherwise]) : element("pre", { class: "body" }, [text])

const back = () => button("← All messages", closeMessage, { class: "quiet back" })

const keys = () =>
  element("span", { class: "keys" }, [
    element("kbd", {}, ["j"]),
    " and ",
    element("kbd", {}, ["k"]),
    " move, ",
    element("kbd", {}, ["Enter"]),
    " opens, ",
    element("kbd", {}, ["/"]),
    " searches, ",
    element("kbd", {}, ["Esc"]),
    " goes back to the list."
  ])
