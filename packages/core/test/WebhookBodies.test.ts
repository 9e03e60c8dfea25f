import * as Json from "@effect-postmark/core/Json"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck, Schema } from "effect"
import * as Bodies from "./fixtures/webhookBodies.ts"

const receivedAt = "2026-10-01T00:00:00.000Z"

const read = (body: unknown) => {
  const reading = WebhookReceiver.read(JSON.stringify(body), { receivedAt })
  assert.isDefined(reading)
  const event: unknown = reading?.event === null || reading?.event === undefined ? null : Json.parse(reading.event)
  return { ...reading, event: typeof event === "object" && event !== null ? event : {} }
}

describe("a body", () => {
  for (const { absent = [], body, event, name, status, trigger, unread } of Bodies.cases) {
    it(name, () => {
      const reading = read(body)
      assert.strictEqual(reading.status, status)
      assert.strictEqual(reading.trigger, trigger === undefined ? null : `postmark/${trigger}`)
      if (event !== undefined) assert.deepInclude(reading.event, event)
      assert.doesNotHaveAnyKeys(reading.event, ["raw", ...absent])
      assert.deepStrictEqual<unknown>(Reflect.get(reading.event, "unread"), unread)
    })
  }

  it("without its time happened when it came", () => {
    assert.deepInclude(read({ ...Bodies.open, ReceivedAt: {} }).event, {
      openedAt: receivedAt,
      unread: ["ReceivedAt"]
    })
  })

  it("keeps Postmark's trace id with its event", () => {
    const reading = WebhookReceiver.read(JSON.stringify(Bodies.delivery), { receivedAt, traceId: "trace-1" })
    assert.include(reading?.event ?? "", "\"traceId\":\"trace-1\"")
  })

  it("deeper than 64 levels is not parsed", () => {
    const nest = (depth: number) => `{"RecordType":"Delivery","a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    assert.strictEqual(WebhookReceiver.read(nest(63))?.recordType, "Delivery")
    assert.deepStrictEqual(WebhookReceiver.read(nest(64)), {
      recordType: null,
      trigger: null,
      event: null,
      status: "unknown"
    })
  })
})

describe("the depth of a text", () => {
  it("is that of its lists and objects, not of what its strings say", () => {
    const text = JSON.stringify({ a: "[".repeat(200), "{\"\\": `\\"${"{".repeat(100)}\\\\`, b: [[]] })
    assert.isFalse(Json.isTooDeep(text))
    assert.isFalse(Json.isTooDeep(`[${"[],".repeat(200)}[]]`))
    assert.isTrue(Json.isTooDeep("[{\"a\":".repeat(33)))
  })

  it("agrees with a count of the parsed value's levels", () => {
    const levels = (value: unknown): number =>
      typeof value === "object" && value !== null
        ? 1 + Object.values(value).reduce<number>((most, item) => Math.max(most, levels(item)), 0)
        : 0
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue({ maxDepth: 6 }), FastCheck.nat(70), (value, around) => {
        const deep = Array.from({ length: around }).reduce<unknown>((inner) => [inner], value)
        assert.strictEqual(Json.isTooDeep(JSON.stringify(deep)), levels(deep) > Json.maxDepth)
      })
    )
  })
})

/** In the order of the triggers; with the fields without which there is no event. */
const whole: ReadonlyArray<readonly [name: string, body: object, needed: ReadonlyArray<string>]> = [
  ["delivery", Bodies.delivery, ["RecordType", "MessageID", "Recipient"]],
  ["bounce", Bodies.bounce, ["RecordType", "ID", "MessageID", "Email", "Type"]],
  ["open", Bodies.open, ["RecordType", "MessageID", "Recipient"]],
  ["click", Bodies.click, ["RecordType", "MessageID", "Recipient"]],
  ["complaint", Bodies.complaint, ["RecordType", "ID", "MessageID", "Email"]],
  ["change", Bodies.change, ["RecordType", "Recipient", "SuppressSending"]],
  ["inbound", { ...Bodies.inbound, RecordType: "Inbound" }, ["RecordType", "MessageID"]]
]

describe("damage", () => {
  for (const [name, body, needed] of whole) {
    it(`to optional fields of a ${name} never loses the event`, () => {
      const optional = Object.keys(body).filter((key) => !needed.includes(key))
      const damage = FastCheck.dictionary(FastCheck.constantFrom(...optional), FastCheck.jsonValue({ maxDepth: 3 }))
      FastCheck.assert(
        FastCheck.property(damage, FastCheck.subarray(optional), (replaced, removed) => {
          const damaged = Object.fromEntries(
            Object.entries({ ...body, ...replaced }).filter(([key]) => !removed.includes(key))
          )
          const reading = read(damaged)
          assert.strictEqual(reading.status, "decoded")
          assert.strictEqual(reading.trigger, read(body).trigger)
        })
      )
    })

    it(`to the case of a ${name}'s keys changes nothing`, () => {
      FastCheck.assert(
        FastCheck.property(FastCheck.infiniteStream(FastCheck.boolean()), (bits) => {
          const anyCase = (key: string) =>
            Array.from(key, (letter) => bits.next().value === true ? letter.toUpperCase() : letter.toLowerCase()).join(
              ""
            )
          assert.deepStrictEqual(read(Bodies.renamed(body, anyCase)), read(body))
        })
      )
    })
  }
})

describe("the schema of an event", () => {
  const triggers: ReadonlyArray<Trigger.Any> = PostmarkTriggers.all
  const anyOf = ({ event }: Trigger.Any): FastCheck.Arbitrary<unknown> =>
    Arbitrary.make(Schema.typeSchema(event)).filter(({ metadata = {} }) => !Object.hasOwn(metadata, "__proto__"))

  for (const [index, trigger] of triggers.entries()) {
    const decode = Schema.decodeUnknownEither(trigger.event)
    const encode = Schema.encodeUnknownEither(trigger.event)
    const thereAndBack = (event: unknown) => Either.getOrThrow(Either.flatMap(encode(event), (json) => decode(json)))

    it(`of ${trigger.id} has any event back after it was encoded`, () => {
      FastCheck.assert(
        FastCheck.property(anyOf(trigger), (event) => {
          assert.deepStrictEqual<unknown>(thereAndBack(event), event)
        })
      )
    })

    it(`of ${trigger.id} has a webhook's event back after it was stored as JSON`, () => {
      const event = Either.getOrThrow(trigger.fromWebhook(whole[index]?.[1], { receivedAt, traceId: "trace-1" }))
      const stored: unknown = JSON.parse(JSON.stringify(Either.getOrThrow(encode(event))))
      assert.deepStrictEqual<unknown>(Either.getOrThrow(decode(stored)), event)
    })
  }
})
