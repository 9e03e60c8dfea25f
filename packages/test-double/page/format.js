/** How things are written on the page. */
import { element } from "./element.js"

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" })
const numbers = new Intl.NumberFormat(undefined)

/** @param {number} value */
export const number = (value) => numbers.format(value)

/**
 * @param {number} count
 * @param {string} one
 */
export const counted = (count, one) => `${number(count)} ${one}${count === 1 ? "" : "s"}`

/**
 * The time of day, with the date if that is another day.
 *
 * @param {string} at
 */
export const time = (at) => {
  const date = new Date(at)
  const today = date.toDateString() === new Date().toDateString()
  const text = today ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`
  return element("time", { datetime: at, title: at }, [text])
}

/**
 * @param {string} text
 * @param {string} [kind]
 */
export const chip = (text, kind = "plain") => element("span", { class: "chip", "data-kind": kind }, [text])

/** @type {{ readonly [type: string]: string }} */
const eventNames = {
  Delivered: "Delivered",
  Bounced: "Bounced",
  Opened: "Opened",
  LinkClicked: "Clicked",
  SubscriptionChanged: "Suppressed"
}

/** @param {{ readonly type: string, readonly details: { readonly [key: string]: string } }} event */
export const eventName = ({ details, type }) =>
  type === "SubscriptionChanged" && details["SuppressSending"] === "False" ? "Reactivated" : eventNames[type] ?? type
