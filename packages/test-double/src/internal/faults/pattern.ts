/** Texts with a `*` for any characters, compared in any case. */
export const matches = (pattern: string, text: string): boolean => {
  const [start = "", ...parts] = pattern.toLowerCase().split("*")
  const end = parts.pop()
  const whole = text.toLowerCase()
  if (end === undefined) return whole === start
  if (!whole.startsWith(start)) return false
  let at = start.length
  for (const part of parts) {
    const found = whole.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return whole.length - end.length >= at && whole.endsWith(end)
}
