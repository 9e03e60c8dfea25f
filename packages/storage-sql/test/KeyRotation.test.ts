import {
  ConnectionStore,
  DeliveryStore,
  EventLog,
  Ids,
  KeyRotation,
  RelayTarget,
  StoreUnavailable,
  SubscriptionStore,
  Vault
} from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage, type StorageUnusable } from "@effect-postmark/storage-sql"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, FastCheck, Layer, Option, Redacted } from "effect"
import { database } from "./postgres/database.ts"

const key = (id: string) => ({ id, key: Vault.generateKey() })
const [oldKey, newKey, lostKey] = [key("old"), key("new"), key("lost")]

/** Before the rotation, during it, and after the old key was dropped. */
const vaults = Effect.all({
  before: Vault.make([oldKey]),
  during: Vault.make([newKey, oldKey]),
  after: Vault.make([newKey]),
  lost: Vault.make([lostKey])
})

const memory = Layer.mergeAll(
  ConnectionStore.layerMemory,
  Layer.provideMerge(DeliveryStore.layerMemory, EventLog.layerMemory),
  SubscriptionStore.layerMemory
)

type Stores = ConnectionStore.ConnectionStore | DeliveryStore.DeliveryStore | SubscriptionStore.SubscriptionStore

const storages: Readonly<Record<string, Layer.Layer<Stores, StorageUnusable.StorageUnusable>>> = {
  memory,
  SQLite: SqliteStorage.layer({ filename: ":memory:" }),
  PostgreSQL: Layer.unwrapScoped(Effect.map(database, ({ url }) => PostgresStorage.layer({ url })))
}

const idOf = (at: number) => Ids.ConnectionId.make(`con_${at}`)
const placeOf = {
  token: (id: string) => `connection/${id}/token`,
  secret: (id: string) => `connection/${id}/webhook-secret`,
  target: (id: string) => RelayTarget.secretPlace(`rly_${id}`)
}

/** Connections, each with a token, two webhook secrets and a target with two secrets. */
const fill = (vault: Vault.Service, count: number) =>
  Effect.gen(function*() {
    const connections = yield* ConnectionStore.ConnectionStore
    const subscriptions = yield* SubscriptionStore.SubscriptionStore
    const deliveries = yield* DeliveryStore.DeliveryStore
    for (const at of Arr.makeBy(count, (at) => at)) {
      const id = idOf(at)
      const seal = (place: string, text: string) => vault.seal(place, Redacted.make(text))
      yield* connections.insert({
        id,
        name: "Acme",
        serverId: at,
        serverName: "acme",
        fingerprint: "f",
        sealedToken: yield* seal(placeOf.token(id), "token"),
        state: "active",
        createdAt: "2026-01-01T00:00:00.000Z",
        rotatedAt: null,
        revokedAt: null,
        lastRefusedAt: null
      })
      yield* subscriptions.setSecrets({
        connectionId: id,
        current: yield* seal(placeOf.secret(id), "secret"),
        previous: yield* seal(placeOf.secret(id), "earlier secret"),
        rotatedAt: "2026-01-01T00:00:00.000Z"
      }, null)
      yield* deliveries.insertTarget({
        id: `rly_${id}`,
        connectionId: id,
        trigger: "postmark/email-bounced",
        url: "https://x.example/",
        createdAt: "2026-01-01T00:00:00.000Z",
        state: "disabled",
        disabledReason: "manual",
        disabledAt: "2026-01-01T00:00:00.000Z",
        failingSince: null,
        currentSecret: yield* seal(placeOf.target(id), "target secret"),
        previousSecret: yield* seal(placeOf.target(id), "earlier target secret")
      })
    }
  })

