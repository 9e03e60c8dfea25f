/** Indents JSON text without parsing it, so numbers keep every digit. */
export const prettyJson = (json: string): string => {
  let depth = 0
  return json.replace(token, (text: string, open?: string, close?: string) => {
    if (open !== undefined) return `${open}\n${"  ".repeat(++depth)}`
    if (close !== undefined) return `\n${"  ".repeat(--depth)}${close}`
    if (text === ",") return `,\n${"  ".repeat(depth)}`
    return text === ":" ? ": " : text
  })
}

/** Matches strings and empty brackets first, so they are never split. */
const token = /"(?:[^"\\]|\\.)*"|\[\]|\{\}|([[{])|([\]}])|[,:]/g
