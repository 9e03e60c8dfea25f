/**
 * Tests of a connection store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ConnectionRecord, ConnectionStore } from "../ConnectionStore.ts"
import { ConnectionId } from "../Ids.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, ConnectionStore>>> = {
  "returns what was inserted": Effect.gen(function*() {
    const store = yield* ConnectionStore
    yield* same("an empty list", yield* store.list, [])
    yield* same("an unknown id", Option.getOrNull(yield* store.get("con_1")), null)
    const record = connection("con_1", { lastRefusedAt: "2026-01-02T00:00:00.000Z", rotatedAt: "2026-01-03T00:00:00Z" })
    yield* same("insert", yield* store.insert(record), true)
    yield* same("get", Option.getOrNull(yield* store.get("con_1")), record)
    yield* same("get of another id", Option.getOrNull(yield* store.get("CON_1")), null)
    yield* same("list", yield* store.list, [record])
  }),
  "keeps odd characters and large server ids": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const records = oddTexts.map((text, index) =>
      connection(`con-_${index}`, { name: text, serverName: text, sealedToken: text, serverId: 2 ** 52 + index })
    )
    for (const record of records) yield* store.insert(record)
    yield* same("list", yield* store.list, records)
  }),
  "replaces an encrypted token only where it is the expected one": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const record = connection("con_1", { sealedToken: "old" })
    yield* store.insert(record)
    yield* same("of no connection", yield* store.reseal("con_2", "new", "old"), false)
    yield* same("another", yield* store.reseal("con_1", "new", "other"), false)
    yield* same("unchanged", Option.getOrNull(yield* store.get("con_1")), record)
    yield* same("the expected", yield* store.reseal("con_1", "new", "old"), true)
    yield* same("nothing else", Option.getOrNull(yield* store.get("con_1")), { ...record, sealedToken: "new" })
    const raced = yield* Effect.forEach(
      Array.from({ length: 10 }, (_, index) => `${index}`),
      (text) => store.reseal("con_1", text, "new"),
      { concurrency: "unbounded" }
    )
    yield* same("one of many", raced.filter((isSet) => isSet).length, 1)
    yield* store.revoke("con_1", later)
    yield* same("after the revocation", yield* store.reseal("con_1", "late", `${raced.indexOf(true)}`), false)
  }),
  "lists by creation": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const ids = ["z", "a", "m", "B", "10", "9"]
    // All in the same millisecond.
    for (const [index, id] of ids.entries()) yield* store.insert(connection(id, { serverId: index }))
    yield* store.revoke("a", later)
    yield* store.setLastRefusedAt("z", later)
    yield* same("ids", (yield* store.list).map((record) => record.id), ids)
  }),
  "has one active connection for a server": Effect.gen(function*() {
    const store = yield* ConnectionStore
    yield* store.insert(connection("con_1", { serverId: 7 }))
    yield* same("the same server", yield* store.insert(connection("con_2", { serverId: 7 })), false)
    yield* same("nothing stored", Option.getOrNull(yield* store.get("con_2")), null)
    yield* same("another server", yield* store.insert(connection("con_3", { serverId: 8 })), true)
    yield* store.revoke("con_1", later)
    yield* same("after the revocation", yield* store.insert(connection("con_2", { serverId: 7 })), true)
    yield* same("again", yield* store.insert(connection("con_4", { serverId: 7 })), false)
    yield* store.revoke("con_2", later)
    yield* same("after both", yield* store.insert(connection("con_4", { serverId: 7 })), true)
  }),
  "never replaces a connection by an insert": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const record = connection("con_1", { serverId: 7 })
    yield* store.insert(record)
    yield* same("the same id", yield* store.insert(connection("con_1", { serverId: 8, name: "other" })), false)
    yield* same("the record", Option.getOrNull(yield* store.get("con_1")), record)
  }),
  "inserts one of many at once": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const inserted = yield* Effect.forEach(
      Array.from({ length: 10 }, (_, index) => connection(`con_${index}`, { serverId: 7 })),
      store.insert,
      { concurrency: "unbounded" }
    )
    yield* same("inserted", inserted.filter((isNew) => isNew).length, 1)
    yield* same("stored", (yield* store.list).length, 1)
  }),
  "rotates the token of an active connection only": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const token = { sealedToken: "sealed-2", fingerprint: "fp-2", serverName: "Renamed", rotatedAt: later }
    const [one, two] = [connection("con_1", { serverId: 1 }), connection("con_2", { serverId: 2 })]
    yield* store.insert(one)
    yield* store.insert(two)
    yield* same("rotate", yield* store.rotate("con_1", token), true)
    yield* same("the records", yield* store.list, [{ ...one, ...token }, two])
    yield* same("an unknown id", yield* store.rotate("con_3", token), false)
    yield* store.revoke("con_2", later)
    yield* same("a revoked one", yield* store.rotate("con_2", token), false)
    yield* same(
      "its token",
      Option.map(yield* store.get("con_2"), (record) => record.sealedToken),
      Option.some("")
    )
  }),
  "revokes once, and forgets the token": Effect.gen(function*() {
    const store = yield* ConnectionStore
    const record = connection("con_1", { serverId: 1 })
    yield* store.insert(record)
    yield* same("an unknown id", yield* store.revoke("con_2", later), false)
    const revoked = yield* Effect.replicateEffect(store.revoke("con_1", later), 5, { concurrency: "unbounded" })
    yield* same("revoke", revoked.filter((isDone) => isDone).length, 1)
    yield* same("again", yield* store.revoke("con_1", "2027-01-01T00:00:00.000Z"), false)
    yield* same("the record", Option.getOrNull(yield* store.get("con_1")), {
      ...record,
      state: "revoked",
      sealedToken: "",
      revokedAt: later
    })
  }),
  "notes a refused webhook, of revoked connections too": Effect.gen(function*() {
    const store = yield* ConnectionStore
    yield* store.insert(connection("con_1", { serverId: 1 }))
    yield* store.setLastRefusedAt("con_1", later)
    yield* store.setLastRefusedAt("con_2", later)
    yield* store.revoke("con_1", later)
    yield* store.setLastRefusedAt("con_1", "2026-03-03T00:00:00.000Z")
    yield* same("the times", (yield* store.list).map((record) => record.lastRefusedAt), [
      "2026-03-03T00:00:00.000Z"
    ])
  })
}

const later = "2026-02-02T00:00:00.000Z"

const connection = (id: string, fields: Partial<Omit<ConnectionRecord, "id">> = {}): ConnectionRecord => ({
  id: ConnectionId.make(id),
  name: "Acme",
  serverId: 1,
  serverName: "Production",
  fingerprint: "fp-1",
  sealedToken: "sealed-1",
  state: "active",
  createdAt: "2026-01-01T00:00:00.000Z",
  rotatedAt: null,
  revokedAt: null,
  lastRefusedAt: null,
  ...fields
})
