/** Line breaks and other control characters, which could end one header and begin another. A tab is none of them. */
// oxlint-disable-next-line no-control-regex
export const controlCharacter = /[\u0000-\u0008\u000a-\u001f\u007f\u2028\u2029]/
