import { Fault, PostmarkDouble, Scenario } from "@effect-postmark/test-double"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { call, mail, send } from "./kit.ts"
import { envelope, layerSmtp, sendMail, talk } from "./smtpKit.ts"

const Double = PostmarkDouble.PostmarkDouble

const cases = [
  ["the greeting", Fault.smtpReply("connect", 421, "Too busy"), /421 Too busy/, 0],
  ["the login", Fault.smtpReply("auth", 454), /^454 Injected fault/, 0],
  ["a recipient", Fault.smtpReply("recipient", 450), /^450 /, 0],
  ["the message", Fault.smtpReply("message", 451, "Try later"), /^451 Try later/, 0],
  ["the connection before the message is read", Fault.resetBeforeReading, /^error: /, 0],
  ["the connection after the message is accepted", Fault.resetAfterAcceptance, /^error: /, 1],
  ["the connection without a reply", Fault.closeAfterAcceptance, /^error: /, 1]
] as const

for (const [name, fault, expected, accepted] of cases) {
  it.effect(`breaks ${name}, once`, () =>
    Effect.gen(function*() {
      const { injectFault, sent } = yield* Double
      yield* injectFault({ first: 1, fault })
      assert.match(yield* sendMail(), expected)
      assert.strictEqual((yield* sent).length, accepted)
      assert.match(yield* sendMail(), /^250 /)
      assert.strictEqual((yield* sent).length, accepted + 1)
    }).pipe(Effect.provide(layerSmtp())))
}

it.effect("waits on the test's clock", () =>
  Effect.gen(function*() {
    const { injectFault, sent, waitFor } = yield* Double
    yield* injectFault({ fault: Fault.latency("1 hour", { phase: "after" }) })
    const fiber = yield* Effect.fork(sendMail())
    yield* waitFor(({ sent }) => sent.length === 1)
    while ((yield* Fiber.status(fiber))._tag !== "Suspended") yield* Effect.yieldNow()
    assert.strictEqual((yield* sent).length, 1)
    yield* TestClock.adjust("1 hour")
    assert.match(yield* Fiber.join(fiber), /^250 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("hits one recipient of several", () =>
  Effect.gen(function*() {
    const { injectFault } = yield* Double
    yield* injectFault({ recipient: "*@example.net", fault: Fault.smtpReply("recipient", 452) })
    const replies = yield* talk(envelope("ann@example.com", "bob@example.net", "cy@example.com"))
    assert.deepStrictEqual(replies.slice(-3).map((reply) => reply.slice(0, 3)), ["250", "452", "250"])
    yield* injectFault({ recipient: "cy@example.com", fault: Fault.smtpReply("message", 451) })
    assert.match(yield* sendMail({ to: "ann@example.com" }), /^250 /)
    assert.match(yield* sendMail({ to: "ann@example.com", bcc: "cy@example.com" }), /^451 /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("keeps faults of SMTP and of requests apart", () =>
  Effect.gen(function*() {
    const { injectFault } = yield* Double
    yield* injectFault({ fault: Fault.smtpReply("message", 451) })
    yield* send()
    yield* call("GET", "/server")
    assert.match(yield* sendMail(), /^451 /)
    yield* Effect.flatMap(Double, ({ clearFaults }) => clearFaults)
    yield* injectFault({ fault: Fault.status(500) })
    yield* injectFault({ path: "/email", fault: Fault.resetAfterAcceptance })
    assert.match(yield* sendMail(), /^250 /)
    assert.strictEqual((yield* call("POST", "/email", { body: mail })).status, 500)
    yield* Effect.flatMap(Double, ({ clearFaults }) => clearFaults)
    yield* injectFault({ method: "smtp", fault: Fault.closeAfterAcceptance })
    yield* send()
    assert.match(yield* sendMail(), /^error: /)
  }).pipe(Effect.provide(layerSmtp())))

it.effect("hits the same messages by chance with the same seed", () =>
  Effect.gen(function*() {
    const run = (seed: string) =>
      Effect.gen(function*() {
        const replies = yield* Effect.replicateEffect(sendMail(), 12)
        return replies.map((reply) => reply.slice(0, 3)).join(" ")
      }).pipe(Effect.provide(layerSmtp({
        seed,
        faults: [{ probability: 0.5, fault: Fault.smtpReply("message", 451) }]
      })))
    const first = yield* run("a")
    assert.include(first, "250")
    assert.include(first, "451")
    assert.strictEqual(yield* run("a"), first)
    assert.notStrictEqual(yield* run("b"), first)
  }))

it.effect("reads faults and tokens of SMTP in a scenario, and refuses rules that make no sense", () =>
  Effect.gen(function*() {
    const read = (fault: string) => Effect.either(Scenario.parse(`faults: [ ${fault} ]`))
    const good = "{ recipient: ann@example.com, fault: { kind: smtpReply, at: message, code: 451 } }"
    assert.strictEqual((yield* read(good))._tag, "Right")
    for (
      const bad of [
        "{ recipient: ann@example.com, fault: { kind: smtpReply, at: connect, code: 421 } }",
        "{ fault: { kind: smtpReply, at: nowhere, code: 421 } }",
        "{ fault: { kind: smtpReply, at: message, code: 250 } }",
        "{ fault: { kind: smtpReply, at: message, code: 451, message: \"a\\nb\" } }"
      ]
    ) assert.strictEqual((yield* read(bad))._tag, "Left", bad)
    const { smtpTokens } = { smtpTokens: "servers: [ { token: t, smtpTokens: [ { accessKey: a, secretKey: b } ] } ]" }
    assert.strictEqual((yield* Scenario.parse(smtpTokens)).servers?.[0]?.smtpTokens?.[0]?.accessKey, "a")
  }))
