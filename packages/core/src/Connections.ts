/**
 * Connections: one per client's Postmark server. A token is checked with `GET /server` and stored encrypted. From
 * then on, only its fingerprint is shown.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { ConnectionExists, ConnectionNotFound, ConnectionRevoked, ServerMismatch } from "./ConnectionError.ts"
import { type ConnectionRecord, ConnectionStore } from "./ConnectionStore.ts"
import { Digest } from "./Digest.ts"
import { ConnectionId } from "./Ids.ts"
import { invalid } from "./internal/http/failures.ts"
import { knownOptions } from "./internal/http/knownOptions.ts"
import { now } from "./internal/runtime/now.ts"
import { randomId } from "./internal/runtime/random.ts"
import * as SecretChanges from "./internal/secretChanges.ts"
import * as SecretPlace from "./internal/secretPlace.ts"
import * as Pacing from "./Pacing.ts"
import * as PostmarkClient from "./PostmarkClient.ts"
import type { ReadError, ValidationFailure } from "./PostmarkError.ts"
import type { Server } from "./Server.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import { SubscriptionStore } from "./SubscriptionStore.ts"
import { type SecretUnreadable, Vault } from "./Vault.ts"

export { ConnectionExists, ConnectionNotFound, ConnectionRevoked, ServerMismatch } from "./ConnectionError.ts"

/**
 * A connection without its secrets. `lastRefusedAt` is when the receiver last rejected a webhook event of this
 * connection. Postmark drops a rejected event, so a recent time means that Postmark has a wrong secret and that
 * events are missing. The worker of gap-fill (`@effect-postmark/automation`) sees the time and reads the missing events
 * from Postmark's API.
 *
 * @since 0.1.0
 * @category models
 */
