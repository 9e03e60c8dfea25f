import * as AccountClient from "@effect-postmark/core/AccountClient"
import * as Correlation from "@effect-postmark/core/Correlation"
import * as Json from "@effect-postmark/core/Json"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import { assert } from "@effect/vitest"
import { Effect, type ParseResult, Predicate, Redacted, Schema } from "effect"
import { type Seen, stub } from "./http.ts"

/** One call: what it must write, and what Postmark documents as the answer. */
export interface Row {
  readonly name: string
  readonly header: "x-postmark-server-token" | "x-postmark-account-token"
  readonly call: Effect.Effect<
    { readonly seen: ReadonlyArray<Seen>; readonly value: unknown },
    { readonly _tag: string }
  >
  /** The answer through its wire schema and back. */
  readonly roundTrip: Effect.Effect<unknown, ParseResult.ParseError>
  /** Method, path and query. */
  readonly request: string
  readonly body: unknown
  readonly answer: unknown
  /** What the method gives, without `raw`; not looked at when left out. */
  readonly gives?: unknown
}

interface Expected<Client> {
  readonly call: (client: Client) => Effect.Effect<unknown, { readonly _tag: string }>
  readonly request: string
  readonly body?: unknown
  readonly answer: unknown
  readonly gives?: unknown
}

/** What any endpoint shows, whatever it takes. */
interface Described<Success> {
  readonly name: string
  readonly successSchema: Schema.Schema<Success, unknown>
}

const answering = (body: unknown) => stub(() => new Response(Json.stringify(body)))

const row = <Success, Client>(
  endpoint: Described<Success>,
  header: Row["header"],
  expected: Expected<Client>,
  call: Row["call"]
): Row => ({
  body: undefined,
  ...expected,
  name: endpoint.name,
  header,
  call,
  roundTrip: Schema.decodeUnknown(endpoint.successSchema)(expected.answer).pipe(
    Effect.flatMap(Schema.encode(endpoint.successSchema))
  )
})

export const serverRow = <Success>(
  endpoint: Described<Success>,
  expected: Expected<PostmarkClient.Service>
): Row =>
  row(
    endpoint,
    "x-postmark-server-token",
    expected,
    Effect.gen(function*() {
      const http = yield* answering(expected.answer)
      const client = yield* PostmarkClient.make({ serverToken: Redacted.make("token-1") }).pipe(
        Effect.provide(http.layer)
      )
      const value = yield* Correlation.withCorrelation(expected.call(client), "off")
      return { value, seen: yield* http.seen }
    })
  )

export const accountRow = <Success>(
  endpoint: Described<Success>,
  expected: Expected<AccountClient.Service>
): Row =>
  row(
    endpoint,
    "x-postmark-account-token",
    expected,
    Effect.gen(function*() {
      const http = yield* answering(expected.answer)
      const client = yield* AccountClient.make({ accountToken: Redacted.make("token-1") }).pipe(
        Effect.provide(http.layer)
      )
      const value = yield* expected.call(client)
      return { value, seen: yield* http.seen }
    })
  )

/** The call wrote what it must, and gave what Postmark answered. */
export const check = (row: Row) =>
  Effect.gen(function*() {
    const { seen, value } = yield* row.call
    assert.strictEqual(seen.length, 1)
    const [one] = seen
    assert.strictEqual(`${one?.method} ${one?.url.replace("https://api.postmarkapp.com", "")}`, row.request)
    assert.strictEqual(one?.headers[row.header], "token-1")
    assert.deepStrictEqual(one?.body === "" ? undefined : JSON.parse(one?.body ?? ""), row.body)
    const { raw, ...rest } = Predicate.isRecord(value) ? value : {}
    if (raw !== undefined) assert.deepStrictEqual(raw, row.answer)
    if ("gives" in row) {
      assert.deepStrictEqual(Predicate.isRecord(value) ? rest : value, row.gives)
    }
    assert.deepStrictEqual(yield* row.roundTrip, row.answer)
  })
