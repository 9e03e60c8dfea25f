/**
 * Requests and answers as the double sees them, whichever way they came in.
 *
 * @since 0.1.0
 */

/**
 * The part of a request that is known before its body is read. Header names are lower-case.
 *
 * @since 0.1.0
 * @category models
 */
export interface Head {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
}

/**
 * An answer, its body as text.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/**
 * What the double does with a request: it answers, or it breaks the connection by a reset or by closing it. With `cut`
 * it does both: only the beginning of the answer goes out, under the length of the whole. With `pace` the body goes out
 * slowly. A `verbatim` answer is spoilt on purpose, and must not be compressed.
 *
 * @since 0.1.0
 * @category models
 */
export type Reply =
  | {
    readonly kind: "answer"
    readonly answer: Answer
    readonly cut?: Cut
    readonly pace?: Pace
    readonly verbatim?: boolean
  }
  | { readonly kind: "reset" }
  | { readonly kind: "close" }

/**
 * Where an answer breaks off, in characters, and how the connection ends there.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cut {
  readonly length: number
  readonly end: "close" | "reset"
}

/**
 * In how many pieces a body goes out, and the pause between two of them in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pace {
  readonly pieces: number
  readonly pauseMillis: number
}

/**
 * The body of an answer as bytes, in so many pieces of about the same length; in fewer if there are not as many bytes.
 *
 * @since 0.1.0
 * @category combinators
 */
export const pieces = ({ body }: Answer, { pieces }: Pace): ReadonlyArray<Uint8Array> => {
  const bytes = new TextEncoder().encode(body)
  const count = Math.min(pieces, bytes.length)
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(Math.floor(i * bytes.length / count), Math.floor((i + 1) * bytes.length / count))
  )
}

/**
 * Whether an answer with this status has no body, whatever its headers say.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304

/**
 * The head of a request to a URL.
 *
 * @since 0.1.0
 * @category constructors
 */
export const head = (method: string, url: URL, headers: Iterable<readonly [name: string, value: string]>): Head => ({
  method: method.toUpperCase(),
  path: url.pathname,
  query: url.searchParams,
  headers: Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value]))
})
