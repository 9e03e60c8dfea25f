import * as WebhookSender from "@effect-postmark/test-double/WebhookSender"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "./support/bundle.ts"
import { freePort, run } from "./support/child.ts"
import { caller, email, idOf, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"

const apiKey = "an-admin-key-from-outside"
const secret = "Bearer crash-secret"
const rounds = 8

const Delivered = Schema.Struct({ MessageID: Schema.String, Recipient: Schema.String })
const recipientOf = Schema.decodeUnknownSync(Schema.parseJson(Delivered))

const Page = Schema.Struct({
  events: Schema.Array(Schema.Struct({ sequence: Schema.Number, raw: Schema.Unknown })),
  nextCursor: Schema.String
})

describe("SIGKILL", () => {
  it.scopedLive("neither loses nor duplicates an event within 5 ms of a 200", () =>
    Effect.gen(function*() {
      const program = yield* Effect.promise(() => bundle("test/fixtures/crashServer.ts"))
      const port = yield* freePort
      const url = `http://127.0.0.1:${port}`
      const call = caller(url, apiKey)
      const directory = yield* temporaryDirectory
      const seenFile = join(directory, "seen")

      /** The events for which the double got a 200, even if the server was killed afterwards. */
      const acknowledged: Array<string> = []
      let kill = () => {}
      const post = yield* WebhookSender.makeFetch
      const double = yield* startDouble({
        webhookSender: (webhook) =>
          Effect.tap(post(webhook), (status) =>
            Effect.sync(() => {
              if (status !== 200 || !webhook.body.includes("\"Recipient\":\"round-")) return
              acknowledged.push(recipientOf(webhook.body).Recipient)
              kill()
            }))
      })
      const start = Effect.gen(function*() {
        const child = yield* run(program, {
          EFFECT_POSTMARK_PORT: String(port),
          EFFECT_POSTMARK_DATA_DIR: join(directory, "data"),
          EFFECT_POSTMARK_POSTMARK_API_URL: double.url,
          EFFECT_POSTMARK_API_KEY: apiKey,
          SEEN_FILE: seenFile
        })
        yield* child.says("ready ")
        assert.include(child.output(), "durable=true;")
        return child
      })

      const connectionId = yield* Effect.scoped(Effect.gen(function*() {
        yield* start
        const id = idOf(
          (yield* call("POST", "/v1/connections", { body: { name: "a", serverToken: tokens.acme } })).json
        )
        yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "postmark/email-delivered", secret } })
        const webhook = yield* caller(double.url, undefined)("POST", "/webhooks", {
          headers: { "content-type": "application/json", "x-postmark-server-token": tokens.acme },
          body: {
            Url: `${url}/v1/webhooks/${id}`,
            MessageStream: "outbound",
            HttpHeaders: [{ Name: "Authorization", Value: secret }],
            Triggers: { Delivery: { Enabled: true } }
          }
        })
        assert.include(webhook.text, "\"Status\":\"verified\"")
        return id
      }))

      const stored = Effect.gen(function*() {
        const events: Array<{ readonly sequence: number; readonly message: string; readonly recipient: string }> = []
        let cursor = ""
        while (true) {
          const { json } = yield* call("GET", `/v1/events?limit=500${cursor === "" ? "" : `&after=${cursor}`}`)
          const page = Schema.decodeUnknownSync(Page)(json)
          if (page.events.length === 0) return events
          events.push(
            ...page.events.flatMap(({ raw, sequence }) =>
              Schema.is(Delivered)(raw) ? [{ sequence, message: raw.MessageID, recipient: raw.Recipient }] : []
            )
          )
          cursor = page.nextCursor
        }
      })
      const assertNothingLost = Effect.map(stored, (events) => {
        const recipients = events.map(({ recipient }) => recipient)
        const twice = events.filter(({ recipient }, index) => recipients.indexOf(recipient) !== index)
        assert.deepStrictEqual(twice, [])
        assert.deepStrictEqual(acknowledged.filter((recipient) => !recipients.includes(recipient)), [])
      })

      for (let round = 0; round < rounds; round++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const child = yield* start
          yield* assertNothingLost
          const before = acknowledged.length
          kill = () => {
            setTimeout(() => child.process.kill("SIGKILL"), round % 6)
          }
          const messages = [1, 2, 3].map((number) => ({ ...email, to: `round-${round}-${number}@example.org` }))
          // The server may be killed before it can respond.
          yield* Effect.fork(Effect.ignore(Effect.sandbox(
            call("POST", `/v1/connections/${connectionId}/actions/send-email-batch`, { body: { messages } })
          )))
          assert.strictEqual((yield* child.exit).signal, "SIGKILL")
          kill = () => {}
          assert.isAbove(acknowledged.length, before)
        }))
      }

      yield* Effect.scoped(Effect.gen(function*() {
        yield* start
        yield* assertNothingLost
        const seen = Effect.sync(() => existsSync(seenFile) ? readFileSync(seenFile, "utf8") : "")
        const missing = Effect.map(
          seen,
          (text) => acknowledged.filter((recipient) => !text.includes(` ${recipient}\n`))
        )
        const left = yield* Effect.repeat(missing, {
          until: (recipients) => recipients.length === 0,
          schedule: Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(100))
        })
        assert.deepStrictEqual(yield* missing, [], String(left))
        assert.isAtLeast(acknowledged.length, rounds)
      }))
    }), 240_000)
})