/** All secrets of a connection, opened. */
const opened = (vault: Vault.Service, at: number) =>
  Effect.gen(function*() {
    const id = idOf(at)
    const record = Option.getOrThrow(yield* (yield* ConnectionStore.ConnectionStore).get(id))
    const secrets = Option.getOrThrow(yield* (yield* SubscriptionStore.SubscriptionStore).getSecrets(id))
    const target = Option.getOrThrow(yield* (yield* DeliveryStore.DeliveryStore).getTarget(`rly_${id}`))
    const open = (place: string, sealed: string | null) =>
      sealed === null ? Effect.succeed(null) : Effect.map(vault.open(place, sealed), Redacted.value)
    const texts: ReadonlyArray<string | null> = yield* Effect.all([
      open(placeOf.token(id), record.sealedToken),
      open(placeOf.secret(id), secrets.current),
      open(placeOf.secret(id), secrets.previous),
      open(placeOf.target(id), target.currentSecret),
      open(placeOf.target(id), target.previousSecret)
    ])
    return texts
  })

const all: ReadonlyArray<string | null> = [
  "token",
  "secret",
  "earlier secret",
  "target secret",
  "earlier target secret"
]

const withVault = <A, E, R>(effect: Effect.Effect<A, E, R>, vault: Vault.Service) =>
  Effect.provideService(effect, Vault.Vault, vault)

