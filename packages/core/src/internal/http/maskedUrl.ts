/** URLs of webhooks can contain credentials: before the host, and in the query. */

/** Removes the credentials of a URL. The mark in their place is refused as input, so it cannot be written back. */
export const maskedUrl = (url: string): string =>
  url.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, `$1${mark}@`).replace(/[?#].*$/s, `?${mark}`)

/** Whether a URL is one that {@link maskedUrl} made. */
export const isMasked = (url: string): boolean => url.includes(`${mark}@`) || url.endsWith(`?${mark}`)

const mark = "redacted"
