/** The steps of the tour. Each calls the HTTP server as a workflow would, and fails on an unexpected response. */
import { PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Console, Data, Effect, Redacted, Schedule, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Workflow } from "./workflow.ts"

export interface Places {
  /** Whether the server keeps running after the tour. */
  readonly stays: boolean
  readonly url: string
  readonly postmarkUrl: string
  readonly dataDir: string
  readonly workflow: Workflow
}

class StepFailure extends Data.TaggedError("StepFailure")<{ readonly message: string }> {}

const secret = "Bearer a-secret-that-only-postmark-knows"

const Connection = Schema.Struct({ id: Schema.String, fingerprint: Schema.String, serverName: Schema.String })
const Subscribed = Schema.Struct({ receiverUrl: Schema.String, warnings: Schema.Array(Schema.String) })
const Receipt = Schema.Struct({ messageId: Schema.String, message: Schema.String })
const Outcomes = Schema.Struct({
  outcomes: Schema.Array(Schema.Union(
    Schema.Struct({ _tag: Schema.Literal("Accepted"), receipt: Receipt }),
    Schema.Struct({ _tag: Schema.Literal("Rejected"), error: Schema.Struct({ message: Schema.String }) })
  ))
})
const Messages = Schema.Struct({ totalCount: Schema.Number })
const Details = Schema.Struct({ messageEvents: Schema.Array(Schema.Struct({ type: Schema.String })) })
const Stats = Schema.Struct({ sent: Schema.Number, bounced: Schema.Number, uniqueOpens: Schema.Number })
const Events = Schema.Struct({
  events: Schema.Array(Schema.Struct({ trigger: Schema.NullOr(Schema.String), event: Schema.Unknown }))
})

const Target = Schema.Struct({ target: Schema.Struct({ id: Schema.String }), secret: Schema.String })
const Deliveries = Schema.Struct({ deliveries: Schema.Array(Schema.Struct({ sequence: Schema.Number })) })
const Attempts = Schema.Struct({ attempts: Schema.Array(Schema.Struct({ status: Schema.NullOr(Schema.Number) })) })
const Replayed = Schema.Struct({ replayed: Schema.Number })

