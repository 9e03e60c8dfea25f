/** Secrets and ids from the platform's secure source. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

/** Random bytes as base64url text. */
export const randomText = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() => Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(bytes))))

/** An id with a prefix that says what it is of: `con_…`. 18 random bytes. */
export const randomId = (prefix: string): Effect.Effect<string> =>
  Effect.map(randomText(18), (text) => `${prefix}_${text}`)

/** Random bytes as hexadecimal text, which no search splits or folds. */
export const randomHex = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() => Encoding.encodeHex(crypto.getRandomValues(new Uint8Array(bytes))))
