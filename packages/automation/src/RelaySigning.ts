/**
 * Signs relayed events as Standard Webhooks describes: https://www.standardwebhooks.com
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { Webhook } from "standardwebhooks"

/**
 * A new secret: `whsec_` and 32 random bytes in base64.
 *
 * @since 0.1.0
 * @category constructors
 */
export const generateSecret: Effect.Effect<Redacted.Redacted> = Effect.sync(() =>
  Redacted.make(`whsec_${Encoding.encodeBase64(crypto.getRandomValues(new Uint8Array(32)))}`)
)

/**
 * The three headers of one attempt. Each secret gives a signature, so that a receiver accepts either one during a rotation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const headers = (options: {
  readonly id: string
  readonly timestampMs: number
  readonly body: string
  readonly secrets: ReadonlyArray<Redacted.Redacted>
}): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> => {
  const { body, id, secrets, timestampMs } = options
  const timestamp = new Date(timestampMs)
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(timestampMs / 1_000)),
    "webhook-signature": secrets.map((secret) => signer(Redacted.value(secret)).sign(id, timestamp, body)).join(" ")
  }
}

/**
 * The id of an event for one target: the same in every attempt and replay, and unlike any other.
 *
 * @since 0.1.0
 * @category constructors
 */
export const messageId = (targetId: string, sequence: number): string => `${targetId}_${sequence}`

const signer = (secret: string): Webhook => new Webhook(secret)
