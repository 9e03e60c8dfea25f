/** A day of webhooks that fail in every way, on each ladder: what is posted when, as a snapshot to be read. */
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import * as RetryLadder from "@effect-postmark/test-double/RetryLadder"
import { type WebhookPost, WebhookPostError } from "@effect-postmark/test-double/WebhookSender"
import { assert, expect, it } from "@effect/vitest"
import { Array, Effect, TestClock } from "effect"
import { call, layerDouble, send } from "./kit.ts"

/** What a receiver does with one post; null is a receiver that takes the call and never answers. */
type Behaviour = number | "refused" | null

/** Each receiver has a server of its own, and does these things in turn, the last one for ever. */
const receivers: Readonly<Record<string, ReadonlyArray<Behaviour>>> = {
  "is down all day": ["refused"],
  "recovers": [503, 429, null, "refused", 200],
  "knows nothing": [404],
  "forbids it": [403],
  "accepts without a word": [204]
}

interface Try {
  readonly at: number
  readonly behaviour: Behaviour
  readonly post: WebhookPost
}

const start = Date.UTC(2026, 8, 30, 6)

const triggers = ["Delivery", "Bounce", "Open", "Click", "SpamComplaint", "SubscriptionChange"]

const nameOf = (token: string) => Object.keys(receivers)[Number(token.slice(1))] ?? ""

/** The same day for every server: something of each kind happens, a minute after the other. */
const day = (token: string) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("POST", "/webhooks", {
      token,
      body: {
        Url: `http://localhost/${token}`,
        Triggers: Object.fromEntries(triggers.map((name) => [name, { Enabled: true }]))
      }
    })
    const id = yield* send({
      To: "ann@example.com, bob@example.com",
      HtmlBody: "<a href=\"https://example.org/\">x</a>",
      TrackOpens: true,
      TrackLinks: "HtmlOnly",
      Tag: "day"
    }, token)
    const events = [
      double.deliver(id, "ann@example.com"),
      double.bounce(id, "bob@example.com", { type: "SoftBounce" }),
      double.open(id, "ann@example.com"),
      double.click(id, "ann@example.com"),
      double.spamComplaint(id, "ann@example.com"),
      double.receiveInbound({ from: "carol@example.com", subject: "Re", textBody: "hi" }, token)
    ]
    for (const event of events) {
      yield* event
      yield* TestClock.adjust("1 minute")
    }
  })

const runDay = (retryLadder: RetryLadder.RetryLadder) =>
  Effect.gen(function*() {
    const tries: Array<Try> = []
    const servers = Object.keys(receivers).map((_, index) => ({
      token: `s${index}`,
      inboundHookUrl: `http://localhost/s${index}`
    }))
    const webhookSender = (post: WebhookPost) =>
      Effect.gen(function*() {
        const at = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const before = tries.filter((other) => sameEvent(other.post, post)).length
        const script = receivers[nameOf(tokenOf(post))] ?? []
        const behaviour = script[Math.min(before, script.length - 1)] ?? null
        tries.push({ at, behaviour, post })
        if (behaviour === null) return yield* Effect.never
        if (behaviour === "refused") return yield* new WebhookPostError({ message: "connection refused" })
        return behaviour
      })
    return yield* Effect.gen(function*() {
      yield* TestClock.setTime(start)
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* Effect.forEach(servers, ({ token }) => day(token))
      yield* TestClock.adjust("1 day")
      yield* double.settled
      return { tries, attempts: yield* double.webhookAttempts }
    }).pipe(Effect.provide(layerDouble({ autoDeliver: false, retryLadder, servers, webhookSender })))
  })

const tokenOf = ({ url }: WebhookPost) => new URL(url).pathname.slice(1)

const traceOf = ({ headers }: WebhookPost) => headers["X-PM-Webhook-Trace-Id"]

/** Inbound mail is posted without a trace id, and every server gets one. */
const sameEvent = (a: WebhookPost, b: WebhookPost) => a.url === b.url && traceOf(a) === traceOf(b)

const typeOf = ({ body }: WebhookPost): string => JSON.parse(body).RecordType ?? "Inbound"

