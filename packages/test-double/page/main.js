/** The page: a list, a message, and news from the server. */
import { readInbox, readMessage } from "./api.js"
import { listen } from "./changes.js"
import { byId } from "./element.js"
import { showEmptyState } from "./emptyState.js"
import { counted } from "./format.js"
import { useKeys } from "./keyboard.js"
import { focusRow, markOpen, onTurn, pageSize, showList } from "./list.js"
import { focusMessage, showGone, showMessage, showNothing } from "./message.js"
import { useReset } from "./resetDialog.js"
import { closeMessage, openMessage } from "./route.js"

const search = byId("search", HTMLInputElement)
const announcement = byId("announcement", HTMLParagraphElement)
const connection = byId("connection", HTMLParagraphElement)

let offset = 0
/** @type {number | undefined} */
let captured
let searched = ""

const refreshList = async () => {
  const wanted = search.value.trim()
  const inbox = await readInbox(wanted, offset, pageSize)
  if (inbox.offset >= inbox.total && offset > 0) {
    // What was on this page is gone.
    offset = 0
    return refresh()
  }
  showList(inbox, openMessage())
  showEmptyState(inbox, wanted)
  document.title = inbox.captured === 0 ? "Postmark double" : `(${inbox.captured}) Postmark double`
  announce(inbox, wanted)
  captured = inbox.captured
  return inbox
}

/**
 * @param {import("./api.js").Inbox} inbox
 * @param {string} wanted
 */
const announce = (inbox, wanted) => {
  const more = captured === undefined ? 0 : inbox.captured - captured
  const [newest] = inbox.messages
  const news = wanted !== searched || (wanted !== "" && more !== 0)
    ? `${counted(inbox.total, "message")} found`
    : more > 0
    ? `${counted(more, "new message")}. The newest: ${newest?.subject ?? ""}`
    : more < 0
    ? `${counted(inbox.captured, "message")} left`
    : undefined
  searched = wanted
  if (news !== undefined && news !== announcement.textContent) announcement.textContent = news
}

const refreshMessage = async () => {
  const messageId = openMessage()
  markOpen(messageId)
  if (messageId === undefined) return showNothing((captured ?? 0) > 0)
  const details = await readMessage(messageId)
  // Another one may have been opened in the meantime.
  if (openMessage() !== messageId) return
  if (details === null) showGone()
  else if (showMessage(details) && captured !== undefined) focusMessage()
}

/** @param {"live" | "lost"} state */
const showConnection = (state) => {
  connection.dataset["state"] = state
  connection.textContent = state === "live" ? "Live" : "Not connected"
}

const refresh = listen(async () => {
  await refreshList()
  await refreshMessage()
}, showConnection)

onTurn((step) => {
  offset = Math.max(0, offset + step * pageSize)
  refresh()
})

/** @type {number | undefined} */
let typing
search.addEventListener("input", () => {
  clearTimeout(typing)
  typing = setTimeout(() => {
    offset = 0
    refresh()
  }, 120)
})
byId("search-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  focusRow("first")
})

addEventListener("hashchange", () => void refreshMessage().catch(() => showConnection("lost")))
useReset(() => {
  if (openMessage() !== undefined) closeMessage()
  refresh()
})
useKeys()
