/**
 * The port for SHA-256. The default uses WebCrypto; an adapter can provide a faster one.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"

/**
 * Returns the digest as 64 hexadecimal digits. `unsafe` is the same without a fiber, where the platform can; it takes text
 * as its UTF-8.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sha256 {
  (data: Uint8Array): Effect.Effect<string>
  readonly unsafe?: (data: Uint8Array | string) => string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly sha256: Sha256
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Digest extends Context.Tag("@effect-postmark/core/Digest")<Digest, Service>() {}

/**
 * SHA-256 from WebCrypto.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Digest> = Layer.succeed(Digest, {
  sha256: (data) =>
    Effect.map(
      Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(data))),
      (digest) => Encoding.encodeHex(new Uint8Array(digest))
    )
})
