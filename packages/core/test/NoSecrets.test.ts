import * as AccountClient from "@effect-postmark/core/AccountClient"
import * as Connections from "@effect-postmark/core/Connections"
import { ConnectionId } from "@effect-postmark/core/Ids"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import { SecretUnreadable } from "@effect-postmark/core/Vault"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, LogLevel, Redacted, Stream, Tracer } from "effect"
import * as util from "node:util"
import { driven } from "./kit/clock.ts"
import { json, type Reply, stub, taken, transportError } from "./kit/http.ts"

const canaries = {
  token: "canary-token-7f3a",
  recipient: "canary.recipient@example.com",
  sender: "canary.sender@example.org",
  subject: "canary subject",
  body: "canary body"
}

const email = {
  from: canaries.sender,
  to: `Canary Name <${canaries.recipient}>`,
  subject: canaries.subject,
  textBody: canaries.body
}

const holds = (text: string) => Object.values(canaries).filter((canary) => text.includes(canary))

const renderings = (error: unknown): ReadonlyArray<string> => [
  util.inspect(error, { depth: 20, showHidden: true }),
  JSON.stringify(error) ?? "",
  String(error),
  error instanceof Error ? `${error.message} ${error.stack}` : "",
  Cause.pretty(Cause.fail(error)),
  JSON.stringify(Cause.fail(error)),
  util.inspect(Cause.fail(error), { depth: 20 })
]

const quoting = `Invalid 'To' address: '${canaries.recipient}'. The 'From' address you supplied (Canary ` +
  `<${canaries.sender}>) is not a Sender Signature. Error parsing 'To': Illegal email address '${canaries.body}'.`

const inactive = `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ` +
  `${canaries.recipient}, other@example.com. Inactive recipients are ones that have generated a hard bounce.`

const replies: ReadonlyArray<readonly [string, Reply]> = [
  ["accepted", json(taken())],
  ["422/300", json({ ErrorCode: 300, Message: quoting }, 422)],
  ["422/406", json({ ErrorCode: 406, Message: inactive }, 422)],
  ["400 of a sender", json({ ErrorCode: 400, Message: quoting }, 422)],
  ["401", json({ ErrorCode: 10, Message: quoting }, 401)],
  ["403", new Response(quoting, { status: 403 })],
  ["413", json({ ErrorCode: 413, Message: quoting }, 413)],
  ["429", json({ ErrorCode: 429, Message: quoting }, 429)],
  ["500", json({ ErrorCode: 101, Message: quoting }, 500)],
  ["503", json({ ErrorCode: 100, Message: quoting }, 503)],
  ["200 with what was sent", new Response(JSON.stringify(email))],
  ["reset", { failure: transportError("ECONNRESET") }],
  ["refused", { failure: transportError("ECONNREFUSED") }],
  ["a failure that quotes", { failure: Object.assign(new Error(quoting), { request: email }) }]
]

const observed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const spans: Array<Tracer.Span> = []
    const keep = (line: string) => {
      lines.push(line)
    }
    const loggers = Logger.replace(
      Logger.defaultLogger,
      Logger.make((options) => {
        keep(Logger.jsonLogger.log(options))
        keep(Logger.logfmtLogger.log(options))
        keep(Logger.stringLogger.log(options))
        keep(util.inspect(Logger.structuredLogger.log(options), { depth: 20 }))
      })
    )
    const tracer = Tracer.make({
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const events: Array<unknown> = []
        const span: Tracer.Span = {
          _tag: "Span",
          name,
          spanId: String(spans.length),
          traceId: "trace",
          parent,
          context,
          status: { _tag: "Started", startTime },
          attributes,
          links,
          sampled: true,
          kind,
          end: (_, exit) => {
            if (Exit.isFailure(exit)) events.push(util.inspect(exit, { depth: 20 }), Cause.pretty(exit.cause))
          },
          attribute: (key, value) => {
            attributes.set(key, value)
          },
          event: (event, _, more) => {
            events.push(event, more)
          },
          addLinks: () => {}
        }
        spans.push(span)
        keep(util.inspect({ attributes, events }, { depth: 20 }))
        rendered.push(() => util.inspect({ name, attributes, events, links }, { depth: 20 }))
        return span
      },
      context: (f) => f()
    })
    const rendered: Array<() => string> = []
    const exit = yield* effect.pipe(
      Effect.tapErrorCause((cause) => Effect.logError("it failed", cause)),
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.provide(loggers),
      Logger.withMinimumLogLevel(LogLevel.All)
    )
    return { exit, spans: spans.length, text: [...lines, ...rendered.map((render) => render())] }
  })

