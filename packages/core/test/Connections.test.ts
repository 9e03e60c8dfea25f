import { Connections } from "@effect-postmark/core/Connections"
import { ConnectionStore } from "@effect-postmark/core/ConnectionStore"
import { assert, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { json, type Seen, stub, taken } from "./kit/http.ts"
import { services } from "./kit/services.ts"

/** Postmark with two servers; each has two tokens. */
const servers: Readonly<Record<string, number>> = { "acme-1": 1, "acme-2": 1, "globex-1": 2 }

const postmark = ({ headers, url }: Seen) => {
  const id = servers[headers["x-postmark-server-token"] ?? ""]
  if (id === undefined) return json({ ErrorCode: 10, Message: "Request does not contain a valid Server token." }, 401)
  return url.endsWith("/server") ? json({ ID: id, Name: `server ${id}`, TrackOpens: false }) : json(taken())
}

const email = { from: "a@example.org", to: "b@example.com", textBody: "t" }

const withConnections = <A, E>(
  use: (
    connections: Context,
    seen: Effect.Effect<ReadonlyArray<Seen>>
  ) => Effect.Effect<A, E, ConnectionStore | Connections>
) =>
  Effect.gen(function*() {
    const http = yield* stub(postmark)
    return yield* Effect.flatMap(Connections, (connections) => use(connections, http.seen)).pipe(
      Effect.provide(services(http.layer))
    )
  })

type Context = typeof Connections.Service

it.effect("connects a server, and shows the token as a fingerprint only", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const connection = yield* connections.connect({ name: "Acme", serverToken: Redacted.make(" acme-1 ") })
      assert.strictEqual(connection.serverId, 1)
      assert.match(connection.fingerprint, /^[0-9a-f]{12}$/)
      assert.notInclude(JSON.stringify(connection), "acme-1")
      const record = Option.getOrThrow(yield* Effect.flatMap(ConnectionStore, (store) => store.get(connection.id)))
      assert.notInclude(JSON.stringify(record), "acme-1")
      assert.deepStrictEqual(yield* connections.list, [connection])
    })
  ))

it.effect("refuses a token that Postmark does not know, and keeps nothing", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(connections.connect({ name: "x", serverToken: Redacted.make("nobody") }))
      assert.strictEqual(error._tag, "InvalidToken")
      assert.deepStrictEqual(yield* connections.list, [])
    })
  ))

it.effect("refuses what can be no token without asking anybody", () =>
  withConnections((connections, seen) =>
    Effect.gen(function*() {
      for (const token of ["", "  ", "a b", "a\r\nX: y", "ä", "x".repeat(201)]) {
        const error = yield* Effect.flip(connections.connect({ name: "x", serverToken: Redacted.make(token) }))
        assert.strictEqual(error._tag, "ValidationFailure")
      }
      assert.strictEqual((yield* seen).length, 0)
    })
  ))

it.effect("reports a server that is connected already", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const first = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
      const error = yield* Effect.flip(connections.connect({ name: "again", serverToken: Redacted.make("acme-2") }))
      assert.strictEqual(error._tag === "ConnectionExists" ? error.connectionId : null, first.id)
    })
  ))

it.effect("rotates to another token of the same server, and refuses another server's", () =>
  withConnections((connections, seen) =>
    Effect.gen(function*() {
      const { fingerprint, id } = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
      const mismatch = yield* Effect.flip(connections.rotate(id, Redacted.make("globex-1")))
      assert.strictEqual(mismatch._tag, "ServerMismatch")
      yield* Effect.flatMap(connections.client(id), (client) => client.sendEmail(email))
      const rotated = yield* connections.rotate(id, Redacted.make("acme-2"))
      assert.notStrictEqual(rotated.fingerprint, fingerprint)
      assert.isNotNull(rotated.rotatedAt)
      yield* Effect.flatMap(connections.client(id), (client) => client.sendEmail(email))
      const sends = (yield* seen).filter(({ url }) => url.endsWith("/email"))
      assert.deepStrictEqual(sends.map(({ headers }) => headers["x-postmark-server-token"]), ["acme-1", "acme-2"])
    })
  ))

it.effect("lets what is under way finish with the old token", () =>
  withConnections((connections, seen) =>
    Effect.gen(function*() {
      const { id } = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
      const underWay = yield* connections.client(id)
      yield* connections.rotate(id, Redacted.make("acme-2"))
      yield* underWay.sendEmail(email)
      const [send] = (yield* seen).filter(({ url }) => url.endsWith("/email"))
      assert.strictEqual(send?.headers["x-postmark-server-token"], "acme-1")
    })
  ))

it.effect("builds a connection's client once", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const { id } = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
      assert.strictEqual(yield* connections.client(id), yield* connections.client(id))
    })
  ))

it.effect("fails fast once revoked, forgets the token, and lets the server be connected again", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const { id } = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
      yield* connections.client(id)
      assert.strictEqual((yield* connections.revoke(id)).state, "revoked")
      assert.strictEqual((yield* Effect.flip(connections.client(id)))._tag, "ConnectionRevoked")
      assert.strictEqual((yield* Effect.flip(connections.revoke(id)))._tag, "ConnectionRevoked")
      const record = yield* Effect.flatMap(ConnectionStore, (store) => store.get(id))
      assert.strictEqual(Option.getOrThrow(record).sealedToken, "")
      yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") })
    })
  ))

it.effect("knows no connection that is not there", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      for (const id of ["con_x", "", "../x", "con_%00"]) {
        assert.strictEqual((yield* Effect.flip(connections.client(id)))._tag, "ConnectionNotFound")
        assert.strictEqual((yield* Effect.flip(connections.get(id)))._tag, "ConnectionNotFound")
      }
    })
  ))

it.effect("survives two servers being connected at once", () =>
  withConnections((connections) =>
    Effect.gen(function*() {
      const results = yield* Effect.all(
        Array.from({ length: 5 }, () =>
          Effect.either(connections.connect({ name: "Acme", serverToken: Redacted.make("acme-1") }))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(
        results.filter(({ _tag }) =>
          _tag === "Right"
        ).length,
        1
      )
    })
  ))
