/** What every answer to the page carries: captured mail is hostile, and no other site may read or frame any of this. */

export interface Headers {
  readonly [name: string]: string
}

const guarded = (policy: string): Headers => ({
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "x-dns-prefetch-control": "off",
  "cache-control": "no-store"
})

/** The page itself runs its own scripts, and loads from nowhere else. */
export const pageHeaders: Headers = guarded(
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

/** The body of a mail may style itself and show the images it holds, also when it is opened by itself. */
export const mailHeaders: Headers = guarded(
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'self'"
)

export const readHeaders: Headers = guarded("default-src 'none'; frame-ancestors 'none'")