export const Connection = Schema.Struct({
  id: ConnectionId,
  name: Schema.String,
  serverId: Schema.Int,
  serverName: Schema.String,
  fingerprint: Schema.String,
  state: Schema.Literal("active", "revoked"),
  createdAt: Schema.String,
  rotatedAt: Schema.NullOr(Schema.String),
  revokedAt: Schema.NullOr(Schema.String),
  lastRefusedAt: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Connection" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Connection extends Schema.Schema.Type<typeof Connection> {}

/**
 * The errors of using a connection, before Postmark is called.
 *
 * @since 0.1.0
 * @category errors
 */
export type UseError = ConnectionNotFound | ConnectionRevoked | SecretUnreadable | StoreUnavailable

/**
 * The current state of a connection's token, according to Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export interface Check {
  readonly connection: Connection
  readonly server: Server
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly connect: (options: {
    readonly name: string
    readonly serverToken: Redacted.Redacted
  }) => Effect.Effect<Connection, ConnectionExists | ReadError | StoreUnavailable>
  /** Lists all connections, oldest first, including revoked ones. */
  readonly list: Effect.Effect<ReadonlyArray<Connection>, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Connection, ConnectionNotFound | StoreUnavailable>
  /** Reads the token's server from Postmark. */
  readonly check: (id: string) => Effect.Effect<Check, ReadError | UseError>
  /** Replaces the token after Postmark confirms that the new one opens the same server. */
  readonly rotate: (
    id: string,
    serverToken: Redacted.Redacted
  ) => Effect.Effect<Connection, ServerMismatch | ReadError | UseError>
  /**
   * Ends the connection permanently. Deletes its token and its webhook secrets; its webhook events are rejected from
   * then on.
   */
  readonly revoke: (id: string) => Effect.Effect<Connection, ConnectionNotFound | ConnectionRevoked | StoreUnavailable>
  /**
   * Returns the connection's client, which is created once. Calls in progress during a rotation finish with the old
   * token.
   */
  readonly client: (id: string) => Effect.Effect<PostmarkClient.Service, UseError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Connections extends Context.Tag("@effect-postmark/core/Connections")<Connections, Service>() {}

/**
 * Options for the clients of connections.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly apiUrl?: string | undefined
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * Creates `Connections` from a store and a vault.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, ConnectionStore | SubscriptionStore | Vault | Digest | HttpClient.HttpClient> =>
  Effect.gen(function*() {
    yield* knownOptions("Connections", ["apiUrl", "timeout"], options)
    const store = yield* ConnectionStore
    const subscriptions = yield* SubscriptionStore
    const vault = yield* Vault
    const digest = yield* Digest
    const httpClient = yield* HttpClient.HttpClient
    const ownPacing = yield* Pacing.makeMemory
    const clients = yield* Ref.make<ReadonlyMap<string, Cached>>(new Map())

    const pacing = Option.getOrElse(yield* Effect.serviceOption(Pacing.Pacing), () => ownPacing)

    const clientOf = (serverToken: Redacted.Redacted, connection?: string) =>
      PostmarkClient.make({ ...options, serverToken, connection }).pipe(
        Effect.provideService(HttpClient.HttpClient, httpClient),
        Effect.provideService(Pacing.Pacing, pacing)
      )

    const fingerprint = (token: Redacted.Redacted) =>
      Effect.map(
        digest.sha256(new TextEncoder().encode(Redacted.value(token).toLowerCase())),
        (hash) => hash.slice(0, 12)
      )

    const find = (id: string) =>
      Effect.flatMap(
        store.get(id),
        Option.match({
          onNone: () => Effect.fail(new ConnectionNotFound()),
          onSome: Effect.succeed
        })
      )

    const findActive = (id: string) =>
      Effect.flatMap(find(id), (record) =>
        record.state === "active"
          ? Effect.succeed(record)
          : Effect.fail(new ConnectionRevoked({ connectionId: record.id })))

    const client = (id: string) =>
      Effect.gen(function*() {
        const record = yield* findActive(id)
        const cached = (yield* Ref.get(clients)).get(id)
        if (cached !== undefined && cached.sealedToken === record.sealedToken) return cached.client
        const built = yield* clientOf(yield* vault.open(placeOf(record.id), record.sealedToken), record.id)
        yield* Ref.update(clients, (all) => new Map(all).set(id, { sealedToken: record.sealedToken, client: built }))
        return built
      })

    return {
      connect: ({ name, serverToken: presented }) =>
        Effect.gen(function*() {
          const serverToken = yield* plausible("connect", presented)
          if (name.trim() === "" || name.length > 200) {
            return yield* invalid("connect", [{ path: ["name"], message: "1 to 200 characters" }])
          }
          const server = yield* Effect.flatMap(clientOf(serverToken), (candidate) => candidate.server.get)
          const id = ConnectionId.make(yield* randomId("con"))
          const record: ConnectionRecord = {
            id,
            name,
            serverId: server.id,
            serverName: server.name,
            fingerprint: yield* fingerprint(serverToken),
            sealedToken: yield* vault.seal(placeOf(id), serverToken),
            state: "active",
            createdAt: yield* now,
            rotatedAt: null,
            revokedAt: null,
            lastRefusedAt: null
          }
          if (yield* store.insert(record)) return publicView(record)
          const same = (yield* store.list).find((other) => other.serverId === server.id && other.state === "active")
          return yield* new ConnectionExists({ connectionId: same?.id ?? null, serverId: server.id })
        }),
      list: Effect.map(store.list, (records) => records.map(publicView)),
      get: (id) => Effect.map(find(id), publicView),
      check: (id) =>
        Effect.gen(function*() {
          const record = yield* findActive(id)
          const server = yield* Effect.flatMap(client(id), (connected) => connected.server.get)
          return { connection: publicView(record), server }
        }),
      rotate: (id, presented) =>
        Effect.gen(function*() {
          const serverToken = yield* plausible("rotate", presented)
          const record = yield* findActive(id)
          const server = yield* Effect.flatMap(clientOf(serverToken), (candidate) => candidate.server.get)
          if (server.id !== record.serverId) {
            return yield* new ServerMismatch({
              connectionId: record.id,
              expectedServerId: record.serverId,
              actualServerId: server.id
            })
          }
          const token = {
            serverName: server.name,
            fingerprint: yield* fingerprint(serverToken),
            sealedToken: yield* vault.seal(placeOf(record.id), serverToken),
            rotatedAt: yield* now
          }
          if (!(yield* store.rotate(id, token))) return yield* new ConnectionRevoked({ connectionId: record.id })
          return publicView({ ...record, ...token })
        }),
      revoke: (id) =>
        Effect.gen(function*() {
          const record = yield* find(id)
          const revokedAt = yield* now
          const isRevoked = yield* store.revoke(id, revokedAt)
          // Also when it was revoked before: the program may have crashed between the two steps.
          yield* SecretChanges.announced(subscriptions, id)(subscriptions.removeSecrets(id))
          if (!isRevoked) return yield* new ConnectionRevoked({ connectionId: record.id })
          yield* Ref.update(clients, (all) => new Map(Array.from(all).filter(([other]) => other !== id)))
          return publicView({ ...record, state: "revoked", revokedAt })
        }),
      client
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Connections, never, ConnectionStore | SubscriptionStore | Vault | Digest | HttpClient.HttpClient> =>
  Layer.effect(Connections, make(options))

interface Cached {
  readonly sealedToken: string
  readonly client: PostmarkClient.Service
}

const placeOf = SecretPlace.token

const publicView = ({ sealedToken: _, ...connection }: ConnectionRecord): Connection => connection

/** A token is one word of printable ASCII. Anything else is never put in a header. */
const plausible = (
  operation: string,
  presented: Redacted.Redacted
): Effect.Effect<Redacted.Redacted, ValidationFailure> => {
  const token = Redacted.value(presented).trim()
  return /^[!-~]{1,200}$/.test(token)
    ? Effect.succeed(Redacted.make(token))
    : Effect.fail(
      invalid(operation, [{ path: ["serverToken"], message: "a server token is 1 to 200 printable ASCII characters" }])
    )
}
