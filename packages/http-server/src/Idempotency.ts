/**
 * Requests with an `Idempotency-Key`: each is made once, and its repeats get the first response for 24 hours.
 *
 * @since 0.1.0
 */
import { CorrelationNames, type Names } from "@effect-postmark/core/Correlation"
import { Digest } from "@effect-postmark/core/Digest"
import * as Json from "@effect-postmark/core/Json"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { Vault } from "@effect-postmark/core/Vault"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type IdempotencyRecord, IdempotencyStore } from "./IdempotencyStore.ts"

/**
 * A request with its key. The same key of another caller, or for another method or path, is another request. `target` is
 * the path with its query. What an abandoned request comes to is described at `api/Repeat`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly caller: string
  readonly method: string
  readonly target: string
  readonly key: string
  readonly body: Uint8Array
  readonly repeat: "search" | "again" | "ask"
}

/**
 * A response that can be given again.
 *
 * @since 0.1.0
 * @category models
 */
export const Answer = Schema.Struct({
  status: Schema.Int,
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Answer extends Schema.Schema.Type<typeof Answer> {}

/**
 * The correlation that the messages of a request carry, and when the request was first made (milliseconds since 1970).
 *
 * @since 0.1.0
 * @category models
 */
export interface Sending {
  readonly names: Exclude<Names, "off">
  readonly value: string
  readonly since: number
}

/**
 * The right to work on a request, as long as `keep` runs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turn {
  /** Null when no message of the request can be searched for. */
  readonly sending: Sending | null
  /** Notes that something may be written from now on. Dies with `TurnLost` or `StoreUnavailable`: nothing may be written then. */
  readonly beforeWrite: Effect.Effect<void>
  /** Whether something may have been written. */
  readonly hasBegun: Effect.Effect<boolean>
  /** Stores the response for repeats. With null, repeats are told that it is lost. */
  readonly finish: (answer: Answer | null) => Effect.Effect<void, StoreUnavailable>
  /** Forgets the request: nothing happened, and its key can be used again. */
  readonly release: Effect.Effect<void, StoreUnavailable>
  /** Gives the turn up without a result. The next repeat takes it. */
  readonly abandon: Effect.Effect<void, StoreUnavailable>
  /** Keeps the turn from ending. Never returns while it is one's own. */
  readonly keep: Effect.Effect<void>
}

/**
 * What to do with a request:
 *
 * - `Run`: make it
 * - `Replay`: respond with `answer`
 * - `ResponseLost`: it was made, but its response cannot be read
 * - `InProgress`: it is being made; a repeat after `retryAfter` milliseconds may find a result
 * - `Reused`: the key was used for a request with another body or query
 * - `Abandoned`: it was begun, and nobody works on it any more. What it came to must be found out
 *
 * @since 0.1.0
 * @category models
 */
export type Begun = Data.TaggedEnum<{
  Run: { readonly turn: Turn }
  Replay: { readonly answer: Answer }
  ResponseLost: {}
  InProgress: { readonly retryAfter: number }
  Reused: {}
  Abandoned: { readonly turn: Turn }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const Begun = Data.taggedEnum<Begun>()

/**
 * Another process took the request over, since this one was paused for too long.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnLost extends Data.TaggedError("TurnLost") {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly begin: (request: Request) => Effect.Effect<Begun, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Idempotency extends Context.Tag("@effect-postmark/http-server/Idempotency")<Idempotency, Service>() {}

/**
 * - `keepFor`: how long a response is kept, 24 hours by default
 * - `lease`: after which time a request of a process that stopped is abandoned, 6 seconds by default
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly keepFor?: Duration.DurationInput | undefined
  readonly lease?: Duration.DurationInput | undefined
}

/**
 * Idempotency over a store. Responses are encrypted by the vault, since some contain secrets and many contain addresses;
 * keys and requests are stored as hashes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, IdempotencyStore | Digest | Vault> =>
  Effect.gen(function*() {
    const store = yield* IdempotencyStore
    const digest = yield* Digest
    const vault = yield* Vault
    const keepMs = Duration.toMillis(options.keepFor ?? "24 hours")
    const leaseMs = Duration.toMillis(options.lease ?? "6 seconds")

    const turnOf = (
      { correlation, createdAt, id, lease, state }: Omit<IdempotencyRecord, "answer">
    ): Turn => {
      let hasBegun = state !== "reserved"
      const extend = (leaseUntil: number) => store.extend({ id, lease, leaseUntil })
      const keep: Effect.Effect<void> = Effect.sleep(leaseMs / 3).pipe(
        Effect.zipRight(Clock.currentTimeMillis),
        Effect.flatMap((now) => extend(now + leaseMs)),
        // A store that is down now may answer before the lease ends.
        Effect.catchAll(() => Effect.succeed(true)),
        Effect.repeat({ while: (isMine) => isMine }),
        Effect.asVoid
      )
      return {
        sending: Option.getOrNull(Option.map(decodeSending(correlation), (sending) => ({
          ...sending,
          since: createdAt
        }))),
        beforeWrite: Effect.suspend(() =>
          hasBegun
            ? Effect.void
            : Effect.flatMap(Effect.orDie(store.begin({ id, lease })), (isMine) => {
              hasBegun = isMine
              return isMine ? Effect.void : Effect.die(new TurnLost())
            })
        ),
        hasBegun: Effect.sync(() => hasBegun),
        finish: (answer) =>
          Effect.gen(function*() {
            const text = JSON.stringify(answer !== null && answer.body.length <= maxCharacters ? answer : null)
            const sealed = yield* vault.seal(placeOf(id), Redacted.make(text))
            const expiresAt = (yield* Clock.currentTimeMillis) + keepMs
            yield* store.finish({ id, lease, answer: sealed, expiresAt })
          }),
        release: Effect.asVoid(store.release({ id, lease })),
        abandon: Effect.asVoid(Effect.flatMap(Clock.currentTimeMillis, extend)),
        keep
      }
    }

    const replay = ({ answer, id }: IdempotencyRecord): Effect.Effect<Begun> =>
      vault.open(placeOf(id), answer ?? "").pipe(
        Effect.option,
        Effect.map(Option.flatMap((text) => decodeAnswer(Redacted.value(text)))),
        Effect.map(Option.match({
          onNone: () => Begun.ResponseLost(),
          onSome: (stored) => stored === null ? Begun.ResponseLost() : Begun.Replay({ answer: stored })
        }))
      )

    return {
      begin: (request) =>
        Effect.gen(function*() {
          const { caller, key, method, repeat, target } = request
          const now = yield* Clock.currentTimeMillis
          const names = yield* CorrelationNames
          const [path = "", query = ""] = target.split("?", 2)
          const id = yield* digest.sha256(utf8(JSON.stringify([caller, method, decodedPath(path), key])))
          const own: Omit<IdempotencyRecord, "answer"> = {
            id,
            // The key makes the hash of a short body hard to guess.
            fingerprint: yield* digest.sha256(yield* fingerprintOf([key, query], request.body)),
            state: repeat === "search" ? "reserved" : "working",
            correlation: repeat === "search" && names !== "off"
              ? JSON.stringify({ names, value: yield* randomHex })
              : null,
            lease: yield* randomHex,
            leaseUntil: now + leaseMs,
            createdAt: now,
            expiresAt: now + keepMs
          }
          const found = yield* store.reserve(own)
          if (Option.isNone(found)) return Begun.Run({ turn: turnOf(own) })
          const stored = found.value
          if (stored.fingerprint !== own.fingerprint) return Begun.Reused()
          const { state } = stored
          if (state === "done") return yield* replay(stored)
          if (stored.leaseUntil > now) return Begun.InProgress({ retryAfter: stored.leaseUntil - now })
          const { correlation, lease, leaseUntil } = own
          const isMine = yield* store.takeOver({ id, state, correlation, lease, leaseUntil, now })
          if (!isMine) return Begun.InProgress({ retryAfter: leaseMs })
          if (state === "reserved") return Begun.Run({ turn: turnOf({ ...own, createdAt: stored.createdAt }) })
          const turn = turnOf({ ...stored, lease, leaseUntil })
          return repeat === "again" ? Begun.Run({ turn }) : Begun.Abandoned({ turn })
        })
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Idempotency, never, IdempotencyStore | Digest | Vault> =>
  Layer.effect(Idempotency, make(options))

/**
 * Removes what expired: a kind for `Retention` of `@effect-postmark/automation`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const retention = Effect.map(IdempotencyStore, ({ prune }) => ({
  kind: "idempotency",
  keep: Duration.zero,
  prune
}))

/** A longer response is not stored. One of 500 outcomes has about 300,000 characters. */
const maxCharacters = 2 * 1024 * 1024

/** A longer body is compared byte by byte: writing it anew would hold up other requests. */
const maxCanonicalBytes = 1024 * 1024

const placeOf = (id: string): string => `idempotency/${id}`

const utf8 = (text: string) => new TextEncoder().encode(text)

const randomHex = Effect.sync(() => Encoding.encodeHex(crypto.getRandomValues(new Uint8Array(16))))

/** One path has many spellings. */
const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Spaces and the order of keys do not make another request. */
const fingerprintOf = (about: ReadonlyArray<string>, body: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.sync(() => {
    const head = utf8(`${JSON.stringify(about)}\n`)
    const text = body.length > maxCanonicalBytes ? undefined : canonical(body)
    const tail = text === undefined ? body : utf8(text)
    const whole = new Uint8Array(head.length + tail.length)
    whole.set(head)
    whole.set(tail, head.length)
    return whole
  })

const canonical = (body: Uint8Array): string | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body)
    return Json.isTooDeep(text) ? undefined : Json.canonical(text)
  } catch {
    return undefined
  }
}

const decodeAnswer = Schema.decodeOption(Schema.parseJson(Schema.NullOr(Answer)))

const decodeStoredSending = Schema.decodeUnknownOption(
  Schema.parseJson(
    Schema.Struct({ names: Schema.Struct({ call: Schema.String, index: Schema.String }), value: Schema.String })
  )
)
const decodeSending = (correlation: string | null) => decodeStoredSending(correlation)
