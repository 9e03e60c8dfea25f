/** Real tokens of Postmark stay away from the double, and out of what it says. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Logger } from "effect"
import { inspect } from "node:util"
import { call, layerDouble } from "./kit.ts"

const real = "0f8fad5b-d9cb-469f-a165-70867728950e"

const lookReal = [real, real.toUpperCase(), ` ${real} `]

const account = (token: string) => ({ token: "", headers: { "x-postmark-account-token": token } })

/** An effect, and all that it has logged at the level of a warning or above. */
const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ annotations, cause, logLevel, message, spans }) => {
    if (logLevel.ordinal >= 30_000) lines.push(inspect({ annotations, cause, message, spans }, { depth: 9 }))
  })
  return Effect.map(Effect.provide(effect, Logger.replace(Logger.defaultLogger, logger)), (value) => ({ lines, value }))
}

it.effect("does not start with a token that looks real", () =>
  Effect.gen(function*() {
    for (const token of lookReal) {
      for (
        const [options, name] of [
          [{ servers: [{ token: "t" }, { token }] }, "servers[1].token"],
          [{ accountToken: token }, "accountToken"]
        ] as const
      ) {
        const exit = yield* Effect.exit(Effect.scoped(PostmarkDouble.make(options)))
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
        if (!Exit.isFailure(exit)) continue
        const text = Cause.pretty(exit.cause) + inspect(exit.cause, { depth: 9 })
        assert.include(text, "TokenLooksReal")
        assert.include(text, name)
        assert.notInclude(text.toLowerCase(), real)
      }
    }
  }))

it.scopedLive("adds no server with such a token, in code or over HTTP", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    for (const token of lookReal) {
      const error = yield* Effect.flip(double.addServer({ token }))
      assert.strictEqual(error.reason, "TokenLooksReal")
      assert.notInclude(inspect(error, { depth: 9 }).toLowerCase(), real)
      const response = yield* Effect.promise(() =>
        fetch(`${url}/_double/servers`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ token })
        })
      )
      const text = yield* Effect.promise(() => response.text())
      assert.strictEqual(response.status, 409)
      assert.include(text, "TokenLooksReal")
      assert.notInclude(text.toLowerCase(), real)
    }
    assert.strictEqual((yield* double.servers).length, 1)
  }).pipe(
    Effect.provide(NodePostmarkDouble.layerServer({ port: 0 }).pipe(Layer.provideMerge(PostmarkDouble.layer())))
  ))

it.effect("refuses a request with such a token, says why, and warns once", () =>
  Effect.gen(function*() {
    const { lines, value } = yield* logged(Effect.forEach(
      [
        call("GET", "/server", { token: real }),
        call("POST", "/email", { token: real.toUpperCase(), body: {} }),
        call("GET", "/servers?count=1&offset=0", account(real)),
        call("GET", "/servers?count=1&offset=0", { token: real })
      ],
      (answer) => answer
    ))
    for (const [i, { headers, json, status, text }] of value.entries()) {
      assert.strictEqual(status, 401)
      assert.strictEqual(json?.["ErrorCode"], 10)
      assert.strictEqual(headers["x-pm-apierrorcode"], "10")
      const kind = i < 2 ? "Server" : "Account"
      assert.match(
        String(json?.["Message"]),
        new RegExp(`^Request does not contain a valid ${kind} token\\. .*looks like a real one.*a double`)
      )
      assert.notInclude(text.toLowerCase(), real)
    }
    assert.strictEqual(lines.length, 1)
    assert.include(lines[0], "looks like a real one")
    assert.notInclude(lines.join().toLowerCase(), real)
  }).pipe(Effect.provide(layerDouble())))

it.effect("says no more than Postmark of another token, or of none", () =>
  Effect.gen(function*() {
    const { lines, value } = yield* logged(Effect.forEach(
      [call("GET", "/server", { token: "" }), call("GET", "/server", { token: "nobody" })],
      (answer) => answer
    ))
    for (const { json } of value) {
      assert.deepStrictEqual(json, { ErrorCode: 10, Message: "Request does not contain a valid Server token." })
    }
    assert.deepStrictEqual(lines, [])
  }).pipe(Effect.provide(layerDouble())))

it.effect("takes the tokens that it has made itself", () =>
  Effect.gen(function*() {
    const { lines } = yield* logged(Effect.gen(function*() {
      const made = yield* call("POST", "/servers", {
        ...account(PostmarkDouble.demoAccountToken),
        body: { Name: "New" }
      })
      const token = /"ApiTokens":\["([^"]*)"\]/.exec(made.text)?.[1] ?? ""
      assert.match(token, /^[0-9a-f-]{36}$/)
      assert.strictEqual((yield* call("GET", "/server", { token })).json?.["Name"], "New")
      const wrong = yield* call("GET", "/servers?count=1&offset=0", account(token))
      assert.strictEqual(wrong.json?.["Message"], "Request does not contain a valid Account token.")
    }))
    assert.deepStrictEqual(lines, [])
  }).pipe(Effect.provide(layerDouble())))

it.effect("takes any token if it is told to", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const other = real.replace("0", "1")
    yield* double.addServer({ token: other, name: "Other" })
    assert.strictEqual((yield* call("GET", "/server", { token: real })).json?.["Name"], "Real")
    assert.strictEqual((yield* call("GET", "/server", { token: other })).json?.["Name"], "Other")
    const { lines, value } = yield* logged(call("GET", "/server", { token: real.replace("0", "2") }))
    assert.strictEqual(value.json?.["Message"], "Request does not contain a valid Server token.")
    assert.deepStrictEqual(lines, [])
  }).pipe(Effect.provide(layerDouble({
    allowRealLookingTokens: true,
    accountToken: real.replace("0", "3"),
    servers: [{ token: real, name: "Real" }]
  }))))
