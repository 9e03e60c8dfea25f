import { type Control, type Fault, PostmarkDouble, Script } from "@effect-postmark/test-double"
import { assert, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { call, layerDouble } from "./kit.ts"

/** One thing that a client, a recipient, a fault or the clock does. `pick` chooses among the messages there are. */
type Command =
  | { readonly kind: "send"; readonly to: ReadonlyArray<string>; readonly stream: string; readonly tracked: boolean }
  | { readonly kind: "batch"; readonly to: ReadonlyArray<string>; readonly stream: string }
  | { readonly kind: "advance"; readonly millis: number }
  | { readonly kind: "direct"; readonly step: Script.Step; readonly pick: number }
  | { readonly kind: "suppress" | "reactivate"; readonly to: string; readonly stream: string }
  | { readonly kind: "activate"; readonly pick: number }
  | { readonly kind: "script"; readonly script: Script.Script }
  | { readonly kind: "fault"; readonly fault: Fault.Fault; readonly nth: number }

const streams = ["outbound", "broadcast"]
const addresses = [
  "ann@example.com",
  "bob@example.com",
  "carol@example.org",
  "hardbounce@bounce-testing.postmarkapp.com",
  "softbounce@bounce-testing.postmarkapp.com",
  "not an address"
]

const address = FastCheck.constantFrom(...addresses)
const stream = FastCheck.constantFrom(...streams)
const after = FastCheck.constantFrom(0, 20, 50, 3_000)
const step: FastCheck.Arbitrary<Script.Step> = FastCheck.oneof(
  after.map((after) => Script.deliver({ after })),
  FastCheck.tuple(after, FastCheck.constantFrom("HardBounce" as const, "SoftBounce" as const, "SpamComplaint" as const))
    .map(([after, type]) => Script.bounce({ after, type })),
  after.map((after) => Script.open({ after, reader: "gmail" })),
  after.map((after) => Script.click({ after })),
  after.map((after) => Script.spamComplaint({ after })),
  after.map((after) => Script.unsubscribe({ after }))
)
const fault: FastCheck.Arbitrary<Fault.Fault> = FastCheck.constantFrom(
  { kind: "rateLimit" },
  { kind: "status", status: 500 },
  { kind: "resetBeforeReading" },
  { kind: "resetAfterAcceptance" },
  { kind: "closeAfterAcceptance" },
  { kind: "truncate", length: 5 },
  { kind: "body", body: "<html>", accept: true }
)
const command: FastCheck.Arbitrary<Command> = FastCheck.oneof(
  {
    weight: 4,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("send" as const),
      to: FastCheck.uniqueArray(address, { maxLength: 3 }),
      stream,
      tracked: FastCheck.boolean()
    })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("batch" as const),
      to: FastCheck.array(address, { maxLength: 4 }),
      stream
    })
  },
  {
    weight: 4,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("advance" as const),
      millis: FastCheck.constantFrom(1, 49, 50, 1_000, 90_000, 86_400_000)
    })
  },
  {
    weight: 4,
    arbitrary: FastCheck.record({ kind: FastCheck.constant("direct" as const), step, pick: FastCheck.nat() })
  },
  FastCheck.record({ kind: FastCheck.constantFrom("suppress" as const, "reactivate" as const), to: address, stream }),
  FastCheck.record({ kind: FastCheck.constant("activate" as const), pick: FastCheck.nat() }),
  FastCheck.record({
    kind: FastCheck.constant("script" as const),
    script: FastCheck.tuple(address, FastCheck.array(step, { maxLength: 4 })).map(([to, steps]) =>
      Script.forRecipient(to, ...steps)
    )
  }),
  FastCheck.record({ kind: FastCheck.constant("fault" as const), fault, nth: FastCheck.integer({ min: 1, max: 3 }) })
)

const html = (tracked: boolean) =>
  tracked
    ? { HtmlBody: "<a href=\"https://shop.example/\">x</a>", TrackOpens: true, TrackLinks: "HtmlAndText" }
    : { TextBody: "x" }

const pickOf = <A>(items: ReadonlyArray<A>, pick: number): A | undefined => items[pick % Math.max(1, items.length)]

const run = (double: Control.Control, command: Command) => {
  switch (command.kind) {
    case "send":
      return post("/email", {
        From: "shop@example.org",
        To: command.to.join(", "),
        MessageStream: command.stream,
        ...html(command.tracked)
      })
    case "batch":
      return post(
        "/email/batch",
        command.to.map((To) => ({ From: "shop@example.org", To, MessageStream: command.stream, ...html(true) }))
      )
    case "advance":
      return double.clock.advance(command.millis)
    case "direct":
      return Effect.gen(function*() {
        const message = pickOf(yield* double.sent, command.pick)
        const recipient = pickOf(message?.recipients ?? [], command.pick)
        if (message === undefined || recipient === undefined) return
        yield* Effect.ignore(direct(double, message.messageId, recipient, command.step))
      })
    case "suppress":
      return post(`/message-streams/${command.stream}/suppressions`, { Suppressions: [{ EmailAddress: command.to }] })
    case "reactivate":
      return post(`/message-streams/${command.stream}/suppressions/delete`, {
        Suppressions: [{ EmailAddress: command.to }]
      })
    case "activate":
      return Effect.gen(function*() {
        const { json } = yield* call("GET", "/bounces?count=500&offset=0")
        const ids = JSON.stringify(json).match(/"ID":\d+/g) ?? []
        const id = pickOf(ids, command.pick)?.slice(5)
        if (id !== undefined) yield* call("PUT", `/bounces/${id}/activate`, { body: {} })
      })
    case "script":
      return double.addScript(command.script)
    case "fault":
      return double.injectFault({ method: "POST", path: "/email*", nth: command.nth, fault: command.fault })
  }
}

