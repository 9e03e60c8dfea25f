/** Each filter of each search reaches Postmark under its name: alone, with a value that matches nothing, it finds nothing. */
import { Ids, PostmarkClient } from "@effect-postmark/core"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, Redacted, TestClock } from "effect"
import { layerDouble } from "../kit.ts"
import { appleMail, today, trackedEmail } from "./parity/harness.ts"

const dates = [{ fromDate: "2026-10-01" }, { toDate: "2026-09-29" }]
const otherStream = { messageStream: "broadcast" }
const nobody = "nobody@example.com"

const engagement = [
  { recipient: nobody },
  { tag: "x" },
  { clientName: "x" },
  { clientCompany: "x" },
  { clientFamily: "x" },
  { osName: "x" },
  { osFamily: "x" },
  { osCompany: "x" },
  { platform: "Mobile" },
  { country: "x" },
  { region: "x" },
  { city: "x" },
  otherStream
]

it.effect("each filter of each search is one", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.parse(`${today}T16:00:00Z`))
    const double = yield* PostmarkDouble.PostmarkDouble
    const server = yield* PostmarkClient.make({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) })
    const recipient = "ann@example.com"
    const { messageId } = yield* server.sendEmail({ ...trackedEmail, tag: "receipt", metadata: { order: "991" } })
    yield* double.open(messageId, recipient, appleMail)
    yield* double.click(messageId, recipient, { reader: appleMail })
    yield* double.bounce(messageId, recipient)
    yield* double.receiveInbound({ from: "carol@example.com", mailboxHash: "42", subject: "Re", tag: "support" })
    yield* double.addTemplate({ alias: "a", subject: "s", textBody: "t" })

    const searches = [
      search("outboundMessages", [
        { recipient: nobody },
        { fromEmail: nobody },
        { tag: "x" },
        { status: "queued" as const },
        { subject: "x" },
        { metadata: { order: "1" } },
        otherStream,
        ...dates
      ], (query) => Effect.map(server.outboundMessages.list(query), ({ totalCount }) => totalCount)),
      search("inboundMessages", [
        { recipient: nobody },
        { fromEmail: nobody },
        { tag: "x" },
        { subject: "x" },
        { mailboxHash: "x" },
        { status: "blocked" as const },
        ...dates
      ], (query) => Effect.map(server.inboundMessages.list(query), ({ totalCount }) => totalCount)),
      search("bounces", [
        { type: "SoftBounce" },
        { inactive: false },
        { emailFilter: "nobody" },
        { tag: "x" },
        { messageId: Ids.MessageId.make("0d7a4a1e-61c3-4a0f-8d4e-6f3f3c8b2a77") },
        otherStream,
        ...dates
      ], (query) => Effect.map(server.bounces.list(query), ({ totalCount }) => totalCount)),
      search("opens", engagement, (query) => Effect.map(server.opens.list(query), ({ totalCount }) => totalCount)),
      search("clicks", engagement, (query) => Effect.map(server.clicks.list(query), ({ totalCount }) => totalCount)),
      search("suppressions", [
        { suppressionReason: "SpamComplaint" as const },
        { origin: "Admin" as const },
        { emailAddress: nobody },
        ...dates
      ], (query) => Effect.map(server.suppressions.dump("outbound", query), ({ length }) => length)),
      search(
        "statistics",
        [{ tag: "x" }, otherStream, ...dates],
        (query) => Effect.map(server.statistics.sends(query), ({ sent }) => sent)
      ),
      search(
        "templates",
        [{ templateType: "Layout" as const }, { layoutTemplate: "x" }],
        (query) => Effect.map(server.templates.list(query), ({ totalCount }) => totalCount)
      )
    ]
    assert.deepStrictEqual((yield* Effect.all(searches)).flat(), [])
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

/** The queries that found something, or failed; without any, something is found. */
const search = <Query extends object, E>(
  name: string,
  queries: ReadonlyArray<Query>,
  count: (query: Partial<Query>) => Effect.Effect<number, E>
) =>
  Effect.gen(function*() {
    const all = yield* count({})
    const ignored = yield* Effect.forEach(queries, (query) =>
      Effect.map(count(query), (found) => found === 0 ? [] : [[name, query]]))
    return all === 0 ? [[name, "finds nothing"]] : ignored.flat()
  })
