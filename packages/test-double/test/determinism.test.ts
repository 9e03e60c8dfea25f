import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

/** Everything that can be seen of one run. */
const transcript = (seed: string) => {
  const posts: Array<unknown> = []
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* TestClock.setTime(Date.UTC(2026, 8, 30, 16, 4, 8, 512))
    const answers = [
      yield* call("POST", "/webhooks", {
        body: {
          Url: "http://localhost/",
          Triggers: { Delivery: { Enabled: true }, Bounce: { Enabled: true }, Open: { Enabled: true } }
        }
      })
    ]
    const id = yield* send({ HtmlBody: "<b>x</b>", TrackOpens: true })
    answers.push(
      yield* call("POST", "/email/batch", {
        body: [mail, { ...mail, To: "x" }, { ...mail, To: "hardbounce@bounce-testing.postmarkapp.com" }]
      })
    )
    yield* TestClock.adjust("10 minutes")
    yield* double.open(id, "ann@example.com")
    yield* double.settled
    answers.push(yield* call("GET", "/messages/outbound?count=10&offset=0"))
    answers.push(yield* call("GET", `/messages/outbound/${id}/details`))
    answers.push(yield* call("GET", "/stats/outbound"))
    const account = { token: "", headers: { "x-postmark-account-token": PostmarkDouble.demoAccountToken } }
    answers.push(yield* call("POST", "/servers", { ...account, body: { Name: "Two" } }))
    answers.push(yield* call("POST", "/domains", { ...account, body: { Name: "example.org" } }))
    answers.push(
      yield* call("GET", `/messages/inbound/${yield* double.receiveInbound({ from: "c@example.com" })}/details`)
    )
    return JSON.stringify({ answers, posts, attempts: yield* double.webhookAttempts, sent: yield* double.sent })
  }).pipe(Effect.provide(layerDouble({
    seed,
    webhookSender: (post) => Effect.sync(() => posts.push(post) % 3 === 0 ? 500 : 200)
  })))
}

it.effect("says the same twice for the same seed, and something else for another", () =>
  Effect.gen(function*() {
    const first = yield* transcript("seven")
    yield* TestClock.setTime(0)
    const second = yield* transcript("seven")
    yield* TestClock.setTime(0)
    const other = yield* transcript("eight")
    assert.strictEqual(second, first)
    assert.notStrictEqual(other, first)
    assert.include(first, "2026-09-30T12:04:08.512")
    assert.isAbove(first.length, 5000)
  }))

it.effect("gives one server's messages the same ids, whatever another server does", () =>
  Effect.gen(function*() {
    const ids = (noise: boolean) =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.addServer({ token: "other" })
        if (noise) yield* send({}, "other")
        return [yield* send(), yield* send()]
      }).pipe(Effect.provide(layerDouble()))
    const quiet = yield* ids(false)
    assert.strictEqual(new Set(quiet).size, 2)
    assert.deepStrictEqual(yield* ids(true), quiet)
  }))
