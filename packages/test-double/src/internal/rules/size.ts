/** Whether a text takes more bytes; they are counted only where the number of characters leaves it open. */
export const isLargerThan = (text: string, maxBytes: number): boolean =>
  text.length > maxBytes || (text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes)
