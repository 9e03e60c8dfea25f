import { AccountClient, Connections, Email, PostmarkActions, PostmarkClient } from "@effect-postmark/core"
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Either, Exit, Logger, ParseResult, Redacted } from "effect"
import * as Issues from "../src/Issues.ts"
import { json, stub, taken } from "./kit/http.ts"
import { services } from "./kit/services.ts"

const email = { from: "shop@example.org", to: "ann@example.com", textBody: "t" }

const clientOf = (options: object = {}) =>
  Effect.flatMap(stub(() => json(taken())), (http) =>
    Effect.map(
      Effect.provide(PostmarkClient.make({ serverToken: Redacted.make("token-1"), ...options }), http.layer),
      (client) => ({ client, seen: http.seen })
    ))

const issuesOf = (input: unknown) => {
  const result = ParseResult.decodeUnknownEither(Email.Email, { errors: "all", onExcessProperty: "error" })(input)
  return Either.isLeft(result) ? Issues.describe(Issues.fromParseIssue(result.left)) : "valid"
}

const table: ReadonlyArray<readonly [field: object, message: string]> = [
  [{ from: 5 }, "from: must be text"],
  [{ cc: 5 }, "cc: must be text or a list of texts"],
  [{ tag: 5 }, "tag: must be text"],
  [{ headers: {} }, "headers: must be a list of objects"],
  [{ headers: [{ name: "X-A" }] }, "headers[0].value: missing field"],
  [{ trackOpens: "yes" }, "trackOpens: must be true or false"],
  [{ trackLinks: "All" }, "trackLinks: must be one of \"None\", \"HtmlAndText\", \"HtmlOnly\", \"TextOnly\""],
  [{ metadata: [] }, "metadata: must be an object"],
  [{ baseUrl: "x" }, "baseUrl: unknown field"],
  [
    { to: "Doe, Ann <ann@example.com>" },
    "to: a display name with a comma must be in double quotes: \"Doe, Ann\" <ann@example.com>"
  ],
  [{ to: "\"Doe, Ann\" <ann@example.com>" }, "valid"],
  [
    { to: "ann@example.com, bob@example.com" },
    "to: must be one address; give several as a list: [\"ann@example.com\", \"Bob <bob@example.com>\"]"
  ]
]
for (const [field, message] of table) {
  it(`${JSON.stringify(field)} is answered: ${message}`, () => {
    assert.strictEqual(issuesOf({ ...email, ...field }), message)
  })
}

it("no message of an action shows Schema's syntax", () => {
  for (const { action } of PostmarkActions.handlers) {
    const decode = ParseResult.decodeUnknownEither(action.payload, { errors: "all", onExcessProperty: "error" })
    const fields = [
      "messages",
      "count",
      "offset",
      "status",
      "fromDate",
      "messageId",
      "templateId",
      "templateModel",
      "metadata"
    ]
    for (const value of [5.5, true, {}, [], [5]]) {
      const result = decode(Object.fromEntries(fields.map((name) => [name, value])))
      if (Either.isRight(result)) continue
      assert.notMatch(
        Issues.describe(Issues.fromParseIssue(result.left)),
        /expected|undefined|ReadonlyArray|filter| \| /
      )
    }
  }
})

it("takes every MIME type that RFC 6838 allows", () => {
  const attachments = (contentType: string) => [{ name: "a", content: "", contentType }]
  for (const type of ["application/vnd.a!b#c$d&e^f_g.h+i-j", "text/plain; charset=utf-8"]) {
    assert.strictEqual(issuesOf({ ...email, attachments: attachments(type) }), "valid")
  }
  for (const type of ["text", "/plain", "text/", "te xt/plain", "text/@"]) {
    assert.include(issuesOf({ ...email, attachments: attachments(type) }), "must be a MIME type")
  }
})

it.effect("our own examples stay in our messages, and names from the input are scrubbed", () =>
  Effect.gen(function*() {
    const { client } = yield* clientOf()
    const error = yield* Effect.flip(
      client.sendEmail({ ...email, to: "nobody", metadata: { "canary@example.com": "x".repeat(81) } })
    )
    assert.include(error.message, "must be an address such as ann@example.com")
    assert.notInclude(error.message, "canary@")
  }))

it.effect("null and empty text in an optional field are the same as leaving it out", () =>
  Effect.gen(function*() {
    const { client, seen } = yield* clientOf()
    const blank = { ...email, cc: "", tag: null, messageStream: "", headers: null, trackOpens: null, htmlBody: "" }
    const [handler] = PostmarkActions.handlers
    if (handler === undefined) return assert.fail("there are no actions")
    yield* handler.run(blank, client)
    // What plain JavaScript would give.
    const untyped: Email.Email = JSON.parse(JSON.stringify(blank))
    yield* client.sendEmail(untyped)
    for (const { body } of yield* seen) {
      const { Metadata: _, ...sent } = JSON.parse(body)
      assert.deepStrictEqual(sent, { From: email.from, To: email.to, TextBody: email.textBody })
    }
  }))

// As a variable, TypeScript lets it through as plain JavaScript would.
const misspelt = { apiUrl: undefined, baseUrl: "http://127.0.0.1:1" }

it.effect("an unknown option is an error that names the right one", () =>
  Effect.gen(function*() {
    const causes = [
      yield* Effect.exit(Effect.asVoid(clientOf(misspelt))),
      yield* Effect.exit(Effect.asVoid(Effect.flatMap(stub(() => json({})), (http) =>
        Effect.provide(
          AccountClient.make({ accountToken: Redacted.make("a"), ...misspelt }),
          http.layer
        )))),
      yield* Effect.exit(Effect.asVoid(Effect.flatMap(
        stub(() => json({})),
        (http) => Effect.provide(Connections.make(misspelt), services(http.layer))
      )))
    ]
    for (const exit of causes) {
      if (Exit.isSuccess(exit)) {
        return assert.fail("the option was ignored")
      }
      assert.include(Cause.pretty(exit.cause), "baseUrl (use apiUrl)")
    }
  }))

it.effect("a header that only SMTP knows is warned of, with the field to use", () =>
  Effect.gen(function*() {
    const { client } = yield* clientOf()
    const logged: Array<string> = []
    const logger = Logger.make(({ message }) => logged.push(String(message)))
    const headers = ["X-PM-Tag", "x-pm-metadata-order", "X-PM-Bounce-Type", "X-PM-KeepID", "X-Shop"]
      .map((name) => ({ name, value: "v" }))
    yield* client.sendEmail({ ...email, headers }).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
    assert.deepStrictEqual(logged, [
      "the header X-PM-Tag does nothing over Postmark's API; use the field tag",
      "the header X-PM-Metadata-* does nothing over Postmark's API; use the field metadata"
    ])
  }))
