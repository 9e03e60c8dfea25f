/** The keys of the page. */
import { byId } from "./element.js"
import { focusRow, isInList } from "./list.js"
import { isInMessage } from "./message.js"
import { closeMessage } from "./route.js"

const search = byId("search", HTMLInputElement)
const narrow = matchMedia("(max-width: 52rem)")

export const useKeys = () => {
  document.addEventListener("keydown", (event) => {
    const { activeElement } = document
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null) return
    if (event.key === "Escape" && isInMessage(activeElement)) {
      if (narrow.matches) closeMessage()
      focusRow("open")
      return
    }
    if (activeElement === search && event.key === "ArrowDown") {
      event.preventDefault()
      focusRow("first")
      return
    }
    if (isField(activeElement)) return
    const act = keys[event.key] ?? (isInList(activeElement) ? listKeys[event.key] : undefined)
    if (act === undefined) return
    event.preventDefault()
    act()
  })
}

/** @type {{ readonly [key: string]: (() => void) | undefined }} */
const keys = {
  "/": () => {
    search.focus()
    search.select()
  },
  j: () => focusRow("next"),
  k: () => focusRow("previous")
}

/** @type {{ readonly [key: string]: (() => void) | undefined }} */
const listKeys = {
  ArrowDown: () => focusRow("next"),
  ArrowUp: () => focusRow("previous"),
  Home: () => focusRow("first"),
  End: () => focusRow("last")
}

/** @param {Element | null} element */
const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLSelectElement
