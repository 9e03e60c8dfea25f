import { PostmarkDouble, Reader, Scenario, Script } from "@effect-postmark/test-double"
import { assert, it } from "@effect/vitest"
import { Effect, FastCheck, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

/** What happened to the first message, and how long after its acceptance. */
const happened = Effect.gen(function*() {
  const [message] = yield* (yield* PostmarkDouble.PostmarkDouble).sent
  const start = Date.parse(message?.submittedAt ?? "")
  return (message?.events ?? []).map(({ at, type }) => `${type} after ${(Date.parse(at) - start) / 1000} s`)
})

const html = { HtmlBody: "<a href=\"https://shop.example/a\">a</a>", TrackOpens: true, TrackLinks: "HtmlOnly" }

it.effect("follows a script for a recipient, step by step", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addScript(Script.forRecipient(
      "ann@example.com",
      Script.bounce({ type: "SoftBounce", after: "1 second" }),
      Script.deliver({ after: "2 minutes" }),
      Script.open({ reader: "appleMail", after: "1 hour" }),
      Script.open({ reader: { ...Reader.gmail, readSeconds: 3 } }),
      Script.click({ link: "https://shop.example/a", after: "10 seconds" }),
      Script.spamComplaint({ after: "1 day" })
    ))
    const id = yield* send({ ...html, Cc: "bob@example.com" })
    yield* TestClock.adjust("2 days")
    assert.deepStrictEqual((yield* happened).filter((line) => !line.includes("0.05")), [
      "Bounced after 1 s",
      "Delivered after 121 s",
      "Opened after 3721 s",
      "Opened after 3721 s",
      "LinkClicked after 3731 s",
      "SubscriptionChanged after 90131 s"
    ])
    // Postmark keeps the first open of a message only.
    const opens = yield* call("GET", `/messages/outbound/opens/${id}?count=9&offset=0`)
    assert.include(opens.text, "Apple Mail 16.0")
    // The other recipient is not in the script, and is delivered as always.
    assert.strictEqual(
      (yield* double.sent)[0]?.events.find(({ recipient }) => recipient.startsWith("bob"))?.type,
      "Delivered"
    )
    assert.deepStrictEqual(yield* double.skippedSteps, [])
    assert.strictEqual((yield* call("POST", "/email", { body: mail })).json?.["ErrorCode"], 406)
  }).pipe(Effect.provide(layerDouble())))

it.effect("lets nothing ever happen, delivers before what needs a delivery, and skips what cannot be", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addScript(Script.forRecipient("*@never.example"))
    yield* double.addScript(Script.when({ tag: "open*" }, Script.open(), Script.unsubscribe()))
    yield* double.addScript(Script.when({ subject: "gone" }, Script.bounce(), Script.deliver(), Script.open()))
    yield* send({ To: "a@never.example" })
    yield* send({ ...html, Tag: "Opened", To: "b@example.com" })
    yield* send({ ...html, Subject: "Gone", To: "c@example.com" })
    yield* TestClock.adjust("1 day")
    assert.deepStrictEqual((yield* double.sent).map(({ events }) => events.map(({ type }) => type)), [
      [],
      ["Delivered", "Opened"],
      ["Bounced", "SubscriptionChanged"]
    ])
    assert.deepStrictEqual(
      (yield* double.skippedSteps).map(({ recipient, reason, step }) => `${recipient} ${step} ${reason}`),
      [
        "b@example.com unsubscribe NoUnsubscribeLink",
        "c@example.com deliver InactiveRecipient",
        "c@example.com open NotDelivered"
      ]
    )
    yield* double.clearScripts
    yield* send({ To: "a@never.example" })
    yield* TestClock.adjust("1 day")
    assert.strictEqual((yield* double.sent)[3]?.events[0]?.type, "Delivered")
  }).pipe(Effect.provide(layerDouble())))

it.effect("picks recipients by rule: the first rule that matches, by place, number and metadata", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addServer({ token: "t2", name: "Second" })
    const bounce = (details: string) => Script.bounce({ type: "SoftBounce", details })
    yield* double.addScript(Script.when({ server: "second", first: 1 }, bounce("second server")))
    yield* double.addScript(Script.when({ recipient: "c*@*.example", nth: 2 }, bounce("second c")))
    yield* double.addScript(Script.when({ metadata: { order: "9*" }, stream: "broadcast" }, bounce("order")))
    yield* double.addScript(Script.when({ from: "shop@example.org", every: 3 }, bounce("every third")))
    yield* send({ To: "a@a.example" }, "t2")
    yield* call("POST", "/email/batch", {
      body: ["c1@a.example", "c2@b.example", "x@b.example, y@b.example"].map((To) => ({ ...mail, To }))
    })
    yield* send({ To: "z@b.example", Metadata: { order: "991" }, MessageStream: "broadcast" })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(
      (yield* double.sent).flatMap(({ events }) =>
        events.map(({ details, recipient }) => `${recipient.slice(0, 2)} ${details["Summary"] ?? "-"}`)
      ),
      ["a@ second server", "c1 -", "c2 second c", "x@ -", "y@ every third", "z@ order"]
    )
  }).pipe(Effect.provide(layerDouble())))

it.effect("unsubscribes from broadcasts", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const id = yield* send({ MessageStream: "broadcast" })
    yield* double.deliver(id, mail.To)
    yield* double.unsubscribe(id, mail.To)
    const answer = yield* call("GET", "/message-streams/broadcast/suppressions/dump")
    assert.include(answer.text, "\"SuppressionReason\":\"ManualSuppression\",\"Origin\":\"Recipient\"")
    assert.strictEqual(
      (yield* call("POST", "/email", { body: { ...mail, MessageStream: "broadcast" } })).json?.["ErrorCode"],
      406
    )
  }).pipe(Effect.provide(layerDouble())))

it.effect("draws by probability from the seed, the same every time", () =>
  Effect.gen(function*() {
    const run = (seed: string, other: boolean) =>
      Effect.gen(function*() {
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.addScript(
          Script.when({ probability: 0.3, recipient: "*@example.com" }, Script.bounce({ type: "SoftBounce" }))
        )
        if (other) yield* double.addScript(Script.when({ probability: 0.5, recipient: "*@other.example" }))
        for (let i = 0; i < 100; i++) {
          yield* send({ To: `a${i}@example.com` })
          if (other) yield* send({ To: `a${i}@other.example` })
        }
        yield* TestClock.adjust("1 minute")
        return (yield* double.sent).filter(({ recipients: [to = ""] }) => to.endsWith("@example.com"))
          .map(({ events }) => events[0]?.type === "Bounced" ? "x" : ".").join("")
      }).pipe(Effect.provide(layerDouble({ seed })))
    const first = yield* run("seven", false)
    const bounced = first.replaceAll(".", "").length
    assert.isTrue(bounced > 15 && bounced < 45, first)
    assert.strictEqual(yield* run("seven", true), first)
    assert.notStrictEqual(yield* run("eight", false), first)
  }))

it.effect("reads a scenario from YAML and from JSON", () =>
  Effect.gen(function*() {
    const yaml = `
seed: monday
startTime: 2026-09-30T16:04:08Z
paused: true
deliveryDelay: 2 seconds
retryLadder: legacy
servers:
  - token: client-a
    name: Client A
    webhooks:
      - { url: "http://127.0.0.1:4000/hooks", triggers: [Delivery, Bounce], httpAuth: { username: u, password: p } }
    suppressions:
      - { email: gone@example.com, reason: HardBounce }
    templates:
      - { alias: receipt, subject: "Order {{n}}", textBody: "Thanks" }
scripts:
  - recipient: ann@example.com
    steps:
      - { kind: bounce, type: SoftBounce, after: 1 minute }
      - { kind: deliver, after: 5 minutes }
      - { kind: open, reader: iPhoneMail, after: 1 hour }
faults:
  - { method: POST, path: /email, nth: 3, fault: { kind: rateLimit, retryAfter: 2 } }
`
    const scenario = yield* Scenario.parse(yaml)
    assert.deepStrictEqual(yield* Scenario.parse(JSON.stringify(yield* encodeScenario(scenario))), scenario)
    const posts: Array<string> = []
    const program = Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const token = "client-a"
      const id = yield* send({ ...html }, token)
      const answer = yield* call("POST", "/email", { token, body: { ...mail, To: "gone@example.com" } })
      assert.strictEqual(answer.json?.["ErrorCode"], 406)
      assert.strictEqual((yield* call("POST", "/email", { token, body: mail })).status, 429)
      yield* double.clock.advance("2 hours")
      assert.deepStrictEqual(yield* happened, [
        "Bounced after 60 s",
        "Delivered after 360 s",
        "Opened after 3960 s"
      ])
      assert.strictEqual((yield* double.clock.now).toJSON(), "2026-09-30T18:04:08.000Z")
      const details = yield* call("GET", `/messages/outbound/${id}/details`, { token })
      assert.include(details.text, "2026-09-30T12:04:08.000")
      return posts
    })
    const layer = layerDouble({
      ...scenario,
      webhookSender: ({ headers, url }) =>
        Effect.sync(() => posts.push(`${url} ${headers["Authorization"]}`) > 0 ? 200 : 500)
    })
    assert.deepStrictEqual(
      yield* program.pipe(Effect.provide(layer)),
      Array.from({ length: 2 }, () => `http://127.0.0.1:4000/hooks Basic ${btoa("u:p")}`)
    )
  }))

