/** Runs a scenario of one of our clients' methods against a double of its own, in process. */
import { AccountClient, PostmarkClient, type PostmarkError, RetryPolicy } from "@effect-postmark/core"
import type { Control, ControlError } from "@effect-postmark/test-double/Control"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert } from "@effect/vitest"
import { Effect, Predicate, Redacted, TestClock } from "effect"
import { layerDouble } from "../../kit.ts"

export interface World {
  readonly double: Control
  readonly server: PostmarkClient.Service
  readonly account: AccountClient.Service
}

/** Nothing but the answers it expects; every request that it makes must be answered with 200. */
export type Scenario = (world: World) => Effect.Effect<void, PostmarkError.PostmarkError | ControlError>

/** By the path of the method that a scenario is about, such as `bounces.list`. */
export type Scenarios = Readonly<Record<string, Scenario>>

/** An inbound hook that refuses every mail for good; every other receiver takes what it is given. */
export const refusingHook = "https://hooks.example.com/refusing"

export const hook = "https://hooks.example.com/taking"

/** The day, in Eastern Time, on which every scenario happens. */
export const today = "2026-09-30"

/** The id of the first bounce, which no number of JavaScript can hold. */
export const unsafeBounceId = 4_323_372_036_854_775_807n

const Double = layerDouble({
  autoDeliver: false,
  firstBounceId: unsafeBounceId,
  webhookHosts: ["hooks.example.com"],
  webhookSender: ({ url }) => Effect.succeed(url === refusingHook ? 403 : 200)
})

/** The scenario of a method, which has to call it. */
export const run = (path: string, scenario: Scenario | undefined) =>
  Effect.gen(function*() {
    if (scenario === undefined) return assert.fail(`${path} has no scenario`)
    yield* TestClock.setTime(Date.parse(`${today}T16:00:00Z`))
    const double = yield* PostmarkDouble.PostmarkDouble
    const called = new Set<string>()
    const server = yield* PostmarkClient.make({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) })
    const account = yield* AccountClient.make({ accountToken: Redacted.make(PostmarkDouble.demoAccountToken) })
    yield* scenario({ double, server: recording(server, called), account: recording(account, called) })
    assert.isTrue(called.has(path), `the scenario of ${path} does not call it`)
    const requests = yield* double.requests
    assert.isAbove(requests.length, 0)
    assert.deepStrictEqual(requests.filter(({ status }) => status !== 200), [])
  }).pipe(RetryPolicy.withRetryPolicy(RetryPolicy.none), Effect.provide(Double))

export const email = {
  from: "Shop <shop@example.org>",
  to: "ann@example.com",
  subject: "Receipt",
  textBody: "Thanks."
}

export const shop = "https://shop.example.org/orders"

export const trackedEmail = {
  ...email,
  htmlBody: `<p><a href="${shop}">your orders</a></p>`,
  textBody: `Your orders: ${shop}`,
  trackOpens: true,
  trackLinks: "HtmlAndText"
} as const

export const appleMail = {
  client: { Name: "Apple Mail 16.0", Company: "Apple Inc.", Family: "Apple Mail" },
  os: { Name: "macOS 14", Company: "Apple Inc.", Family: "macOS" },
  platform: "Desktop",
  geo: { CountryISOCode: "NL", Country: "Netherlands", City: "Amsterdam", IP: "203.0.113.44" },
  readSeconds: 5
}

export const firefox = {
  client: { Name: "Firefox 130.0", Company: "Mozilla Foundation", Family: "Firefox" },
  os: { Name: "Android 14", Company: "Google", Family: "Android" },
  platform: "Mobile",
  readSeconds: 25
}

/** The paths of all methods of both clients; a method that a client has twice counts where its resource has it. */
export const methodPaths = Effect.gen(function*() {
  const server = yield* PostmarkClient.make({ serverToken: Redacted.make("s") })
  const account = yield* AccountClient.make({ accountToken: Redacted.make("a") })
  return [server, account].flatMap((client) => {
    const all = pathsIn(client)
    const ofResources = new Set(all.filter(([path]) => path.includes(".")).map(([, method]) => method))
    return all.filter(([path, method]) => path.includes(".") || !ofResources.has(method)).map(([path]) => path)
  })
}).pipe(Effect.provide(Double))

const pathsIn = (client: object, prefix = ""): ReadonlyArray<readonly [path: string, method: unknown]> =>
  Object.entries(client).flatMap(([key, value]: [string, unknown]) =>
    Predicate.isRecord(value) && !Effect.isEffect(value)
      ? pathsIn(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as const]
  )

/** The client, which notes the path of each method that is called and of each effect that is taken. */
const recording = <A extends object>(client: A, called: Set<string>, prefix = ""): A =>
  new Proxy(client, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof key !== "string") return value
      const path = prefix + key
      if (Effect.isEffect(value)) called.add(path)
      else if (Predicate.isFunction(value)) {
        return (...parameters: ReadonlyArray<unknown>) => {
          called.add(path)
          return Reflect.apply(value, target, parameters)
        }
      } else if (Predicate.isRecord(value)) return recording(value, called, `${path}.`)
      return value
    }
  })
