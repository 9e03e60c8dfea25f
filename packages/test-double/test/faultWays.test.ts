/** Every fault, through each of the three ways into the double: what the client sees, and what was done. */
import * as Fault from "@effect-postmark/test-double/Fault"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { call, mail } from "./kit.ts"

interface Row {
  readonly fault: Fault.Fault
  readonly seen: string
  /** How many of the messages are taken. */
  readonly taken: number
  readonly headers?: Readonly<Record<string, string>>
  readonly batch?: number
}

const page = "<html>oops</html>"

const rows: Readonly<Record<string, Row>> = {
  "status": { fault: Fault.status(503), seen: "503 code 100", taken: 0 },
  "status with a text": { fault: Fault.status(502, { body: page }), seen: `502 ${page}`, taken: 0 },
  "status with JSON and headers": {
    fault: Fault.status(422, { body: { ErrorCode: 300, Message: "m" }, headers: { "X-Y": "z" } }),
    seen: "422 code 300",
    taken: 0,
    headers: { "x-y": "z" }
  },
  "status without a body": { fault: Fault.status(204), seen: "204 ", taken: 0 },
  "rateLimit": { fault: Fault.rateLimit(), seen: "429 code 429", taken: 0 },
  "rateLimit with Retry-After": {
    fault: Fault.rateLimit({ retryAfter: 3 }),
    seen: "429 code 429",
    taken: 0,
    headers: { "retry-after": "3" }
  },
  "latency": { fault: Fault.latency("5 millis"), seen: "200 accepted", taken: 1 },
  "latency after": { fault: Fault.latency("5 millis", { phase: "after" }), seen: "200 accepted", taken: 1 },
  "resetBeforeReading": { fault: Fault.resetBeforeReading, seen: "broken", taken: 0 },
  "resetAfterAcceptance": { fault: Fault.resetAfterAcceptance, seen: "broken", taken: 1 },
  "closeAfterAcceptance": { fault: Fault.closeAfterAcceptance, seen: "broken", taken: 1 },
  "body": {
    fault: Fault.body("{}", { status: 500, contentType: "text/plain" }),
    seen: "500 {}",
    taken: 0,
    headers: { "content-type": "text/plain" }
  },
  "emptyBody": { fault: Fault.emptyBody({ accept: true }), seen: "200 ", taken: 1 },
  "html": {
    fault: Fault.html("oops", { status: 403 }),
    seen: "403 oops",
    taken: 0,
    headers: { "content-type": "text/html" }
  },
  "truncate": { fault: Fault.truncate(7), seen: "200 {\"To\":\"", taken: 1 },
  "truncate to nothing": { fault: Fault.truncate(0), seen: "200 ", taken: 1 },
  "cutShort": { fault: Fault.cutShort(7), seen: "broken", taken: 1 },
  "cutShort at once": { fault: Fault.cutShort(0), seen: "broken", taken: 1 },
  "cutShort by a reset": { fault: Fault.cutShort(7, { end: "reset" }), seen: "broken", taken: 1 },
  "slowBody": { fault: Fault.slowBody(4, "2 millis"), seen: "200 accepted", taken: 1 },
  "slowBody in more pieces than bytes": { fault: Fault.slowBody(10_000, 0), seen: "200 accepted", taken: 1 },
  "slowBody of a batch": { fault: Fault.slowBody(3, "1 millis"), seen: "200 list of 3", taken: 3, batch: 3 },
  "redirect": {
    fault: Fault.redirect("https://elsewhere.example/"),
    seen: "302 ",
    taken: 0,
    headers: { location: "https://elsewhere.example/" }
  },
  "redirect after acceptance": {
    fault: Fault.redirect("/elsewhere", { status: 308, accept: true }),
    seen: "308 ",
    taken: 1,
    headers: { location: "/elsewhere" }
  },
  "batchLength, one too few": { fault: Fault.batchLength(-1), seen: "200 list of 2", taken: 3, batch: 3 },
  "batchLength, none left": { fault: Fault.batchLength(-9), seen: "200 list of 0", taken: 3, batch: 3 },
  "batchLength, two too many": { fault: Fault.batchLength(2), seen: "200 list of 5", taken: 3, batch: 3 },
  "batchLength of an empty list": { fault: Fault.batchLength(2), seen: "200 list of 0", taken: 0, batch: 0 },
  "batchLength of no list": { fault: Fault.batchLength(2), seen: "200 accepted", taken: 1 }
}

interface Seen {
  readonly status: number
  readonly text: string
  readonly header: (name: string) => string | undefined
}

type Post = (path: string, body: unknown) => Effect.Effect<Seen, unknown>

const posting = (fetch: typeof globalThis.fetch, base: string): Post => (path, body) =>
  Effect.tryPromise(async (signal) => {
    const response = await fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
      body: JSON.stringify(body),
      redirect: "manual",
      signal
    })
    const text = await response.text()
    return { status: response.status, text, header: (name) => response.headers.get(name) ?? undefined }
  })

