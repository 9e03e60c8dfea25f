/**
 * Seals secrets before they reach a store: JWE in its compact form, `dir` with A256GCM, the key's id in the header. What
 * is sealed for one place opens in that place only, so two rows of a store cannot be swapped.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from "jose"

/**
 * A stored secret cannot be decrypted: its key is not configured, or the text was changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class SecretUnreadable
  extends Schema.TaggedError<SecretUnreadable>("@effect-postmark/core/Vault/SecretUnreadable")(
    "SecretUnreadable",
    { message: Schema.String }
  )
{
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * `place` says where the secret is stored, for example `connection/con_1/token`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly seal: (place: string, secret: Redacted.Redacted) => Effect.Effect<string>
  readonly open: (place: string, sealed: string) => Effect.Effect<Redacted.Redacted, SecretUnreadable>
  /** The id of the key that seals. */
  readonly currentKeyId: string
  /** The ids of all keys, with which a text can be opened. */
  readonly keyIds: ReadonlyArray<string>
  /** The id of the key that a text says it was sealed with; null when it does not say. */
  readonly keyIdOf: (sealed: string) => string | null
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Vault extends Context.Tag("@effect-postmark/core/Vault")<Vault, Service>() {}

/**
 * An encryption key: 32 bytes in base64 or base64url.
 *
 * @since 0.1.0
 * @category models
 */
export interface Key {
  readonly id: string
  readonly key: Redacted.Redacted
}

/**
 * Encrypts with the first key; decrypts with any of them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (keys: readonly [Key, ...ReadonlyArray<Key>]): Effect.Effect<Service, SecretUnreadable> =>
  Effect.gen(function*() {
    const [first] = keys
    const current = yield* keyBytes(first)
    const byId = new Map<string, Uint8Array>()
    for (const key of keys) {
      if (byId.has(key.id)) {
        return yield* new SecretUnreadable({
          message: `two encryption keys have the id ${key.id}: give each key an id of its own`
        })
      }
      byId.set(key.id, yield* keyBytes(key))
    }
    return {
      currentKeyId: first.id,
      keyIds: [...byId.keys()],
      keyIdOf,
      seal: (place, secret) =>
        Effect.promise(() =>
          new CompactEncrypt(new TextEncoder().encode(Redacted.value(secret)))
            .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: first.id, place })
            .encrypt(current)
        ),
      open: (place, sealed) =>
        Effect.tryPromise({
          try: () =>
            compactDecrypt(sealed, ({ kid }) => {
              const key = byId.get(kid ?? "")
              if (key === undefined) throw new Error("unknown key")
              return key
            }, { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] }),
          catch: () =>
            new SecretUnreadable({ message: "a stored secret does not open with the configured encryption keys" })
        }).pipe(
          Effect.filterOrFail(
            ({ protectedHeader }) => protectedHeader["place"] === place,
            () => new SecretUnreadable({ message: "a stored secret was sealed for another place" })
          ),
          Effect.map(({ plaintext }) => Redacted.make(new TextDecoder().decode(plaintext)))
        )
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (keys: readonly [Key, ...ReadonlyArray<Key>]): Layer.Layer<Vault, SecretUnreadable> =>
  Layer.effect(Vault, make(keys))

/**
 * A vault with a random key that exists only in this process, for stores in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEphemeral: Layer.Layer<Vault> = Layer.effect(
  Vault,
  Effect.orDie(Effect.suspend(() => make([{ id: "ephemeral", key: generateKey() }])))
)

/**
 * Creates a key: 32 random bytes in base64url.
 *
 * @since 0.1.0
 * @category constructors
 */
export const generateKey = (): Redacted.Redacted =>
  Redacted.make(Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(32))))

const keyIdOf = (sealed: string): string | null => {
  try {
    return decodeProtectedHeader(sealed).kid ?? null
  } catch {
    return null
  }
}

const keyBytes = ({ id, key }: Key): Effect.Effect<Uint8Array, SecretUnreadable> =>
  Encoding.decodeBase64Url(Redacted.value(key).trim().replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""))
    .pipe(
      Either.filterOrLeft((bytes) => bytes.length === 32, () => undefined),
      Either.mapLeft(() => new SecretUnreadable({ message: `encryption key ${id} is not 32 bytes in base64` }))
    )