for (const [storage, layer] of Object.entries(storages)) {
  describe(`KeyRotation on ${storage}`, () => {
    it.effect("encrypts every secret with the first key, and then nothing needs another one", () =>
      Effect.gen(function*() {
        const { after, before, during } = yield* vaults
        yield* fill(before, 3)
        const connections = yield* ConnectionStore.ConnectionStore
        yield* connections.revoke(idOf(2), "2026-01-02T00:00:00.000Z")
        const nothing = { resealed: 0, current: 0, remaining: {}, unreadable: [], busy: [] }
        const checked = yield* withVault(KeyRotation.check, during)
        assert.deepStrictEqual(checked, { ...nothing, remaining: { old: 14 } })
        assert.isFalse(KeyRotation.isComplete(checked))
        assert.deepStrictEqual(yield* withVault(KeyRotation.rotate, during), { ...nothing, resealed: 14 })
        const again = yield* withVault(KeyRotation.rotate, during)
        assert.deepStrictEqual(again, { ...nothing, current: 14 })
        assert.isTrue(KeyRotation.isComplete(yield* withVault(KeyRotation.check, after)))
        assert.deepStrictEqual(yield* opened(after, 0), all)
        assert.deepStrictEqual(yield* opened(after, 1), all)
        assert.strictEqual(Option.getOrThrow(yield* connections.get(idOf(2))).sealedToken, "")
      }).pipe(Effect.provide(layer)))

    it.effect("names what does not open, and goes on with the rest", () =>
      Effect.gen(function*() {
        const { after, before, during, lost } = yield* vaults
        yield* fill(before, 2)
        const connections = yield* ConnectionStore.ConnectionStore
        const subscriptions = yield* SubscriptionStore.SubscriptionStore
        const sealedToken = yield* lost.seal(placeOf.token(idOf(0)), Redacted.make("gone"))
        yield* connections.rotate(idOf(0), { sealedToken, fingerprint: "f", serverName: "s", rotatedAt: null })
        const stored = Option.getOrThrow(yield* subscriptions.getSecrets(idOf(1)))
        yield* subscriptions.setSecrets({ ...stored, previous: "damaged" }, stored.current)
        const report = yield* withVault(KeyRotation.rotate, during)
        assert.deepStrictEqual(report, {
          resealed: 8,
          current: 0,
          remaining: { lost: 1, unknown: 1 },
          unreadable: [{ kind: "token", id: "con_0" }, { kind: "webhookSecrets", id: "con_1" }],
          busy: []
        })
        assert.isFalse(KeyRotation.isComplete(report))
        assert.strictEqual(Option.getOrThrow(yield* connections.get(idOf(0))).sealedToken, sealedToken)
        const { current, previous } = Option.getOrThrow(yield* subscriptions.getSecrets(idOf(1)))
        assert.strictEqual(previous, "damaged")
        assert.strictEqual(Redacted.value(yield* after.open(placeOf.secret(idOf(1)), current)), "secret")
      }).pipe(Effect.provide(layer)))

    it.effect("is repeated after a store that failed half-way", () =>
      Effect.gen(function*() {
        const { after, before, during } = yield* vaults
        yield* fill(before, 3)
        const store = yield* DeliveryStore.DeliveryStore
        let calls = 0
        const failing: DeliveryStore.Service = {
          ...store,
          resealSecrets: (...args) =>
            (calls += 1) < 2
              ? store.resealSecrets(...args)
              : new StoreUnavailable.StoreUnavailable({ store: "delivery", operation: "reseal", reason: "lost" })
        }
        const error = yield* withVault(KeyRotation.rotate, during).pipe(
          Effect.provideService(DeliveryStore.DeliveryStore, failing),
          Effect.flip
        )
        assert.strictEqual(error._tag, "StoreUnavailable")
        const half = yield* withVault(KeyRotation.check, during)
        assert.deepStrictEqual([half.current, half.remaining], [8, { old: 7 }])
        const report = yield* withVault(KeyRotation.rotate, during)
        assert.deepStrictEqual([report.resealed, report.current], [7, 8])
        for (const at of [0, 1, 2]) assert.deepStrictEqual(yield* opened(after, at), all)
      }).pipe(Effect.provide(layer)))

    it.effect.prop(
      "never undoes a rotation at the same time, of a token or of a secret",
      [FastCheck.array(
        FastCheck.record({
          at: FastCheck.nat(2),
          what: FastCheck.constantFrom("token", "secret", "end", "target", "end of target"),
          wait: FastCheck.nat(20)
        }),
        { minLength: 3, maxLength: 12 }
      )],
      ([changes]) =>
        Effect.gen(function*() {
          const { after, before, during } = yield* vaults
          yield* fill(before, 3)
          const connections = yield* ConnectionStore.ConnectionStore
          const subscriptions = yield* SubscriptionStore.SubscriptionStore
          const deliveries = yield* DeliveryStore.DeliveryStore
          const expected = Arr.makeBy(3, (): Array<string | null> => [...all])
          const change = ({ at, what }: (typeof changes)[number], number: number) =>
            Effect.gen(function*() {
              const [id, text, mine] = [idOf(at), Redacted.make(`${number}`), expected[at] ?? []]
              if (what === "token") {
                const sealedToken = yield* before.seal(placeOf.token(id), text)
                yield* connections.rotate(id, { sealedToken, fingerprint: "f", serverName: "s", rotatedAt: null })
                mine[0] = `${number}`
              } else if (what === "secret" || what === "end") {
                while (true) {
                  const stored = Option.getOrThrow(yield* subscriptions.getSecrets(id))
                  const next = what === "end"
                    ? { ...stored, previous: null }
                    : { ...stored, previous: stored.current, current: yield* before.seal(placeOf.secret(id), text) }
                  if (yield* subscriptions.setSecrets(next, stored.current)) break
                }
                mine.splice(1, 2, ...(what === "end" ? [mine[1] ?? "", null] : [`${number}`, mine[1] ?? ""]))
              } else {
                while (true) {
                  const stored = Option.getOrThrow(yield* deliveries.getTarget(`rly_${id}`))
                  const current = what === "target"
                    ? yield* before.seal(placeOf.target(id), text)
                    : stored.currentSecret
                  const previous = what === "target" ? stored.currentSecret : null
                  if (yield* deliveries.setSecrets(`rly_${id}`, { current, previous }, stored.currentSecret)) break
                }
                mine.splice(3, 2, ...(what === "target" ? [`${number}`, mine[3] ?? ""] : [mine[3] ?? "", null]))
              }
            })
          // The changes come one after another, and at any moment of the two rotations beside them.
          const changing = Effect.forEach(changes, (one, number) =>
            Effect.zipRight(Effect.repeatN(Effect.yieldNow(), one.wait), change(one, number)), { discard: true })
          const rotating = Effect.repeatN(withVault(KeyRotation.rotate, during), 2)
          yield* Effect.all([changing, rotating, rotating], { concurrency: "unbounded" })
          // Servers with the new key alone would be told.
          yield* withVault(KeyRotation.rotate, during)
          assert.isTrue(KeyRotation.isComplete(yield* withVault(KeyRotation.check, after)))
          for (const at of [0, 1, 2]) {
            assert.deepStrictEqual(yield* opened(after, at), expected[at])
          }
        }).pipe(Effect.provide(layer)),
      { fastCheck: { numRuns: storage === "memory" ? 40 : 5 } }
    )
  })
}
