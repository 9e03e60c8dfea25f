/**
 * PostgreSQL's text cannot hold U+0000, which a body that is not JSON may well contain. U+0001 escapes it, and itself.
 */
export interface Text {
  readonly toColumn: (text: string) => string
  readonly fromColumn: (text: string) => string
}

export const WithoutNul: Text = {
  // oxlint-disable-next-line no-control-regex
  toColumn: (text) => text.replace(/[\u0000\u0001]/g, (character) => `\u0001${character.charCodeAt(0)}`),
  // oxlint-disable-next-line no-control-regex
  fromColumn: (text) => text.replace(/\u0001([01])/g, (_, code: string) => String.fromCharCode(Number(code)))
}

export const AsItIs: Text = { toColumn: (text) => text, fromColumn: (text) => text }