const encodeScenario = (scenario: Scenario.Scenario) =>
  Effect.succeed({ ...scenario, startTime: scenario.startTime?.toISOString() })

it.effect("says what is wrong in a scenario, by field, and never quotes a token", () =>
  Effect.gen(function*() {
    const message = (text: string) => Effect.map(Effect.flip(Scenario.parse(text)), ({ message }) => message)
    assert.include(yield* message("servers: [ {token: s3cret-token, nam: x} ]"), "servers.0.nam: is unexpected")
    const wrong = yield* message(JSON.stringify({
      servers: [{ token: 7 }],
      scripts: [{ steps: [{ kind: "deliver", after: "soon" }, { kind: "explode" }] }],
      deliveryDelay: -1
    }))
    for (const part of ["servers.0.token", "scripts.0.steps.0", "scripts.0.steps.1", "deliveryDelay"]) {
      assert.include(wrong, part)
    }
    for (
      const text of [
        "servers: [ {token: [s3cret-token]} ]",
        "servers: [ {token: s3cret-token",
        "a: &a s3cret-token\na: *b"
      ]
    ) {
      const wrong = yield* message(text)
      assert.isNotEmpty(wrong)
      assert.notInclude(wrong, "s3cret")
    }
    assert.include(yield* message("just text"), "the scenario: ")
    assert.include(
      yield* message(
        "servers: [ { token: a, inboundHookUrl: 'javascript:1', webhooks: [ { url: /x, triggers: [] } ] } ]"
      ),
      "a hook is a whole http or https URL"
    )
    const spoilt = (headers: object) =>
      message(JSON.stringify({ faults: [{ fault: { kind: "status", status: 500, headers } }] }))
    assert.include(yield* spoilt({ "no token": "x" }), "faults.0")
    assert.include(yield* spoilt({ "x-own": "line\nfeed" }), "faults.0")
  }))

it.effect("starts anew with a scenario, keeps what it leaves out, and goes back to it", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* send()
    yield* double.load({ servers: [{ token: "b" }], scripts: [Script.forRecipient("*")] })
    assert.deepStrictEqual(yield* double.sent, [])
    yield* send({}, "b")
    yield* TestClock.adjust("1 hour")
    assert.deepStrictEqual((yield* double.sent)[0]?.events, [])
    yield* double.reset
    assert.deepStrictEqual((yield* double.servers).map(({ token }) => token), ["b"])
    assert.strictEqual((yield* call("GET", "/server")).status, 401)
  }).pipe(Effect.provide(layerDouble())))

it.effect.prop("any script is written and read again as it was", [FastCheck.array(
  FastCheck.oneof(
    FastCheck.constant(Script.deliver()),
    FastCheck.nat().map((after) => Script.open({ after, reader: "gmail" })),
    FastCheck.string().map((details) => Script.bounce({ details, type: "Blocked" })),
    FastCheck.webUrl().map((link) => Script.click({ link, location: "HTML" })),
    FastCheck.nat().map((after) => Script.spamComplaint({ after }))
  )
)], ([steps]) =>
  Effect.gen(function*() {
    const scenario = { scripts: [Script.when({ recipient: "a@b.example" }, ...steps)] }
    assert.deepStrictEqual(yield* Scenario.parse(JSON.stringify(scenario)), scenario)
  }))