describe("no token, address, subject or body", () => {
  for (const [name, reply] of replies) {
    it.effect(`shows in errors, logs and spans of a send answered with ${name}`, () =>
      Effect.gen(function*() {
        const http = yield* stub(() => reply)
        const client = yield* PostmarkClient.make({ serverToken: Redacted.make(canaries.token) })
          .pipe(Effect.provide(http.layer))
        const { exit, spans, text } = yield* driven(observed(client.sendEmail(email)), "10 seconds")
        assert.isAtLeast(spans, 1)
        if (Exit.isFailure(exit)) {
          for (const rendering of renderings(Cause.squash(exit.cause))) assert.deepStrictEqual(holds(rendering), [])
        }
        for (const line of text) assert.deepStrictEqual(holds(line), [])
      }))
  }

  for (const [name, reply] of replies) {
    it.effect(`shows in the outcomes, logs and spans of a batch and a stream answered with ${name}`, () =>
      Effect.gen(function*() {
        const http = yield* stub(() => reply)
        const client = yield* PostmarkClient.make({ serverToken: Redacted.make(canaries.token) })
          .pipe(Effect.provide(http.layer))
        const { exit, text } = yield* driven(
          observed(Effect.all([
            client.sendEmailBatch([email, email]),
            Effect.map(
              Stream.runCollect(client.sendEmailStream(Stream.make(email))),
              (outcomes) => Array.from(outcomes, ({ outcome }) => outcome)
            )
          ])),
          "10 seconds"
        )
        for (const outcome of Exit.isSuccess(exit) ? exit.value.flat() : []) {
          const error = outcome._tag === "Accepted" ? undefined : outcome.error
          for (const rendering of renderings(error)) assert.deepStrictEqual(holds(rendering), [])
        }
        for (const line of text) assert.deepStrictEqual(holds(line), [])
      }))
  }

  it.effect("shows in the span of a search, whose query holds an address", () =>
    Effect.gen(function*() {
      const http = yield* stub(() => json({ TotalCount: 0, Messages: [] }))
      const client = yield* PostmarkClient.make({ serverToken: Redacted.make(canaries.token) })
        .pipe(Effect.provide(http.layer))
      const { text } = yield* observed(client.outboundMessages.list({ recipient: canaries.recipient }))
      for (const line of text) assert.deepStrictEqual(holds(line), [])
    }))

  it.effect("shows in what an account client does", () =>
    Effect.gen(function*() {
      for (const [, reply] of replies) {
        const http = yield* stub(() => reply)
        const account = yield* AccountClient.make({ accountToken: Redacted.make(canaries.token) })
          .pipe(Effect.provide(http.layer))
        const { exit, spans, text } = yield* observed(
          account.dataRemovals.create({
            requestedBy: canaries.sender,
            requestedFor: canaries.recipient,
            notifyWhenCompleted: true
          }).pipe(RetryPolicy.withRetryPolicy(RetryPolicy.none))
        )
        assert.isAtLeast(spans, 1)
        assert.isTrue(Exit.isFailure(exit))
        if (Exit.isFailure(exit)) {
          for (const rendering of renderings(Cause.squash(exit.cause))) assert.deepStrictEqual(holds(rendering), [])
        }
        for (const line of text) assert.deepStrictEqual(holds(line), [])
      }
    }))

  it.effect("shows in an input's issues", () =>
    Effect.gen(function*() {
      const http = yield* stub(() => json({}))
      const client = yield* PostmarkClient.make({ serverToken: Redacted.make(canaries.token) })
        .pipe(Effect.provide(http.layer))
      const { exit, text } = yield* observed(
        client.sendEmail({
          ...email,
          to: [`${canaries.recipient}, ${canaries.sender}`],
          subject: `${canaries.subject}\r\nBcc: x@example.com`,
          headers: [{ name: "X: Y", value: canaries.body }]
        })
      )
      assert.isTrue(Exit.isFailure(exit))
      if (Exit.isFailure(exit)) {
        for (const rendering of renderings(Cause.squash(exit.cause))) assert.deepStrictEqual(holds(rendering), [])
      }
      for (const line of text) assert.deepStrictEqual(holds(line), [])
    }))

  it("shows in the errors of connections and stores", () => {
    const connectionId = ConnectionId.make("con_1")
    const errors = [
      new Connections.ConnectionNotFound(),
      new Connections.ConnectionRevoked({ connectionId }),
      new Connections.ServerMismatch({ connectionId, expectedServerId: 1, actualServerId: 2 }),
      new Connections.ConnectionExists({ connectionId, serverId: 1 }),
      new Subscriptions.SecretConflict(),
      new Subscriptions.SubscriptionNotFound(),
      new SecretUnreadable({ message: "x" }),
      new StoreUnavailable({ store: "event", operation: "append", reason: "SQLITE_BUSY" })
    ]
    for (const error of errors) {
      assert.notStrictEqual(error.message, "")
      for (const rendering of renderings(error)) assert.deepStrictEqual(holds(rendering), [])
    }
  })
})
