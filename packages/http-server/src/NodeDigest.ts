/**
 * SHA-256 by Node, which is much faster than WebCrypto for short texts.
 *
 * @since 0.1.0
 */
import { Digest } from "@effect-postmark/core/Digest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"

/**
 * Provides core's `Digest`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Digest> = Layer.succeed(Digest, {
  sha256: (data) => Effect.sync(() => createHash("sha256").update(data).digest("hex"))
})