export const tour = (places: Places) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const http = yield* HttpClient.HttpClient
    const keyFile = join(places.dataDir, "admin.key")
    const apiKey = yield* Effect.sync(() => readFileSync(keyFile, "utf8").trim())

    const call = <A, I>(
      method: "GET" | "POST",
      path: string,
      answer: Schema.Schema<A, I>,
      body?: unknown,
      expected = method === "GET" ? [200] : [200, 201]
    ) =>
      Effect.gen(function*() {
        const request = HttpClientRequest.make(method)(`${places.url}${path}`).pipe(
          HttpClientRequest.bearerToken(apiKey)
        )
        const response = yield* http.execute(
          body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, body)
        )
        const text = yield* response.text
        if (!expected.includes(response.status)) {
          return yield* new StepFailure({ message: `${method} ${path} answered ${response.status}: ${text}` })
        }
        return yield* Schema.decode(Schema.parseJson(answer))(text)
      })

    const until = <A, E, R>(what: string, look: Effect.Effect<A, E, R>, isThere: (found: A) => boolean) =>
      Effect.filterOrFail(look, isThere, () => new StepFailure({ message: `${what} did not come` })).pipe(
        Effect.retry({
          schedule: Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(200))),
          while: (error) => error instanceof StepFailure
        })
      )

    const event = (trigger: string) =>
      until(
        `a ${trigger} event`,
        call("GET", `/v1/events?trigger=${encodeURIComponent(trigger)}`, Events),
        ({ events }) => events.length > 0
      )

    yield* Console.log("effect-postmark: a mail sent, delivered and reacted to\n")
    yield* Console.log(`  A fake Postmark listens on ${places.postmarkUrl}; it never sends mail.`)
    yield* Console.log(`  The HTTP server listens on ${places.url}; its data is in ${places.dataDir}.\n`)

    const connection = yield* call("POST", "/v1/connections", Connection, {
      name: "Acme",
      serverToken: PostmarkDouble.demoServerToken
    })
    yield* step(
      1,
      `Connected the client ${connection.serverName}. Its token is checked, encrypted, and from now on only`
    )
    yield* more(`a fingerprint: ${connection.fingerprint}`)

    const base = `/v1/connections/${connection.id}`
    const subscribe = (trigger: string) => call("POST", `${base}/triggers`, Subscribed, { trigger, secret })
    const { receiverUrl } = yield* subscribe("postmark/email-delivered")
    yield* subscribe("postmark/email-bounced")
    const opened = yield* subscribe("postmark/email-opened")
    yield* step(2, "Subscribed the three triggers. The URL to enter in Postmark:")
    yield* more(receiverUrl)
    for (const warning of opened.warnings) yield* more(`warning: ${warning}`)

    const postmark = yield* PostmarkClient.make({
      serverToken: Redacted.make(PostmarkDouble.demoServerToken),
      apiUrl: places.postmarkUrl
    })
    yield* postmark.webhooks.create({
      url: receiverUrl,
      httpHeaders: [{ name: "Authorization", value: Redacted.make(secret) }],
      triggers: { delivery: { enabled: true }, bounce: { enabled: true }, open: { enabled: true } }
    })
    yield* more("entered there, with the secret in the Authorization header")

    const targets = `${base}/relay-targets`
    const { workflow } = places
    const relay = yield* call("POST", targets, Target, { trigger: "postmark/email-bounced", url: workflow.url })
    yield* workflow.useSecret(relay.secret)
    yield* more(`bounces are relayed, signed, to a workflow of the client's at ${workflow.url}`)

    const receipt = yield* call("POST", `${base}/actions/send-email`, Receipt, {
      from: "Acme <shop@example.org>",
      to: "Ann <ann@example.com>",
      subject: "Your receipt",
      htmlBody: "<p>Thank you for your order.</p>",
      textBody: "Thank you for your order.",
      trackOpens: true,
      metadata: { order: "991" }
    })
    yield* step(3, `Sent an email: ${receipt.message}, message ${receipt.messageId}`)

    const welcome = yield* call("POST", `${base}/actions/send-email-with-template`, Receipt, {
      from: "shop@example.org",
      to: "bob@example.com",
      templateAlias: "welcome",
      templateModel: { name: "Bob" }
    })
    yield* step(4, `Sent an email with a template: ${welcome.message}, message ${welcome.messageId}`)

    // The workflow is down for a moment when the bounce comes.
    yield* workflow.answer(503)
    const { outcomes } = yield* call("POST", `${base}/actions/send-email-batch`, Outcomes, {
      messages: [
        { from: "shop@example.org", to: "carol@example.com", subject: "News", textBody: "News." },
        {
          from: "shop@example.org",
          to: "dave@localhost.invalid",
          subject: "News",
          textBody: "News.",
          messageStream: "nowhere"
        },
        {
          from: "shop@example.org",
          to: "hardbounce@bounce-testing.postmarkapp.com",
          subject: "News",
          textBody: "News."
        }
      ]
    })
    yield* expect(
      outcomes.map(({ _tag }) => _tag).join(", ") === "Accepted, Rejected, Accepted",
      "a batch keeps one outcome per message"
    )
    yield* step(5, "Sent a batch of three, one of them bad. Each has its own outcome:")
    for (const outcome of outcomes) {
      yield* more(
        outcome._tag === "Accepted" ? `accepted ${outcome.receipt.messageId}` : `rejected: ${outcome.error.message}`
      )
    }

    yield* event("postmark/email-delivered")
    yield* step(6, "Delivered: Postmark's webhook came in, was checked against the secret, and is in the event log")

    yield* event("postmark/email-bounced")
    yield* step(7, "Bounced: the third message of the batch")

    const relayed = yield* until("the bounce", workflow.received, (all) => all.length === 2)
    yield* expect(relayed.every(({ isVerified }) => isVerified), "the workflow can verify every event")
    yield* step(
      8,
      `Relayed: the workflow answered ${relayed.map(({ status }) => status).join(", then ")}, and verified`
    )
    yield* more("the signature both times")

    yield* workflow.answer(500, 500, 500)
    yield* call("POST", `${base}/actions/send-email`, Receipt, {
      from: "shop@example.org",
      to: "softbounce@bounce-testing.postmarkapp.com",
      subject: "News",
      textBody: "News."
    })
    const target = `${targets}/${relay.target.id}`
    const dead = yield* until(
      "the dead letter",
      call("GET", `${target}/deliveries?state=dead`, Deliveries),
      ({ deliveries }) => deliveries.length > 0
    )
    const sequence = dead.deliveries[0]?.sequence ?? 0
    const { attempts } = yield* call("GET", `${target}/deliveries/${sequence}/attempts`, Attempts)
    yield* step(
      9,
      `A dead letter: the workflow answered ${attempts.map(({ status }) => status).join(", ")} to another bounce`
    )
    yield* call("POST", `${target}/replay`, Replayed, {})
    const all = yield* until("the replayed bounce", workflow.received, (requests) => requests.length === 6)
    const ids = new Set(all.slice(2).map(({ id }) => id))
    yield* expect(ids.size === 1 && all.at(-1)?.status === 204, "the replay has the id of the attempts")
    yield* step(10, "Replayed: the workflow is well again, and got the bounce with the same id")

    yield* double.waitFor(({ sent }) =>
      sent.some(({ events, messageId }) =>
        messageId === receipt.messageId && events.some(({ type }) => type === "Delivered")
      )
    )
    yield* double.open(receipt.messageId, "ann@example.com")
    yield* event("postmark/email-opened")
    yield* step(11, "Opened: Ann has read the first mail, which was sent with open tracking")

    const details = yield* call("POST", `${base}/actions/get-outbound-message-details`, Details, {
      messageId: receipt.messageId
    })
    yield* expect(details.messageEvents.length >= 2, "the timeline shows the delivery and the open")
    yield* step(12, `Her mail's timeline: ${details.messageEvents.map(({ type }) => type).join(", ")}`)

    const history = yield* call("POST", `${base}/actions/list-outbound-messages`, Messages, {})
    const stats = yield* call("POST", `${base}/actions/get-outbound-stats`, Stats, {})
    yield* expect(history.totalCount === 5, "the history has the five messages that were taken")
    yield* step(
      13,
      `The history has ${history.totalCount} messages; statistics: ${stats.sent} sent, ${stats.bounced} bounced, ` +
        `${stats.uniqueOpens} opened`
    )

    if (!places.stays) {
      return yield* Console.log("\nTry next: `npm start` keeps serving, and prints curl lines for this server.")
    }

    yield* Console.log("\nTry next:\n")
    const authorization = `-H "Authorization: Bearer $(cat ${keyFile})"`
    yield* Console.log(`  curl -s ${authorization} ${places.url}/v1/connections\n`)
    yield* Console.log(`  curl -s ${authorization} -H "Content-Type: application/json" \\`)
    yield* Console.log(
      `    -d '{"from":"shop@example.org","to":"you@example.com","subject":"Hello","textBody":"Hello."}' \\`
    )
    yield* Console.log(`    ${places.url}${base}/actions/send-email\n`)
    yield* Console.log(`  curl -s ${authorization} "${places.url}/v1/events?limit=10"\n`)
    yield* Console.log(`  ${places.url}/docs shows every route in a browser.`)
    yield* Console.log(`  ${places.postmarkUrl}/ shows the mail that the fake Postmark took.`)
  })

const step = (number: number, text: string) => Console.log(`${String(number).padStart(3)}. ${text}`)

const more = (text: string) => Console.log(`     ${text}`)

const expect = (holds: boolean, what: string) => holds ? Effect.void : new StepFailure({ message: `not so: ${what}` })
