/** Secrets and ids from the platform's secure source. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

/** Random bytes as base64url text. */
export const randomText = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() => Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(bytes))))

/** An id with a prefix that says what it is of: `con_…`. 18 random bytes. */
export const randomId = (prefix: string): Effect.Effect<string> =>
  Effect.map(randomText(18), (text) => `${prefix}_${text}`)

/** Random bytes as hexadecimal text, which no search splits or folds. For ids, not for secrets: it draws in advance. */
export const randomHex = (bytes: number): Effect.Effect<string> => Effect.sync(() => unsafeRandomHex(bytes))

export const unsafeRandomHex = (bytes: number): string => {
  // Asking the platform costs more than a draw itself, so many draws are asked for at once.
  if (drawn + bytes > drawnAhead.length) {
    drawnAhead = crypto.getRandomValues(new Uint8Array(Math.max(bytes, 4_096)))
    drawn = 0
  }
  return Encoding.encodeHex(drawnAhead.subarray(drawn, drawn += bytes))
}

let drawnAhead = new Uint8Array(0)
let drawn = 0
