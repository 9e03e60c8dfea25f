/** Tabs as the ARIA Authoring Practices have them: arrow keys move and choose, Tab goes on into the panel. */
import { element } from "./element.js"

/** @typedef {{ readonly name: string, readonly label: string, readonly content: () => ReadonlyArray<Node | string> }} Tab */

/**
 * A panel is filled when it is shown for the first time.
 *
 * @param {string} label
 * @param {ReadonlyArray<Tab>} tabs
 * @param {string} chosen
 * @param {(name: string) => void} onChoice
 */
export const makeTabs = (label, tabs, chosen, onChoice) => {
  const entries = tabs.map((tab) => ({
    ...tab,
    handle: element("button", {
      type: "button",
      role: "tab",
      id: `tab-${tab.name}`,
      "aria-controls": `panel-${tab.name}`
    }, [tab.label]),
    panel: element("div", {
      role: "tabpanel",
      id: `panel-${tab.name}`,
      class: "panel",
      tabindex: 0,
      "aria-labelledby": `tab-${tab.name}`
    })
  }))
  const filled = new Set()
  /** @param {string} name */
  const choose = (name) => {
    for (const { content, handle, name: own, panel } of entries) {
      const selected = own === name
      handle.setAttribute("aria-selected", String(selected))
      handle.tabIndex = selected ? 0 : -1
      panel.hidden = !selected
      if (selected && !filled.has(own)) {
        filled.add(own)
        panel.append(...content())
      }
    }
  }
  const list = element(
    "div",
    { role: "tablist", "aria-label": label, class: "tabs" },
    entries.map(({ handle }) => handle)
  )
  entries.forEach(({ handle, name }, index) => {
    handle.addEventListener("click", () => {
      choose(name)
      onChoice(name)
    })
    handle.addEventListener("keydown", (event) => {
      const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key]
      if (target === undefined) return
      event.preventDefault()
      const other = entries.at(target % entries.length)
      other?.handle.focus()
      other?.handle.click()
    })
  })
  choose(chosen)
  return { list, panels: entries.map(({ panel }) => panel) }
}
