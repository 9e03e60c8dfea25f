/** The list of messages, newest first, one page of it at a time. */
import { byId, element } from "./element.js"
import { chip, counted, number, time } from "./format.js"
import { addressOf } from "./route.js"

/** @typedef {import("./api.js").Inbox} Inbox */
/** @typedef {import("./api.js").Summary} Summary */
/** @typedef {{ readonly item: HTMLLIElement, readonly link: HTMLAnchorElement, written: string }} Row */

export const pageSize = 50

const rows = byId("rows", HTMLOListElement)
const range = byId("range", HTMLParagraphElement)
const newer = byId("newer", HTMLButtonElement)
const older = byId("older", HTMLButtonElement)
/** @type {Map<string, Row>} */
const known = new Map()

/** @param {(step: 1 | -1) => void} turn */
export const onTurn = (turn) => {
  newer.addEventListener("click", () => turn(-1))
  older.addEventListener("click", () => turn(1))
}

/**
 * Changes only what is different, so that a row that has the focus keeps it.
 *
 * @param {Inbox} inbox
 * @param {string | undefined} open
 */
export const showList = (inbox, open) => {
  const shown = new Set(inbox.messages.map(({ messageId }) => messageId))
  for (const [messageId, { item }] of known) {
    if (shown.has(messageId)) continue
    item.remove()
    known.delete(messageId)
  }
  inbox.messages.forEach((summary, index) => {
    const { item } = rowOf(summary)
    if (rows.children[index] !== item) rows.insertBefore(item, rows.children[index] ?? null)
  })
  markOpen(open)
  const last = inbox.offset + inbox.messages.length
  range.textContent = inbox.total === 0 ? "" : last <= pageSize && last === inbox.total
    ? counted(inbox.total, "message")
    : `${number(inbox.offset + 1)}–${number(last)} of ${number(inbox.total)}`
  newer.disabled = inbox.offset === 0
  older.disabled = last >= inbox.total
}

/** @param {string | undefined} open */
export const markOpen = (open) => {
  for (const [messageId, { link }] of known) {
    if (messageId === open) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
  }
}

/**
 * Moves the focus to another row, or into the list, where the open message is the first choice.
 *
 * @param {"next" | "previous" | "first" | "last" | "open"} where
 */
export const focusRow = (where) => {
  const links = [...rows.querySelectorAll("a")]
  const present = links.findIndex((link) => link === document.activeElement)
  const open = Math.max(0, links.findIndex((link) => link.hasAttribute("aria-current")))
  const wanted = {
    next: present < 0 ? open : present + 1,
    previous: present < 0 ? open : present - 1,
    first: 0,
    last: links.length - 1,
    open
  }[where]
  links[Math.min(Math.max(wanted, 0), links.length - 1)]?.focus()
}

/** @param {Element | null} place */
export const isInList = (place) => place !== null && rows.contains(place)

/**
 * @param {Summary} summary
 * @returns {Row}
 */
const rowOf = (summary) => {
  const row = known.get(summary.messageId) ?? newRow(summary.messageId)
  const written = JSON.stringify(summary)
  if (row.written !== written) {
    row.written = written
    row.link.replaceChildren(...contentOf(summary))
  }
  return row
}

/**
 * @param {string} messageId
 * @returns {Row}
 */
const newRow = (messageId) => {
  const link = element("a", { href: addressOf(messageId), class: "row" })
  const row = { item: element("li", {}, [link]), link, written: "" }
  known.set(messageId, row)
  return row
}

/** @param {Summary} summary */
const contentOf = ({ attachments, from, recipients, states, subject, submittedAt, tag }) => {
  const others = recipients.length - 1
  return [
    element("span", { class: "line" }, [
      element("strong", { class: "subject" }, [subject === "" ? "(no subject)" : subject]),
      time(submittedAt)
    ]),
    element("span", { class: "line people" }, [
      element("span", { class: "cut" }, [`to ${recipients[0] ?? "nobody"}${others > 0 ? ` and ${others} more` : ""}`])
    ]),
    element("span", { class: "line" }, [
      element("span", { class: "cut people" }, [`from ${from}`]),
      element("span", { class: "chips" }, [
        ...(attachments === 0 ? [] : [chip(counted(attachments, "file"))]),
        ...(tag === undefined || tag === "" ? [] : [chip(tag, "tag")]),
        stateChip(states, recipients.length)
      ])
    ])
  ]
}

/**
 * The worst state of all recipients, with how many it is true of if not of all.
 *
 * @param {Summary["states"]} states
 * @param {number} recipients
 */
const stateChip = (states, recipients) => {
  const { count, state } = states[0] ?? { count: recipients, state: "Waiting" }
  const shown = chip(count === recipients ? state : `${state} ${number(count)} of ${number(recipients)}`, state)
  if (states.length > 1) {
    shown.title = states.map(({ count, state }) => `${number(count)} ${state.toLowerCase()}`).join(", ")
  }
  return shown
}
