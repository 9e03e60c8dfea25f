/** A new id of an entry of the audit log. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

export const entryId: Effect.Effect<string> = Effect.sync(() =>
  `aud_${Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(15)))}`
)
