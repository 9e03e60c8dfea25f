/** Compiled checks and encoders against the schemas that they stand in for. */
import { Email, PostmarkApi } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, ParseResult, Schema } from "effect"
import { acceptsType, decodeKnown, encodeValid } from "../src/internal/wire/compiled.ts"

const mailbox = fc.constantFrom(
  "ann@example.com",
  "Ann <ann@example.com>",
  "ann@bücher.example",
  "\"Doe, Ann\" <ann@example.com>",
  "not an address",
  "a@b",
  ""
)
const text = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom("a\r\nb", "x".repeat(2_001), "\u0000"))
const field = fc.oneof(
  mailbox,
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.array(mailbox)
)

/** Messages of which about half are valid, and values that are hardly messages. */
const message = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      from: fc.constantFrom("ann@example.com", "Ann <ann@bücher.example>"),
      to: fc.oneof(fc.constant("bob@example.com"), fc.array(fc.constant("Bob <bob@example.com>"), { minLength: 1 })),
      cc: fc.constantFrom("cy@example.com", undefined),
      textBody: fc.string({ minLength: 1 }),
      metadata: fc.dictionary(fc.constantFrom("a", "b", "order"), fc.constantFrom("1", "x y")),
      headers: fc.array(fc.record({ name: fc.constantFrom("X-A", "x-b"), value: fc.constantFrom("1", "é") })),
      attachments: fc.array(
        fc.record({
          name: fc.constant("a.pdf"),
          content: fc.uint8Array(),
          contentType: fc.constant("application/pdf"),
          contentId: fc.constantFrom("cid:a", undefined)
        })
      )
    }, { requiredKeys: ["from", "to", "textBody"] })
  },
  {
    weight: 5,
    arbitrary: fc.record({
      from: mailbox,
      to: fc.oneof(mailbox, fc.array(mailbox, { maxLength: 55 })),
      subject: text,
      textBody: fc.string(),
      metadata: fc.dictionary(fc.string({ maxLength: 22 }), fc.oneof(text, fc.integer())),
      headers: fc.array(fc.record({ name: text, value: text })),
      attachments: fc.array(
        fc.record({
          name: fc.constantFrom("a.pdf", "a.exe", "", "b/c.png"),
          content: fc.oneof(fc.uint8Array(), fc.string()),
          contentType: fc.constantFrom("application/pdf", "pdf"),
          contentId: fc.constantFrom("cid:a", "a b", undefined)
        }, { requiredKeys: ["name", "content", "contentType"] })
      ),
      trackLinks: fc.constantFrom("None", "HtmlOnly", "yes"),
      trackOpens: fc.oneof(fc.boolean(), fc.constant("true")),
      messageStream: fc.constantFrom("outbound", ""),
      excess: fc.anything()
    }, { requiredKeys: ["from"] })
  },
  { weight: 2, arbitrary: fc.dictionary(fc.constantFrom("from", "to", "textBody", "tag", "headers"), field) },
  { weight: 1, arbitrary: fc.anything() }
)

const template = fc.record({
  from: fc.constant("ann@example.com"),
  to: fc.array(fc.constant("Bob <bob@example.com>"), { minLength: 1 }),
  templateAlias: fc.constant("welcome"),
  // The schema loses a key of this name, which the compiled encoder keeps.
  templateModel: fc.dictionary(fc.string().filter((name) => name !== "__proto__"), fc.anything()),
  inlineCss: fc.boolean()
}, { requiredKeys: ["from", "to", "templateAlias", "templateModel"] })

const runs = { numRuns: 400 }

describe("compiled schemas", () => {
  const validate = ParseResult.validateEither(Email.Email)
  const accepts = acceptsType(Email.Email)

  it("accept exactly what the schema accepts", () => {
    let accepted = 0
    fc.assert(
      fc.property(message, (value) => {
        const isValid = Either.isRight(validate(value))
        if (isValid) accepted++
        assert.strictEqual(accepts(value), isValid)
      }),
      runs
    )
    assert.isAbove(accepted, 50)
  })

  it("encode a valid message to the same JSON as the schema", () => {
    const bySchema = Schema.encodeSync(PostmarkApi.EmailRequest)
    const compiled = encodeValid(PostmarkApi.EmailRequest)
    fc.assert(
      fc.property(message.filter((value): value is Email.Email => accepts(value)), (valid) => {
        assert.deepStrictEqual(compiled(valid), bySchema(valid))
      }),
      { numRuns: 100 }
    )
  })

  it("encode a valid template message to the same JSON as the schema", () => {
    const bySchema = Schema.encodeSync(PostmarkApi.TemplateEmailRequest)
    const compiled = encodeValid(PostmarkApi.TemplateEmailRequest)
    fc.assert(
      fc.property(template, (valid) => {
        assert.deepStrictEqual(compiled(valid), bySchema(valid))
      }),
      { numRuns: 200 }
    )
  })

  it("decode an answer as the schema does, and with the same issues", () => {
    const answers = Schema.Array(PostmarkApi.SendResponse)
    const bySchema = ParseResult.decodeUnknownEither(answers)
    const compiled = decodeKnown(answers)
    const answer = fc.record({
      To: fc.oneof(fc.string(), fc.constant(null)),
      SubmittedAt: fc.oneof(fc.string(), fc.integer()),
      MessageID: fc.oneof(fc.uuid(), fc.constant(null), fc.constant("")),
      ErrorCode: fc.oneof(fc.integer(), fc.double(), fc.constant("0")),
      Message: fc.oneof({ weight: 9, arbitrary: fc.string() }, { weight: 1, arbitrary: fc.constant(7) }),
      Later: fc.anything()
    }, { requiredKeys: ["Message"] })
    fc.assert(
      fc.property(fc.oneof(fc.array(answer, { maxLength: 4 }), fc.anything()), (value) => {
        const [known, expected] = [compiled(value), bySchema(value)]
        if (Either.isLeft(expected)) {
          assert.isTrue(Either.isLeft(known) && known.left.toString() === expected.left.toString())
        } else {
          assert.deepStrictEqual(known, expected)
        }
      }),
      runs
    )
  })
})
