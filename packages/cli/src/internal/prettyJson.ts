/** Indents JSON text. It works on the text, so that numbers of any length stay as they are. */
export const prettyJson = (json: string): string => {
  let depth = 0
  return json.replace(token, (text: string, open?: string, close?: string) => {
    if (open !== undefined) return `${open}\n${"  ".repeat(++depth)}`
    if (close !== undefined) return `\n${"  ".repeat(--depth)}${close}`
    if (text === ",") return `,\n${"  ".repeat(depth)}`
    return text === ":" ? ": " : text
  })
}

/** Strings and empty brackets first, since nothing in them is to be broken. */
const token = /"(?:[^"\\]|\\.)*"|\[\]|\{\}|([[{])|([\]}])|[,:]/g
