/**
 * SHA-256 by Node, which is much faster than WebCrypto for short texts.
 *
 * @since 0.1.0
 */
import { Digest } from "@effect-postmark/core/Digest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { hash } from "node:crypto"

/**
 * Provides core's `Digest`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Digest> = Layer.sync(Digest, () => {
  const unsafe = (data: Uint8Array | string): string => hash("sha256", data, "hex")
  return { sha256: Object.assign((data: Uint8Array) => Effect.sync(() => unsafe(data)), { unsafe }) }
})
