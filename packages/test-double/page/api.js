/** What the page asks the server, and what it tells it. */

/** @typedef {import("../src/internal/page/pageRoutes.ts").InboxAnswer} Inbox */
/** @typedef {import("../src/internal/page/inbox.ts").Summary} Summary */
/** @typedef {import("../src/internal/page/inbox.ts").Details} Details */
/** @typedef {Details["message"]} Message */

/**
 * @param {string} search
 * @param {number} offset
 * @param {number} count
 * @returns {Promise<Inbox>}
 */
export const readInbox = async (search, offset, count) => {
  const query = new URLSearchParams({ search, offset: String(offset), count: String(count) })
  const response = await fetch(`/_double/inbox?${query}`)
  if (!response.ok) throw new Error(`the list: status ${response.status}`)
  return response.json()
}

/**
 * Null if there is no such message.
 *
 * @param {string} messageId
 * @returns {Promise<Details | null>}
 */
export const readMessage = async (messageId) => {
  const response = await fetch(`/_double/inbox/${encodeURIComponent(messageId)}`)
  if (!response.ok) throw new Error(`the message: status ${response.status}`)
  return response.json()
}

/** @param {string} messageId */
export const htmlAddress = (messageId) => `/_double/messages/${encodeURIComponent(messageId)}/html`

/**
 * Directs the double. It answers with the reason if the double refuses.
 *
 * @param {string} action
 * @param {object} input
 * @returns {Promise<string | undefined>}
 */
export const direct = async (action, input) => {
  try {
    const response = await fetch(`/_double/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input)
    })
    if (response.ok) return undefined
    return messageOf(await response.text()) ?? `status ${response.status}`
  } catch {
    return "The server cannot be reached."
  }
}

/**
 * @param {string} text
 * @returns {string | undefined}
 */
const messageOf = (text) => {
  try {
    const { message } = JSON.parse(text)
    return typeof message === "string" ? message : undefined
  } catch {
    return undefined
  }
}