/** Ids as names, in the order of their appearance in the text, so that the eye sees which are the same. */
const named = (text: string): string => {
  const names = new Map<string, string>()
  const kinds: ReadonlyArray<readonly [kind: string, pattern: RegExp]> = [
    ["trace", /(?<=trace )[0-9a-f-]{36}\b/g],
    ["event", /(?<=event )[0-9a-f-]{36}\b/g],
    ["message", /\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g],
    ["queued", /(?<=queued as )[0-9A-F]{8}\b/g]
  ]
  return kinds.reduce((text, [kind, pattern]) => {
    const count = () => [...names.values()].filter((name) => name.startsWith(`<${kind} `)).length
    return text.replaceAll(pattern, (id) => {
      const name = names.get(id) ?? `<${kind} ${count() + 1}>`
      names.set(id, name)
      return name
    })
  }, text)
}

const clockTime = (at: number) => {
  const days = Math.floor((at - Date.UTC(2026, 8, 30)) / 86_400_000)
  return `${days > 0 ? `+${days} ` : ""}${new Date(at).toISOString().slice(11, 23)}`
}

const since = (millis: number) => {
  const minutes = Math.floor(millis / 60_000)
  return `${String(minutes).padStart(4)} min ${String((millis % 60_000) / 1000).padStart(2)} s`
}

const outcome = (behaviour: Behaviour) =>
  behaviour === "refused" ? "no connection" : behaviour === null ? "no answer" : `status ${behaviour}`

/** One event at one receiver: what is posted, once, and when it is tried. */
const renderEvent = (tries: ReadonlyArray<Try>): string => {
  const [first] = tries
  if (first === undefined) return ""
  const { body, headers } = first.post
  assert.strictEqual(new Set(tries.map(({ post }) => post.body)).size, 1)
  assert.strictEqual(new Set(tries.map(({ post }) => post.headers["X-PM-Webhook-Event-Id"])).size, 1)
  const ids = traceOf(first.post) === undefined
    ? "without ids"
    : `trace ${traceOf(first.post)}, event ${headers["X-PM-Webhook-Event-Id"]}`
  return [
    `  ${typeOf(first.post)} (${ids})`,
    `    ${body}`,
    ...tries.map(({ at, behaviour, post }, index) =>
      [
        `    ${String(index + 1).padStart(2)}. ${clockTime(at)}`,
        `after ${since(at - (tries[index - 1]?.at ?? at))}`,
        `retries remaining ${post.headers["X-PM-Retries-Remaining"] ?? "-"}`,
        outcome(behaviour)
      ].join(", ")
    )
  ].join("\n")
}

const render = (tries: ReadonlyArray<Try>): string =>
  named(
    Object.keys(receivers).map((receiver, index) => {
      const own = tries.filter(({ post }) => tokenOf(post) === `s${index}`)
      const events = Object.values(Array.groupBy(own, ({ post }) => `${typeOf(post)} ${traceOf(post)}`))
        .sort(([a], [b]) => a.at - b.at)
      return [`A receiver that ${receiver}`, ...events.map(renderEvent)].join("\n\n")
    }).join("\n\n\n")
  )

for (const ladder of RetryLadder.names) {
  it.effect(`a day on the ladder ${ladder}`, () =>
    Effect.gen(function*() {
      const { attempts, tries } = yield* runDay(ladder)
      // The double's own log tells the same.
      const posted = tries.map(({ at, behaviour, post }) =>
        [
          new Date(at).toISOString(),
          post.url,
          typeOf(post),
          typeof behaviour === "number" ? behaviour : undefined,
          post.headers["X-PM-Retries-Remaining"]
        ].join(" ")
      )
      const logged = attempts.map(({ at, recordType, retriesRemaining, status, url }) =>
        [at, url, recordType, status, recordType === "Inbound" ? undefined : retriesRemaining].join(" ")
      )
      assert.deepStrictEqual(logged.sort(), posted.sort())
      yield* Effect.promise(() => expect(`${render(tries)}\n`).toMatchFileSnapshot(`snapshots/retries-${ladder}.txt`))
    }), 60_000)
}
