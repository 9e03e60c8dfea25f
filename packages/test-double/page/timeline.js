/** What happened to a message: the events of each recipient, and the webhook calls they caused. */
import { element } from "./element.js"
import { chip, eventName, time } from "./format.js"

/** @typedef {import("./api.js").Details} Details */
/** @typedef {Details["attempts"][number]} Attempt */

/** @param {Details} details */
export const timeline = ({ attempts, message }) => [
  ...message.recipients.map((recipient) =>
    element("section", { "aria-label": `Events of ${recipient}` }, [
      element("h3", {}, [recipient]),
      happened(
        message.inactive.some((inactive) => inactive.toLowerCase() === recipient.toLowerCase()),
        message.events.filter((event) => event.recipient === recipient)
      )
    ])
  ),
  element("section", { "aria-label": "Webhook calls" }, [
    element("h3", {}, ["Webhook calls"]),
    attempts.length === 0
      ? element("p", { class: "none" }, ["None for this message"])
      : element("ol", { class: "events" }, attempts.map(attemptItem))
  ])
]

/**
 * @param {boolean} inactive
 * @param {Details["message"]["events"]} events
 */
const happened = (inactive, events) => {
  if (inactive) return element("p", { class: "none" }, ["Suppressed when the message was sent, so nothing happens"])
  if (events.length === 0) return element("p", { class: "none" }, ["Nothing yet"])
  return element(
    "ol",
    { class: "events" },
    events.map((event) =>
      element("li", {}, [
        time(event.at),
        chip(eventName(event), eventName(event)),
        element("span", { class: "about" }, [summaryOf(event.details)])
      ])
    )
  )
}

/** @param {{ readonly [key: string]: string }} details */
const summaryOf = ({ Summary, Link, ClickLocation, DeliveryMessage, ...rest }) =>
  [
    ...(Summary === undefined ? [] : [Summary]),
    ...(Link === undefined ? [] : [`${Link} (${ClickLocation ?? "?"})`]),
    ...(DeliveryMessage === undefined ? [] : [DeliveryMessage]),
    ...Object.entries(rest).map(([name, value]) => `${name}: ${value}`)
  ].join(" · ")

/** @type {{ readonly [outcome in Attempt["outcome"]]: string }} */
const outcomes = { taken: "taken", retry: "failed", drop: "refused by the receiver", refused: "not posted" }

/** @param {Attempt} attempt */
const attemptItem = (attempt) =>
  element("li", {}, [
    time(attempt.at),
    chip(outcomes[attempt.outcome], attempt.outcome === "taken" ? "Delivered" : "Bounced"),
    element("span", { class: "about" }, [
      [
        `${attempt.recordType} to ${attempt.url}`,
        `try ${attempt.attempt}, ${attempt.retriesRemaining} left`,
        ...(attempt.status === undefined ? [] : [`status ${attempt.status}`]),
        ...(attempt.error === undefined ? [] : [attempt.error])
      ].join(" · ")
    ])
  ])
