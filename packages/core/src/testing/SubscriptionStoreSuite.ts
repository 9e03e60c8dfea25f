/**
 * Tests of a subscription store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConnectionId } from "../Ids.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { type Subscription, SubscriptionStore, type WebhookSecrets } from "../SubscriptionStore.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, SubscriptionStore>>> = {
  "returns what was inserted, by connection and creation": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    yield* same("an empty list", yield* store.list("con_1"), [])
    const [z, a, other] = [
      subscription("z", "con_1", "t1"),
      subscription("a", "con_1", "t2"),
      subscription("b", "con_2", "t1")
    ]
    yield* same("insert", yield* store.insert(z), z)
    yield* same("insert of another trigger", yield* store.insert(a), a)
    yield* same("insert of another connection", yield* store.insert(other), other)
    yield* same("list", yield* store.list("con_1"), [z, a])
    yield* same("list of another connection", yield* store.list("con_2"), [other])
  }),
  "has one subscription for a connection and a trigger": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const first = subscription("first", "con_1", "t1")
    yield* store.insert(first)
    yield* same("insert", yield* store.insert(subscription("second", "con_1", "t1")), first)
    yield* same("list", yield* store.list("con_1"), [first])
  }),
  "answers many at once with the same subscription": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const answers = yield* Effect.forEach(
      Array.from({ length: 10 }, (_, index) => subscription(`sub_${index}`, "con_1", "t1")),
      store.insert,
      { concurrency: "unbounded" }
    )
    yield* same("ids", new Set(answers.map((answer) => answer.id)).size, 1)
    yield* same("list", yield* store.list("con_1"), answers.slice(0, 1))
  }),
  "removes by connection and id": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const first = subscription("sub_1", "con_1", "t1")
    yield* store.insert(first)
    yield* same("of another connection", yield* store.remove("con_2", "sub_1"), false)
    yield* same("an unknown id", yield* store.remove("con_1", "sub_2"), false)
    yield* same("still there", yield* store.list("con_1"), [first])
    yield* same("remove", yield* store.remove("con_1", "sub_1"), true)
    yield* same("again", yield* store.remove("con_1", "sub_1"), false)
    yield* same("gone", yield* store.list("con_1"), [])
    const second = subscription("sub_2", "con_1", "t1")
    yield* same("a new one", yield* store.insert(second), second)
  }),
  "keeps odd characters": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const all = oddTexts.map((text, index) => subscription(`${index}${text}`, "con_1", text))
    for (const one of all) yield* store.insert(one)
    yield* same("list", yield* store.list("con_1"), all)
    for (const current of oddTexts) {
      const before = Option.map(yield* store.getSecrets("con_1"), (kept) => kept.current)
      yield* store.setSecrets(secrets("con_1", current, current), Option.getOrNull(before))
      yield* same("secrets", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", current, current)))
    }
  }),
  "sets secrets only where they are the expected ones": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    yield* same("none", yield* store.getSecrets("con_1"), Option.none())
    yield* same("none expected, but one", yield* store.setSecrets(secrets("con_1", "b", "a"), "a"), false)
    yield* same("still none", yield* store.getSecrets("con_1"), Option.none())
    yield* same("the first", yield* store.setSecrets(secrets("con_1", "a", null), null), true)
    yield* same("of another connection", yield* store.getSecrets("con_2"), Option.none())
    yield* same("none expected", yield* store.setSecrets(secrets("con_1", "b", null), null), false)
    yield* same("others expected", yield* store.setSecrets(secrets("con_1", "b", null), "x"), false)
    yield* same("unchanged", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", "a", null)))
    yield* same("a rotation", yield* store.setSecrets(secrets("con_1", "b", "a"), "a"), true)
    yield* same("both", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", "b", "a")))
    yield* same("its end", yield* store.setSecrets(secrets("con_1", "b", null), "b"), true)
    yield* same("one", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", "b", null)))
  }),
  "replaces encrypted texts only where both are the expected ones": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const [a, b] = [{ current: "a", previous: null }, { current: "b", previous: "a" }]
    yield* same("none", yield* store.resealSecrets("con_1", b, a), false)
    yield* same("still none", yield* store.getSecrets("con_1"), Option.none())
    yield* store.setSecrets(secrets("con_1", "a", null), null)
    yield* same("one", yield* store.resealSecrets("con_1", { current: "A", previous: null }, a), true)
    yield* same("its text", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", "A", null)))
    yield* store.setSecrets(secrets("con_1", "b", "a"), "A")
    yield* same("another current", yield* store.resealSecrets("con_1", b, { ...b, current: "x" }), false)
    yield* same("another previous", yield* store.resealSecrets("con_1", b, { ...b, previous: "x" }), false)
    yield* same("a rotation that is over", yield* store.resealSecrets("con_1", b, { ...b, previous: null }), false)
    yield* same("both", yield* store.resealSecrets("con_1", { current: "B", previous: "A" }, b), true)
    yield* same("when it was rotated", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", "B", "A")))
  }),
  "forgets the secrets of one connection": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    for (const id of ["con_1", "con_2"]) yield* store.setSecrets(secrets(id, "sealed", null), null)
    yield* store.removeSecrets("con_1")
    yield* store.removeSecrets("con_1")
    yield* same("forgotten", yield* store.getSecrets("con_1"), Option.none())
    yield* same("kept", yield* store.getSecrets("con_2"), Option.some(secrets("con_2", "sealed", null)))
    yield* same("new ones", yield* store.setSecrets(secrets("con_1", "next", null), null), true)
  }),
  "lets one of many set the secrets": Effect.gen(function*() {
    const store = yield* SubscriptionStore
    const race = (expected: string | null) =>
      Effect.forEach(
        Array.from({ length: 10 }, (_, index) => secrets("con_1", `${expected}-${index}`, null)),
        (next) => store.setSecrets(next, expected),
        { concurrency: "unbounded" }
      )
    const first = yield* race(null)
    yield* same("first", first.filter((isSet) => isSet).length, 1)
    const current = `null-${first.indexOf(true)}`
    yield* same("the winner's", yield* store.getSecrets("con_1"), Option.some(secrets("con_1", current, null)))
    yield* same("then", (yield* race(current)).filter((isSet) => isSet).length, 1)
  })
}

const subscription = (id: string, connectionId: string, trigger: string): Subscription => ({
  id,
  connectionId: ConnectionId.make(connectionId),
  trigger,
  createdAt: "2026-01-01T00:00:00.000Z"
})

const secrets = (connectionId: string, current: string, previous: string | null): WebhookSecrets => ({
  connectionId: ConnectionId.make(connectionId),
  current,
  previous,
  rotatedAt: previous === null ? null : "2026-01-01T00:00:00.000Z"
})