const ways = {
  "in process": Effect.map(
    Effect.context<Effect.Effect.Context<ReturnType<typeof call>>>(),
    (context): Post => (path, body) =>
      Effect.map(
        Effect.provide(call("POST", path, { body }), context),
        ({ headers, status, text }) => ({ status, text, header: (name) => headers[name] })
      )
  ),
  "fetch": Effect.map(PostmarkDouble.fetch, (fetch) => posting(fetch, "https://api.postmarkapp.com")),
  "a socket": Effect.map(NodePostmarkDouble.NodePostmarkDouble, ({ url }) => posting(globalThis.fetch, url))
}

const describeAnswer = ({ status, text }: Seen): string => {
  const [, id] = /"MessageID":"([^"]*)"/.exec(text) ?? []
  const [, code] = /"ErrorCode":(\d+)/.exec(text) ?? []
  if (/^\[.*\]$/.test(text)) return `${status} list of ${JSON.parse(text).length}`
  if (text.endsWith("}") && id !== undefined) return `${status} accepted`
  return code !== undefined ? `${status} code ${code}` : `${status} ${text}`
}

const layer = Layer.mergeAll(PostmarkDouble.layerHttpClient, NodePostmarkDouble.layerServer({ port: 0 })).pipe(
  Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false }))
)

for (const [way, make] of Object.entries(ways)) {
  describe(way, () => {
    for (const [name, { batch, fault, headers = {}, seen, taken }] of Object.entries(rows)) {
      it.scopedLive(name, () =>
        Effect.gen(function*() {
          const double = yield* PostmarkDouble.PostmarkDouble
          const post = yield* make
          yield* double.injectFault(Fault.rule({ method: "POST", path: "/email*", nth: 1 }, fault))
          const answer = yield* Effect.option(
            batch === undefined
              ? post("/email", mail)
              : post("/email/batch", Array.from({ length: batch }, () => mail))
          )
          assert.strictEqual(answer._tag === "None" ? "broken" : describeAnswer(answer.value), seen)
          for (const [header, value] of Object.entries(headers)) {
            assert.strictEqual(answer._tag === "None" ? "broken" : answer.value.header(header), value)
          }
          assert.strictEqual((yield* double.sent).length, taken)
          assert.strictEqual(describeAnswer(yield* post("/email", mail)), "200 accepted")
          assert.strictEqual((yield* double.sent).length, taken + 1)
        }).pipe(Effect.provide(layer)))
    }
  })
}

describe("a fetch that follows redirects", () => {
  const hops = [
    [301, "GET /server", "200", 0],
    [302, "GET /server", "200", 0],
    [303, "GET /server", "200", 0],
    [307, "POST /email", "200", 1],
    [308, "POST /email", "200", 1]
  ] as const
  for (const [status, line, final, taken] of hops) {
    it.scopedLive(`${status}, in the double as over a socket`, () =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
        const [, path = ""] = line.split(" ")
        yield* double.injectFault(Fault.rule({ nth: 1 }, Fault.redirect(path, { status })))
        yield* double.injectFault(Fault.rule({ nth: 3 }, Fault.redirect(path, { status })))
        const inDouble = yield* PostmarkDouble.fetch
        for (const [fetch, base] of [[inDouble, "https://api.postmarkapp.com"], [globalThis.fetch, url]] as const) {
          const response = yield* Effect.promise(() => postMail(fetch, base))
          assert.strictEqual(String(response.status), final)
        }
        const lines = (yield* double.requests).map(({ method, path }) => `${method} ${path}`)
        assert.deepStrictEqual(lines, ["POST /email", line, "POST /email", line])
        assert.strictEqual((yield* double.sent).length, taken * 2)
      }).pipe(Effect.provide(layer)))
  }

  it.scopedLive("gives up where fetch does", () =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
      const inDouble = yield* PostmarkDouble.fetch
      const locations = [["/email", 21], ["http://%", 1], ["mailto:ann@example.com", 1]] as const
      for (const [location, requests] of locations) {
        yield* double.reset
        yield* double.injectFault(Fault.rule({}, Fault.redirect(location, { status: 307 })))
        for (const [fetch, base] of [[inDouble, "https://api.postmarkapp.com"], [globalThis.fetch, url]] as const) {
          const before = (yield* double.requests).length
          const error = yield* Effect.promise(() => postMail(fetch, base).catch((error: unknown) => error))
          assert.instanceOf(error, TypeError)
          assert.strictEqual((yield* double.requests).length - before, requests, location)
        }
      }
      yield* double.reset
      yield* double.injectFault(Fault.rule({}, Fault.redirect("/server")))
      for (const [fetch, base] of [[inDouble, "https://api.postmarkapp.com"], [globalThis.fetch, url]] as const) {
        const error = yield* Effect.promise(() => postMail(fetch, base, "error").catch((error: unknown) => error))
        assert.instanceOf(error, TypeError)
      }
    }).pipe(Effect.provide(layer)))
})

const postMail = (fetch: typeof globalThis.fetch, base: string, redirect: "follow" | "error" = "follow") =>
  fetch(`${base}/email`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
    body: JSON.stringify(mail),
    redirect
  })
