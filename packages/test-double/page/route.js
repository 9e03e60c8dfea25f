/** Which message is open stands in the address, so that it can be gone back to and passed on. */

/** @returns {string | undefined} */
export const openMessage = () => /^#\/messages\/([\w-]+)$/.exec(location.hash)?.[1]

/** @param {string} messageId */
export const addressOf = (messageId) => `#/messages/${messageId}`

export const closeMessage = () => {
  location.hash = "#/"
}
