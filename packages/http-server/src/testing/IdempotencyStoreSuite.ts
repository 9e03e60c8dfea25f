/**
 * Tests of an idempotency store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { oddTexts, same } from "@effect-postmark/core/testing/PortSuite"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type IdempotencyRecord, IdempotencyStore } from "../IdempotencyStore.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, IdempotencyStore>>> = {
  "reserves an id once": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    yield* same("the first", yield* store.reserve(record("a")), Option.none())
    const stored = Option.some({ ...record("a"), answer: null })
    yield* same("another", yield* store.reserve({ ...record("a"), lease: "other", fingerprint: "f2" }), stored)
    yield* same("another id", yield* store.reserve(record("b")), Option.none())
    const many = yield* Effect.forEach(
      Array.from({ length: 30 }, (_, index) => `lease-${index}`),
      (lease) => store.reserve({ ...record("c"), lease }),
      { concurrency: "unbounded" }
    )
    yield* same("one of many at once", many.filter(Option.isNone).length, 1)
  }),
  "reserves an id anew when its record expired": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    yield* store.reserve(record("a"))
    yield* store.begin({ id: "a", lease: "lease" })
    yield* store.finish({ id: "a", lease: "lease", answer: "sealed", expiresAt: day })
    const at = (createdAt: number) => ({
      ...record("a"),
      createdAt,
      expiresAt: createdAt + day,
      lease: `l${createdAt}`
    })
    yield* same("before", Option.isSome(yield* store.reserve(at(day - 1))), true)
    yield* same("at its end", yield* store.reserve(at(day)), Option.none())
    yield* same("the new one", yield* store.reserve(at(day + 1)), Option.some({ ...at(day), answer: null }))
    yield* same("not by the old owner", yield* store.finish({ ...finish, lease: "lease" }), false)
  }),
  "begins once, and for the owner of the lease only": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    yield* same("nothing there", yield* store.begin({ id: "a", lease: "lease" }), false)
    yield* store.reserve(record("a"))
    yield* same("another", yield* store.begin({ id: "a", lease: "other" }), false)
    const begun = yield* Effect.replicateEffect(store.begin({ id: "a", lease: "lease" }), 5, {
      concurrency: "unbounded"
    })
    yield* same("once", begun.filter((one) => one).length, 1)
    yield* same("the state", yield* stateOf("a"), "working")
  }),
  "stores one answer": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    yield* store.reserve(record("a"))
    yield* same("another", yield* store.finish({ ...finish, lease: "other" }), false)
    yield* same("the owner", yield* store.finish(finish), true)
    yield* same("again", yield* store.finish({ ...finish, answer: "second" }), false)
    yield* same("not released", yield* store.release({ id: "a", lease: "lease" }), false)
    yield* same("not extended", yield* store.extend({ id: "a", lease: "lease", leaseUntil: 9 * day }), false)
    yield* same(
      "the record",
      yield* store.reserve(record("a")),
      Option.some({ ...record("a"), state: "done", answer: "sealed", expiresAt: 2 * day })
    )
  }),
  "keeps odd characters": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    for (const [index, text] of oddTexts.entries()) {
      const odd = { ...record(`id${index}${text}`), fingerprint: text, correlation: text }
      yield* store.reserve(odd)
      yield* store.finish({ id: odd.id, lease: odd.lease, answer: text, expiresAt: day })
      yield* same(
        "stored",
        yield* store.reserve(odd),
        Option.some({ ...odd, state: "done", answer: text, expiresAt: day })
      )
    }
  }),
  "forgets what is released": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    yield* store.reserve(record("a"))
    yield* same("another", yield* store.release({ id: "a", lease: "other" }), false)
    yield* same("the owner", yield* store.release({ id: "a", lease: "lease" }), true)
    yield* same("again", yield* store.release({ id: "a", lease: "lease" }), false)
    yield* same("free", yield* store.reserve(record("a")), Option.none())
  }),
  "lets a record be taken over when its lease ended": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    const take = (state: "reserved" | "working", now: number, lease: string) =>
      store.takeOver({ id: "a", state, correlation: "new", lease, leaseUntil: now + 100, now })
    yield* same("nothing there", yield* take("reserved", 500, "b"), false)
    yield* store.reserve(record("a"))
    yield* same("before its end", yield* take("reserved", 99, "b"), false)
    yield* same("another state", yield* take("working", 100, "b"), false)
    yield* store.extend({ id: "a", lease: "lease", leaseUntil: 200 })
    yield* same("extended", yield* take("reserved", 199, "b"), false)
    yield* same("extended by another", yield* store.extend({ id: "a", lease: "b", leaseUntil: 300 }), false)
    const leases = Array.from({ length: 10 }, (_, index) => `b${index}`)
    const taken = yield* Effect.forEach(leases, (lease) => take("reserved", 200, lease), { concurrency: "unbounded" })
    yield* same("by one of many", taken.filter((one) => one).length, 1)
    const winner = leases[taken.indexOf(true)] ?? ""
    yield* same(
      "the record",
      yield* store.reserve(record("a")),
      Option.some({
        ...record("a"),
        correlation: "new",
        lease: winner,
        leaseUntil: 300,
        answer: null
      })
    )
    yield* same("the first cannot begin", yield* store.begin({ id: "a", lease: "lease" }), false)
    yield* same("the first cannot finish", yield* store.finish(finish), false)
    yield* same("the second begins", yield* store.begin({ id: "a", lease: winner }), true)
    yield* same("a third looks", yield* take("working", 300, "c"), true)
    yield* same("the correlation stays", yield* correlationOf("a"), "new")
    yield* same("who began still answers", yield* store.finish({ ...finish, lease: winner }), true)
    yield* same("not taken over when done", yield* take("working", 9_000, "d"), false)
  }),
  "prunes what expired, a few at a time": Effect.gen(function*() {
    const store = yield* IdempotencyStore
    for (const [id, expiresAt] of [["a", 100], ["b", 200], ["c", 300], ["d", 400]] as const) {
      yield* store.reserve({ ...record(id), expiresAt })
    }
    yield* same("none", yield* store.prune({ before: 100, limit: 10 }), 0)
    yield* same("no limit", yield* store.prune({ before: 350, limit: 0 }), 0)
    yield* same("two", yield* store.prune({ before: 350, limit: 2 }), 2)
    yield* same("one more", yield* store.prune({ before: 350, limit: 2 }), 1)
    yield* same("the rest", yield* stateOf("d"), "reserved")
  })
}

const day = 24 * 60 * 60 * 1_000

const record = (id: string): Omit<IdempotencyRecord, "answer"> => ({
  id,
  fingerprint: "f1",
  state: "reserved",
  correlation: "c1",
  lease: "lease",
  leaseUntil: 100,
  createdAt: 0,
  expiresAt: day
})

const finish = { id: "a", lease: "lease", answer: "sealed", expiresAt: 2 * day }

const seen = (id: string) =>
  Effect.flatMap(IdempotencyStore, (store) => store.reserve({ ...record(id), lease: "reader" }))

const stateOf = (id: string) =>
  Effect.map(seen(id), Option.match({ onNone: () => "absent", onSome: ({ state }) => state }))

const correlationOf = (id: string) =>
  Effect.map(seen(id), Option.match({ onNone: () => "absent", onSome: ({ correlation }) => correlation }))
