/** Makes something happen to a message. */
import { direct } from "./api.js"
import { button, element } from "./element.js"

/** @typedef {import("./api.js").Details} Details */
/** @typedef {{ readonly label: HTMLLabelElement, readonly select: HTMLSelectElement }} Choice */

/** @param {Details} details */
export const actionBar = ({ bounceTypes, links, message }) => {
  const recipient = choice("Recipient", message.recipients)
  const type = choice("Bounce type", bounceTypes)
  const tracked = links.filter(({ tracked }) => tracked)
  const link = choice("Link", tracked.map(({ location, url }) => `${url} (${location})`))
  const target = () => ({ messageId: message.messageId, recipient: recipient.select.value })
  const clicked = () => {
    const chosen = tracked[link.select.selectedIndex]
    return chosen === undefined ? {} : { link: chosen.url, location: chosen.location }
  }
  return element("section", { class: "actions", "aria-label": "Make something happen" }, [
    recipient.label,
    element("div", { class: "buttons" }, [
      action("Deliver", "deliver", target),
      action("Open", "open", target),
      action("Spam complaint", "spam-complaint", target),
      action("Bounce", "bounce", () => ({ ...target(), type: type.select.value }), [type.label]),
      action("Click", "click", () => ({ ...target(), ...clicked() }), tracked.length > 1 ? [link.label] : [])
    ])
  ])
}

/**
 * A button, and beside it what the double says.
 *
 * @param {string} name
 * @param {string} path
 * @param {() => object} input
 * @param {ReadonlyArray<Node>} [choices]
 */
const action = (name, path, input, choices = []) => {
  const result = element("output", { role: "status", class: "result" })
  const press = button(name, async () => {
    result.textContent = ""
    const refusal = await direct(path, input())
    result.dataset["state"] = refusal === undefined ? "done" : "refused"
    result.textContent = refusal ?? "Done"
  })
  return element("div", { class: "action" }, [press, ...choices, result])
}

/**
 * @param {string} name
 * @param {ReadonlyArray<string>} values
 * @returns {Choice}
 */
const choice = (name, values) => {
  const select = element("select", {}, values.map((value) => element("option", { value }, [value])))
  return { select, label: element("label", { class: "choice" }, [element("span", {}, [name]), select]) }
}
