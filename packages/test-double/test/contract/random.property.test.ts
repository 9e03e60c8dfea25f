/** Whatever is called, in whatever order: the same seed and the same calls give the same bytes. */
import { assert, it } from "@effect/vitest"
import { Effect, FastCheck, TestClock } from "effect"
import { mail } from "./case.ts"
import { type CallOptions, makeWorld, type Method, transcript, type Way, ways, type World } from "./wire.ts"

/** `{message}` and `{webhook}` in a path stand for an id that the run has met, or for one that nobody knows. */
interface Step {
  readonly method: Method
  readonly path: string
  readonly options: CallOptions
  readonly pick: number
  /** How long the clock goes on afterwards, in milliseconds. */
  readonly pause: number
  readonly control: "nothing" | "open" | "bounce" | "spamComplaint" | "suppress" | "inbound" | "rateLimit" | "reset"
}

const fields = FastCheck.record({
  To: FastCheck.constantFrom(
    "ann@example.com",
    "Bob <bob@example.com>",
    "hardbounce@bounce-testing.postmarkapp.com",
    "no"
  ),
  Tag: FastCheck.constantFrom("a", "b", ""),
  HtmlBody: FastCheck.constantFrom("<p>x</p>", "<a href='https://example.org/'>Grüße</a>"),
  TrackOpens: FastCheck.boolean(),
  TrackLinks: FastCheck.constantFrom("None", "HtmlOnly"),
  MessageStream: FastCheck.constantFrom("outbound", "outbound", "broadcast", "nope"),
  Metadata: FastCheck.dictionary(FastCheck.constantFrom("k", "order"), FastCheck.string({ maxLength: 5 }))
})

const webhook = {
  Url: "http://localhost/hooks",
  Triggers: { Open: { Enabled: true }, Delivery: { Enabled: true }, Bounce: { Enabled: true } }
}

const page = "count=5&offset=0"

type Call = Pick<Step, "method" | "path" | "options">

const post = (path: string, body: unknown, account = false): Call => ({
  method: "POST",
  path,
  options: { body, account }
})

const calls: FastCheck.Arbitrary<Call> = FastCheck.oneof(
  { weight: 4, arbitrary: fields.map((message) => post("/email", { ...mail, ...message })) },
  {
    weight: 2,
    arbitrary: FastCheck.array(fields, { maxLength: 4 }).map((messages) =>
      post("/email/batch", messages.map((message) => ({ ...mail, ...message })))
    )
  },
  FastCheck.constantFrom<Array<Call>>(
    post("/templates", { Name: "T", Alias: "t", Subject: "Hi {{name}}", TextBody: "t" }),
    post("/email/withTemplate", {
      ...mail,
      Subject: undefined,
      TextBody: undefined,
      TemplateAlias: "t",
      TemplateModel: { name: "A" }
    }),
    post("/webhooks", webhook),
    post("/message-streams", { ID: "news", Name: "News", MessageStreamType: "Broadcasts" }),
    post("/message-streams/outbound/suppressions", { Suppressions: [{ EmailAddress: "bob@example.com" }] }),
    post("/servers", { Name: "Two" }, true),
    post("/domains", { Name: "example.org" }, true),
    post("/email", "{"),
    { method: "PUT", path: "/server", options: { body: { TrackOpens: true } } },
    { method: "PUT", path: "/webhooks/{webhook}", options: { body: { Url: "http://localhost/other" } } },
    { method: "DELETE", path: "/webhooks/{webhook}", options: {} }
  ),
  FastCheck.constantFrom(
    `/messages/outbound?${page}`,
    `/messages/outbound/opens?${page}`,
    `/messages/inbound?${page}`,
    "/messages/outbound/{message}/details",
    "/messages/outbound/{message}/dump",
    "/stats/outbound",
    "/deliverystats",
    `/bounces?${page}`,
    "/message-streams/outbound/suppressions/dump",
    "/webhooks/{webhook}/statistics",
    "/server",
    "/nothing"
  ).map((path): Call => ({ method: "GET", path, options: {} }))
)

const step: FastCheck.Arbitrary<Step> = FastCheck.tuple(
  calls,
  FastCheck.record({
    pick: FastCheck.nat(20),
    pause: FastCheck.constantFrom(0, 0, 1, 50, 60_000, 600_000),
    control: FastCheck.constantFrom<Array<Step["control"]>>(
      "nothing",
      "nothing",
      "nothing",
      "open",
      "bounce",
      "spamComplaint",
      "suppress",
      "inbound",
      "rateLimit",
      "reset"
    )
  })
).map(([call, rest]) => ({ ...call, ...rest }))

const direct = ({ double, receiver }: World, { control, pick }: Step, id: string) => {
  receiver.status = pick % 3 === 0 ? 503 : 200
  switch (control) {
    case "open":
    case "bounce":
    case "spamComplaint":
      return double[control](id, "ann@example.com")
    case "suppress":
      return double.suppress("ann@example.com")
    case "inbound":
      return double.receiveInbound({ from: "carol@example.com" })
    case "rateLimit":
      return double.injectFault({ nth: 1 + pick % 2, fault: { kind: "rateLimit" } })
    case "reset":
      return pick === 0 ? double.reset : Effect.void
    case "nothing":
      return Effect.void
  }
}

/** Everything that can be seen of a run. */
const run = (way: Way, seed: string, steps: ReadonlyArray<Step>) =>
  Effect.scoped(Effect.gen(function*() {
    const world = yield* makeWorld(way, { seed })
    const wishes: Array<unknown> = []
    for (const item of steps) {
      const messages = (yield* world.double.sent).map(({ messageId }) => messageId)
      const message = messages[item.pick % (messages.length + 1)] ?? "nobody"
      const webhooks = [...transcript(world.exchanges).matchAll(/"ID":(\d+),"Url"/g)].map(([, id]) => id)
      const path = item.path.replace("{message}", message)
        .replace("{webhook}", webhooks[item.pick % (webhooks.length + 1)] ?? "7")
      yield* world.call(item.method, path, item.options)
      // What the double refuses is a part of what is compared.
      wishes.push(yield* Effect.either(direct(world, item, message)))
      yield* TestClock.adjust(item.pause)
      yield* world.double.settled
    }
    const { double, exchanges, posts } = world
    return [
      transcript(exchanges),
      JSON.stringify(
        [wishes, posts, yield* double.sent, yield* double.requests, yield* double.webhookAttempts],
        null,
        1
      )
    ].join("\n")
  }))

const [inProcess, throughFetch] = ways

it.effect.prop(
  "in process and through fetch, twice",
  { seed: FastCheck.string(), steps: FastCheck.array(step, { minLength: 1, maxLength: 10 }) },
  ({ seed, steps }) =>
    Effect.gen(function*() {
      if (inProcess === undefined || throughFetch === undefined) return assert.fail("a way is missing")
      const first = yield* run(inProcess, seed, steps)
      assert.strictEqual(yield* run(inProcess, seed, steps), first)
      assert.strictEqual(yield* run(throughFetch, seed, steps), first)
    }),
  { fastCheck: { numRuns: 20 }, timeout: 60_000 }
)
