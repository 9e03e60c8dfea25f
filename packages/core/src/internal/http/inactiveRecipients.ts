/**
 * Postmark names the recipients it no longer sends to only inside its texts; these are the wordings of
 * docs/postmark.md#inactive-recipients: on one line or several, with or without a closing dot, with or without a second
 * sentence.
 */
const introduction = /(?:found inactive addresses|these inactive addresses):\s*/i
const address = /^[^\s,]+@[^\s,]+/

export const inactiveRecipients = (message: string): ReadonlyArray<string> => {
  const start = introduction.exec(message)
  if (start === null) return []
  const found: Array<string> = []
  let rest = message.slice(start.index + start[0].length)
  for (;;) {
    const match = address.exec(rest)
    if (match === null) return found
    const text = match[0]
    found.push(text.replace(/\.+$/, ""))
    rest = rest.slice(text.length)
    const separator = /^\s*,\s*/.exec(rest)
    if (separator === null) return found
    rest = rest.slice(separator[0].length)
  }
}
