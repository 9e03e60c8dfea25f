/**
 * Tests of an API key store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { oddTexts, same } from "@effect-postmark/core/testing/PortSuite"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ApiKeyRecord, ApiKeyStore } from "../ApiKeyStore.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, ApiKeyStore>>> = {
  "returns what was inserted": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    yield* same("an empty list", yield* store.list, [])
    yield* same("an unknown id", yield* store.get("key_1"), Option.none())
    const [admin, none, some] = [key("key_1", null), key("key_2", []), key("key_3", ["con_1", "con_2"])]
    for (const record of [admin, none, some]) yield* store.insert(record)
    yield* same("all connections", yield* store.get("key_1"), Option.some(admin))
    yield* same("no connection", yield* store.get("key_2"), Option.some(none))
    yield* same("two connections", yield* store.get("key_3"), Option.some(some))
    yield* same("another case", yield* store.get("KEY_1"), Option.none())
  }),
  "lists by creation": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const ids = ["z", "a", "m", "B", "10", "9"]
    // All in the same millisecond.
    for (const id of ids) yield* store.insert(key(id, null))
    yield* store.revoke("z", revokedAt)
    yield* same("ids", (yield* store.list).map((record) => record.id), ids)
  }),
  "keeps odd characters": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const records = oddTexts.map((text, index) => ({
      ...key(`${index}${text}`, [text, `${text},`]),
      name: text,
      hash: text
    }))
    for (const record of records) yield* store.insert(record)
    yield* same("list", yield* store.list, records)
    for (const record of records) yield* same("get", yield* store.get(record.id), Option.some(record))
  }),
  "refuses an id that is taken, and keeps what is there": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    yield* same("insert", yield* store.insert(key("key_1", null)), true)
    yield* same("again", yield* store.insert({ ...key("key_1", ["con_1"]), hash: "ffff" }), false)
    yield* same("the record", yield* store.list, [key("key_1", null)])
    const many = yield* Effect.replicateEffect(store.insert(key("key_2", null)), 5, { concurrency: "unbounded" })
    yield* same("one of many at once", many.filter((isNew) => isNew).length, 1)
  }),
  "revokes once": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const [one, two] = [key("key_1", ["con_1"]), key("key_2", null)]
    yield* store.insert(one)
    yield* store.insert(two)
    yield* same("an unknown id", yield* store.revoke("key_3", revokedAt), false)
    const revoked = yield* Effect.replicateEffect(store.revoke("key_1", revokedAt), 5, { concurrency: "unbounded" })
    yield* same("revoke", revoked.filter((isDone) => isDone).length, 1)
    yield* same("again", yield* store.revoke("key_1", "2027-01-01T00:00:00.000Z"), false)
    yield* same("the records", yield* store.list, [{ ...one, revokedAt }, two])
  }),
  "keeps scopes, expiry and rate limit": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const records: ReadonlyArray<ApiKeyRecord> = [
      { ...key("key_1", null), scopes: [] },
      { ...key("key_2", []), scopes: ["read"], rateLimit: 1 },
      { ...key("key_3", ["con_1"]), scopes: ["manage", "send"], expiresAt: "2027-01-01T00:00:00.000Z" },
      { ...key("key_4", null), lastUsedAt: "2026-01-01T00:00:00.001Z", rateLimit: 1_000_000 }
    ]
    for (const record of records) yield* store.insert(record)
    yield* same("the records", yield* store.list, records)
    for (const record of records) yield* same("get", yield* store.get(record.id), Option.some(record))
  }),
  "moves the last use forward only": Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const lastUse = Effect.map(store.list, (all) => all.map(({ lastUsedAt }) => lastUsedAt))
    yield* store.insert(key("key_1", null))
    yield* store.insert(key("key_2", null))
    yield* store.used("key_3", "2026-01-01T00:00:00.000Z")
    yield* same("never", yield* lastUse, [null, null])
    yield* store.used("key_1", "2026-01-02T00:00:00.000Z")
    yield* store.used("key_1", "2026-01-01T00:00:00.000Z")
    yield* same("the latest", yield* lastUse, ["2026-01-02T00:00:00.000Z", null])
    yield* store.used("key_1", "2026-01-02T00:00:00.001Z")
    yield* same("later", yield* lastUse, ["2026-01-02T00:00:00.001Z", null])
  })
}

const revokedAt = "2026-02-02T00:00:00.000Z"

const key = (id: string, connections: ReadonlyArray<string> | null): ApiKeyRecord => ({
  id,
  name: "Workflow",
  hash: "0123abcd",
  connections,
  scopes: ["send", "read", "manage"],
  rateLimit: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null
})
