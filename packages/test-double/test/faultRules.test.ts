/** Which calls a rule hits: recipients, counting and chance. */
import * as Fault from "@effect-postmark/test-double/Fault"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck, Layer, Schema } from "effect"
import { call, layerDouble, mail } from "./kit.ts"

const statusOf = (path: string, body: unknown) => Effect.map(call("POST", path, { body }), ({ status }) => status)

const to = (To: string) => statusOf("/email", { ...mail, To })

const hitsOf = (recipient: string, path: string, body: unknown) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.clearFaults
    yield* double.injectFault(Fault.rule({ recipient }, Fault.status(503)))
    return (yield* statusOf(path, body)) === 503
  })

describe("a recipient", () => {
  const others = { To: "bob@example.com", Subject: "s", TextBody: "t", From: "shop@example.org" }
  const templated = { From: "shop@example.org", TemplateAlias: "none", TemplateModel: {} }
  const rows: ReadonlyArray<readonly [recipient: string, path: string, body: unknown, hit: boolean]> = [
    ["ann@example.com", "/email", mail, true],
    ["ANN@Example.com", "/email", mail, true],
    ["ann@example.com", "/email", { ...mail, To: "Ann@EXAMPLE.com" }, true],
    ["ann@example.com", "/email", { ...others, To: "\"Shop, Ann\" <ann@example.com>" }, true],
    ["ann@example.com", "/email", { ...others, To: "\"ann@example.com\" <bob@example.com>" }, false],
    ["ann@example.com", "/email", { ...others, Cc: "Bob <bob@example.com>, Ann <ann@example.com>" }, true],
    ["ann@example.com", "/email", { ...others, Bcc: "ann@example.com" }, true],
    ["ann@example.com", "/email", { ...others, To: "nonsense, ann@example.com" }, true],
    ["ann@example.com", "/email", { ...others, ReplyTo: "ann@example.com" }, false],
    ["ann@example.com", "/email", { ...others, To: "joann@example.com" }, false],
    ["ann@example.com", "/email", { ...others, To: 7, Cc: null }, false],
    ["ann@example.com", "/email", "{", false],
    ["*@example.com", "/email", mail, true],
    ["*@EXAMPLE.com", "/email", mail, true],
    ["*@example.com", "/email", { ...mail, To: "ann@mail.example.com" }, false],
    ["*@example.com", "/email", { ...mail, To: "ann@notexample.com" }, false],
    ["ann@example.com", "/email/batch", [others, others, mail], true],
    ["ann@example.com", "/email/batch", [others, null, 7], false],
    ["ann@example.com", "/email/withTemplate", { ...templated, To: "ann@example.com" }, true],
    [
      "ann@example.com",
      "/email/batchWithTemplates",
      { Messages: [others, { ...templated, Cc: "ann@example.com" }] },
      true
    ],
    ["ann@example.com", "/email/batchWithTemplates", { Messages: [others] }, false],
    ["ann@example.com", "/email/bulk", { From: "shop@example.org", Messages: [{ To: "ann@example.com" }] }, true]
  ]
  for (const [recipient, path, body, hit] of rows) {
    it.effect(`${recipient} ${hit ? "hits" : "does not hit"} ${path} ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* hitsOf(recipient, path, body), hit)
      }).pipe(Effect.provide(layerDouble())))
  }
})

it.effect("counts only the calls that method, path and recipient name", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault(
      Fault.rule({ method: "POST", path: "/email", recipient: "*@example.com", nth: 2 }, Fault.rateLimit())
    )
    assert.deepStrictEqual(
      [
        yield* to("bob@example.net"),
        yield* to("ann@example.com"),
        yield* statusOf("/email/batch", [mail]),
        yield* to("bob@example.net"),
        yield* to("bob@example.com"),
        yield* to("ann@example.com")
      ],
      [200, 200, 200, 200, 429, 200]
    )
  }).pipe(Effect.provide(layerDouble())))

it.effect("lets the rule that came first decide, whether it waits for the body or not", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault(Fault.rule({ recipient: "ann@example.com", nth: 1 }, Fault.status(503)))
    yield* double.injectFault(Fault.rule({ first: 2 }, Fault.status(500)))
    yield* double.injectFault(Fault.rule({ recipient: "ann@example.com" }, Fault.status(502)))
    assert.deepStrictEqual([yield* to("ann@example.com"), yield* to("ann@example.com"), yield* to("ann@example.com")], [
      503,
      500,
      502
    ])
    // Before the body is read nothing is known of its recipients.
    yield* double.injectFault(Fault.rule({ first: 1 }, Fault.resetBeforeReading))
    assert.isTrue(Exit.isFailure(yield* Effect.exit(to("ann@example.com"))))
    assert.strictEqual(yield* to("ann@example.com"), 502)
  }).pipe(Effect.provide(layerDouble())))

describe("chance", () => {
  const drawn = (seed: string, more: ReadonlyArray<Fault.Rule> = []) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.injectFault(Fault.rule({ probability: 0.25 }, Fault.status(503)))
      for (const rule of more) yield* double.injectFault(rule)
      const statuses = yield* Effect.forEach(Array.from({ length: 400 }), () => to("ann@example.com"))
      return statuses.map((status) => status === 503 ? "x" : ".").join("")
    }).pipe(Effect.provide(layerDouble({ seed, autoDeliver: false })))

  it.effect("comes from the seed, and hits about as often as it says", () =>
    Effect.gen(function*() {
      const calls = yield* drawn("seven")
      assert.strictEqual(yield* drawn("seven"), calls)
      assert.notStrictEqual(yield* drawn("eight"), calls)
      assert.closeTo(calls.split("x").length - 1, 100, 30)
      assert.strictEqual(
        yield* drawn("seven", [
          Fault.rule({ probability: 0.5 }, Fault.latency(0)),
          Fault.rule({ recipient: "ann@example.com", probability: 0.5 }, Fault.status(500))
        ]),
        calls
      )
    }))

  it.effect("of 0 never hits, of 1 always", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.injectFault(Fault.rule({ probability: 0 }, Fault.status(500)))
      for (let i = 0; i < 50; i++) assert.strictEqual(yield* to("ann@example.com"), 200)
      yield* double.injectFault(Fault.rule({ probability: 1 }, Fault.status(503)))
      for (let i = 0; i < 50; i++) assert.strictEqual(yield* to("ann@example.com"), 503)
    }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

  it.effect("is drawn only where the call would be hit without it", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const hits = (noise: boolean) =>
        Effect.gen(function*() {
          yield* double.clearFaults
          yield* double.injectFault(
            Fault.rule({ recipient: "ann@example.com", probability: 0.5 }, Fault.status(503))
          )
          return yield* Effect.forEach(
            Array.from({ length: 40 }),
            () => Effect.zipRight(noise ? to("bob@example.com") : Effect.void, to("ann@example.com"))
          )
        })
      assert.deepStrictEqual(yield* hits(true), yield* hits(false))
    }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))
})

const count = FastCheck.option(FastCheck.integer({ min: 1, max: 4 }), { nil: undefined })
const address = FastCheck.constantFrom("ann@example.com", "bob@example.com", "Carol <carol@example.net>")

const criteria = FastCheck.record({
  method: FastCheck.constantFrom(undefined, "POST", "get"),
  path: FastCheck.constantFrom(undefined, "/email", "/email*", "/server"),
  recipient: FastCheck.constantFrom(undefined, undefined, "ann@example.com", "*@example.com"),
  nth: count,
  every: count,
  first: count,
  probability: FastCheck.option(FastCheck.integer({ min: 0, max: 100 }).map((percent) => percent / 100), {
    nil: undefined
  })
})

const calls = FastCheck.array(
  FastCheck.oneof(
    FastCheck.constant({ path: "/server" as const }),
    FastCheck.record({ path: FastCheck.constant("/email" as const), To: address }),
    FastCheck.record({ path: FastCheck.constant("/email/batch" as const), To: address, Cc: address })
  ),
  { maxLength: 20 }
)

type Calls = typeof calls extends FastCheck.Arbitrary<infer A> ? A : never

/** Each rule answers with a status of its own, so the statuses tell which rule hit. */
const run = (seed: string, rules: ReadonlyArray<Fault.Criteria>, list: Calls) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    for (const [i, names] of rules.entries()) yield* double.injectFault(Fault.rule(names, Fault.status(520 + i)))
    return yield* Effect.forEach(list, (item) =>
      Effect.map(
        item.path === "/server"
          ? call("GET", item.path)
          : call("POST", item.path, {
            body: item.path === "/email" ? { ...mail, ...item } : [mail, { ...mail, ...item }]
          }),
        ({ status }) => status
      ))
  }).pipe(Effect.provide(layerDouble({ seed, autoDeliver: false })))

it.effect.prop(
  "the same seed and calls are faulted alike, and a further rule changes nothing for those before it",
  [FastCheck.string(), FastCheck.array(criteria, { maxLength: 5 }), criteria, calls],
  ([seed, rules, further, list]) =>
    Effect.gen(function*() {
      const statuses = yield* run(seed, rules, list)
      assert.deepStrictEqual(yield* run(seed, rules, list), statuses)
      const more = yield* run(seed, [...rules, further], list)
      assert.deepStrictEqual(more.map((status) => status === 520 + rules.length ? 200 : status), statuses)
    }),
  { fastCheck: { numRuns: 100 }, timeout: 60_000 }
)

const invalid: ReadonlyArray<readonly [rule: Fault.Rule, message: RegExp]> = [
  [Fault.rule({ recipient: "ann@example.com" }, Fault.resetBeforeReading), /recipient cannot be told before/],
  [Fault.rule({ recipient: "Ann <ann@example.com>" }, Fault.status(500)), /recipient is an address without a name/],
  [Fault.rule({ probability: 1.5 }, Fault.status(500)), /probability is a number from 0 to 1/],
  [Fault.rule({}, Fault.status(99)), /between\(200, 599\)/],
  [Fault.rule({}, Fault.slowBody(0, 1)), /between\(1, 10000\)/]
]

it.scopedLive("refuses a rule that cannot be, as a defect in code and with 400 over HTTP", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    for (const [rule, message] of invalid) {
      const exit = yield* Effect.exit(double.injectFault(rule))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      if (Exit.isFailure(exit)) assert.match(Cause.pretty(exit.cause), message)
      const response = yield* Effect.promise(() =>
        fetch(`${url}/_double/faults`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(rule)
        })
      )
      assert.strictEqual(response.status, 400)
      assert.match(yield* Effect.promise(() => response.text()), message)
    }
  }).pipe(
    Effect.provide(NodePostmarkDouble.layerServer({ port: 0 }).pipe(Layer.provideMerge(PostmarkDouble.layer())))
  ))

it("builds rules that the schema takes, and that survive JSON", () => {
  const faults = [
    Fault.status(500),
    Fault.status(500, { body: { a: 1 }, headers: { a: "b" } }),
    Fault.rateLimit(),
    Fault.rateLimit({ retryAfter: 3 }),
    Fault.latency("2 seconds", { phase: "after" }),
    Fault.resetBeforeReading,
    Fault.resetAfterAcceptance,
    Fault.closeAfterAcceptance,
    Fault.body("x", { status: 201, contentType: "text/plain", accept: true }),
    Fault.emptyBody(),
    Fault.html("<p>"),
    Fault.truncate(3),
    Fault.cutShort(3, { end: "reset" }),
    Fault.slowBody(3, "1 second"),
    Fault.redirect("/x", { status: 307, accept: true }),
    Fault.batchLength(-1),
    Fault.smtpReply("message", 451, "Try later")
  ]
  assert.strictEqual(new Set(faults.map(({ kind }) => kind)).size, Fault.Fault.members.length)
  for (const fault of faults) {
    const rule = Fault.rule({ method: "POST", path: "/email", nth: 2, probability: 0.5 }, fault)
    assert.deepStrictEqual(Schema.decodeUnknownSync(Fault.Rule)(JSON.parse(JSON.stringify(rule))), rule)
  }
})