const direct = (double: Control.Control, messageId: string, recipient: string, step: Script.Step) => {
  switch (step.kind) {
    case "bounce":
      return double.bounce(messageId, recipient, step)
    case "open":
      return double.open(messageId, recipient, step.reader)
    case "click":
      return double.click(messageId, recipient)
    default:
      return double[step.kind](messageId, recipient)
  }
}

const post = (path: string, body: unknown) => Effect.ignore(call("POST", path, { body }))

interface Post {
  readonly RecordType: string
  readonly Recipient?: string
  readonly Email?: string
  readonly MessageStream: string
  readonly SuppressSending?: boolean
}

const check = Effect.fnUntraced(function*(double: Control.Control, posts: ReadonlyArray<Post>) {
  const sent = yield* double.sent
  const events = sent.flatMap((message) => message.events.map((event) => ({ ...event, message })))
  const count = (type: string) => events.filter((event) => event.type === type).length
  const reached = sent.reduce((sum, { inactive, recipients }) => sum + recipients.length - inactive.length, 0)

  // Statistics are what happened.
  const stats = (yield* call("GET", "/stats/outbound")).json ?? {}
  const complaints = posts.filter(({ RecordType }) => RecordType === "SpamComplaint").length
  assert.deepInclude(stats, {
    Sent: reached,
    Bounced: count("Bounced"),
    SpamComplaints: complaints,
    Opens: count("Opened"),
    TotalClicks: count("LinkClicked")
  })
  const days = (yield* call("GET", "/stats/outbound/sends")).json ?? {}
  assert.strictEqual(days["Sent"] ?? 0, reached)

  // Totals add up: over the streams, and from page to page.
  let total = 0
  for (const stream of streams) {
    const answer = yield* call("GET", `/messages/outbound?count=500&offset=0&messagestream=${stream}`)
    const found = sent.filter((message) => message.stream === stream)
    assert.strictEqual(answer.json?.["TotalCount"], found.length)
    total += found.length
  }
  assert.strictEqual(total, sent.length)
  let bounces = 0
  for (const stream of streams) {
    bounces += Number((yield* call("GET", `/bounces?count=1&offset=0&messagestream=${stream}`)).json?.["TotalCount"])
  }
  assert.strictEqual(bounces, count("Bounced") + complaints)

  // Nothing happens to whom nothing was sent, and nobody gets a message twice.
  for (const message of sent) {
    const delivered = message.events.filter(({ type }) => type === "Delivered").map(({ recipient }) => recipient)
    assert.strictEqual(new Set(delivered).size, delivered.length)
    for (const { recipient, type } of message.events) {
      assert.include(message.recipients, recipient)
      assert.notInclude(message.inactive, recipient.toLowerCase())
      if (type === "Opened") assert.isTrue(message.trackOpens && message.htmlBody !== undefined)
    }
  }

  // Each event was posted, in its order, and a suppressed address is never delivered to.
  const webhooks = { Delivered: "Delivery", Bounced: "Bounce", Opened: "Open", LinkClicked: "Click" }
  for (const [type, record] of Object.entries(webhooks)) {
    assert.strictEqual(posts.filter(({ RecordType }) => RecordType === record).length, count(type), record)
  }
  const suppressed = new Set<string>()
  for (const { MessageStream, Recipient = "", RecordType, SuppressSending } of posts) {
    const key = `${MessageStream} ${Recipient}`
    if (RecordType === "SubscriptionChange") {
      if (SuppressSending === true) suppressed.add(key)
      else suppressed.delete(key)
    } else if (RecordType === "Delivery") assert.isFalse(suppressed.has(key), key)
  }
  for (const stream of streams) {
    const dump = (yield* call("GET", `/message-streams/${stream}/suppressions/dump`)).text
    const listed = [...dump.matchAll(/"EmailAddress":"([^"]*)"/g)].map(([, email]) => `${stream} ${email}`)
    assert.sameMembers(listed, [...suppressed].filter((key) => key.startsWith(stream)))
  }
})

it.effect.prop(
  "whatever is called, whatever fails and however the clock goes, the state is one that Postmark could reach",
  [FastCheck.array(command, { minLength: 5, maxLength: 40 })],
  ([commands]) => {
    const posts: Array<Post> = []
    return Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      for (const command of commands) {
        yield* run(double, command)
        yield* double.settled
        yield* check(double, posts)
      }
    }).pipe(Effect.provide(layerDouble({
      paused: true,
      startTime: "2026-09-30T16:04:08Z",
      servers: [{
        token: PostmarkDouble.demoServerToken,
        webhooks: streams.map((stream) => ({
          stream,
          url: "http://localhost/",
          triggers: ["Open", "Click", "Delivery", "Bounce", "SpamComplaint", "SubscriptionChange"] as const
        }))
      }],
      webhookSender: ({ body }) => Effect.sync(() => (posts.push(JSON.parse(body)), 200))
    })))
  },
  { fastCheck: { numRuns: 60 }, timeout: 60_000 }
)
