/** The one way in which this page makes elements. Text is only ever text: captured mail is hostile. */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {{ readonly [attribute: string]: string | number | boolean | undefined }} [attributes]
 *   `true` is an attribute without a value; `false` and `undefined` leave it out
 * @param {ReadonlyArray<Node | string>} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export const element = (name, attributes = {}, children = []) => {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(attribute, value === true ? "" : String(value))
  }
  made.append(...children)
  return made
}

/**
 * @param {string} label
 * @param {() => unknown} press
 * @param {{ readonly [attribute: string]: string | undefined }} [attributes]
 */
export const button = (label, press, attributes = {}) => {
  const made = element("button", { type: "button", ...attributes }, [label])
  made.addEventListener("click", press)
  return made
}

/**
 * An element of index.html.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export const byId = (id, kind) => {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`index.html has no such element: ${id}`)
  return found
}
