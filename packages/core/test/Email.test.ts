import * as Email from "@effect-postmark/core/Email"
import * as EmailAddress from "@effect-postmark/core/EmailAddress"
import * as Issues from "@effect-postmark/core/Issues"
import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck, ParseResult, Schema } from "effect"

const validate = ParseResult.validateEither(Email.Email, { errors: "all" })

const email = { from: "shop@example.org", to: "ann@example.com", textBody: "t" }

const pathsOf = (input: Email.Email) =>
  Either.match(validate(input), {
    onLeft: (issue) => Issues.fromParseIssue(issue).map(({ path }) => path.join(".")),
    onRight: () => []
  })

/** A limit holds at -1 and 0, and breaks at +1. */
const limit = (name: string, maximum: number, path: string, make: (size: number) => Email.Email) =>
  it(`${name}: ${maximum} pass and ${maximum + 1} do not`, () => {
    assert.deepStrictEqual(pathsOf(make(maximum - 1)), [])
    assert.deepStrictEqual(pathsOf(make(maximum)), [])
    assert.deepStrictEqual(pathsOf(make(maximum + 1)), [path])
  })

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@example.com`)

describe("limits", () => {
  limit("recipients over to, cc and bcc", 50, "to", (size) => ({
    ...email,
    to: addresses(10),
    cc: addresses(15),
    bcc: addresses(size - 25)
  }))
  limit("from", 255, "from", (size) => ({ ...email, from: `${"n".repeat(size - 19)} <shop@example.org>` }))
  limit("subject", 2_000, "subject", (size) => ({ ...email, subject: "s".repeat(size) }))
  limit("tag", 1_000, "tag", (size) => ({ ...email, tag: "t".repeat(size) }))
  limit("bytes of textBody", 5 * 1024 * 1024, "textBody", (size) => ({ ...email, textBody: "t".repeat(size) }))
  limit("bytes of htmlBody in two-byte characters", 5 * 1024 * 1024, "htmlBody", (size) => ({
    ...email,
    htmlBody: "é".repeat(Math.floor(size / 2)) + "e".repeat(size % 2)
  }))
  limit("metadata fields", 10, "metadata", (size) => ({
    ...email,
    metadata: Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, "v"]))
  }))
  limit("a metadata value", 80, "metadata.k", (size) => ({ ...email, metadata: { k: "v".repeat(size) } }))

  it("metadata names differ in more than their case", () => {
    assert.deepStrictEqual(pathsOf({ ...email, metadata: { order: "1", Order: "2" } }), ["metadata.Order"])
  })

  it("there is a recipient, and a body", () => {
    assert.deepStrictEqual(pathsOf({ from: email.from, textBody: "t" }), ["to"])
    assert.deepStrictEqual(pathsOf({ from: email.from }), ["to", "htmlBody"])
    assert.deepStrictEqual(pathsOf({ from: email.from, to: email.to, htmlBody: "" }), ["htmlBody"])
  })

  it("no line break gets into a header", () => {
    for (const text of ["a\r\nBcc: x@example.com", "a\nb", "a\u2028b", "a\u0000b"]) {
      assert.deepStrictEqual(pathsOf({ ...email, subject: text }), ["subject"])
      assert.deepStrictEqual(pathsOf({ ...email, tag: text }), ["tag"])
      assert.deepStrictEqual(pathsOf({ ...email, headers: [{ name: "X-A", value: text }] }), ["headers.0.value"])
      assert.deepStrictEqual(pathsOf({ ...email, from: `${text} <shop@example.org>` }), ["from"])
    }
    assert.deepStrictEqual(pathsOf({ ...email, headers: [{ name: "X: A", value: "b" }] }), ["headers.0.name"])
  })

  const attached = (name: string, size = 3) => ({
    ...email,
    attachments: [{ name, content: new Uint8Array(size), contentType: "application/octet-stream" }]
  })

  it("attachments of a forbidden type are refused, however they are written", () => {
    for (
      const name of [
        "x.exe",
        "x.EXE",
        "x.exe.",
        "x.exe ",
        "a.pdf.scr",
        "x.\uff45\uff58\uff45",
        "exe\u202Efdp.pdf",
        "../x.pdf",
        "a\\b.pdf"
      ]
    ) {
      assert.deepStrictEqual(pathsOf(attached(name)), ["attachments.0.name"], name)
    }
    for (const name of ["x.pdf", "x.exe.pdf", "exe", "x.executable", ".htaccess", "x.js"]) {
      assert.deepStrictEqual(pathsOf(attached(name)), [], name)
    }
  })

  it("a message has at most 10 MB, its attachments counted in base64", () => {
    const most = (10 * 1024 * 1024 / 4) * 3
    assert.deepStrictEqual(pathsOf(attached("x.pdf", most - 3)), [])
    assert.deepStrictEqual(pathsOf(attached("x.pdf", most)), ["attachments"])
  })

  it("the content of an attachment is base64 in JSON", () => {
    const decode = ParseResult.decodeUnknownEither(Email.Email, { errors: "all" })
    const refused = (content: unknown) =>
      Either.match(decode({ ...email, attachments: [{ name: "x.pdf", content, contentType: "application/pdf" }] }), {
        onLeft: (issue) => Issues.fromParseIssue(issue).map(({ path }) => path.join(".")),
        onRight: () => []
      })
    assert.deepStrictEqual(refused("aGk="), [])
    for (const content of ["aGk", "a*b=", "aGk_", 1, null]) {
      assert.deepStrictEqual(refused(content), ["attachments.0.content"])
    }
  })

  it("issues of fields and of the whole come together", () => {
    const decode = ParseResult.decodeUnknownEither(Email.Email, { errors: "all" })
    const issues = Either.match(
      decode({ from: 1, subject: "s".repeat(2_001), trackLinks: "yes", tag: "t".repeat(1_001) }),
      {
        onLeft: Issues.fromParseIssue,
        onRight: () => []
      }
    )
    assert.deepStrictEqual(
      issues.map(({ path }) => path.join(".")).sort(),
      ["from", "htmlBody", "subject", "tag", "to", "trackLinks"]
    )
  })

  it("a template is named by its id or by its alias, never by both", () => {
    const template = { from: email.from, to: email.to, templateModel: {} }
    const refused = (input: Email.TemplateEmail) =>
      Either.isLeft(ParseResult.validateEither(Email.TemplateEmail)(input))
    assert.isFalse(refused({ ...template, templateId: 1 }))
    assert.isFalse(refused({ ...template, templateAlias: "welcome" }))
    assert.isTrue(refused(template))
    assert.isTrue(refused({ ...template, templateId: 1, templateAlias: "welcome" }))
  })
})

describe("addresses", () => {
  const isMailbox = Schema.is(EmailAddress.Mailbox)

  it("are one mailbox each", () => {
    for (
      const mailbox of [
        "ann@example.com",
        "Ann Sender <ann@example.com>",
        "\"Sender, Ann\" <ann+tag@mail.example.com>",
        "ann.o'hara@example.co.uk",
        "Ännchen <ann@bücher.example>",
        "<ann@example.com>"
      ]
    ) assert.isTrue(isMailbox(mailbox), mailbox)
    for (
      const text of [
        "",
        "ann",
        "ann@localhost",
        "ann@example.com, bob@example.com",
        "Ann <ann@example.com> <bob@example.com>",
        "ann@example.com\r\nBcc: bob@example.com",
        "änn@example.com",
        "ann@@example.com",
        "ann @example.com",
        "\"Ann <ann@example.com>",
        "ann@example.com;"
      ]
    ) assert.isFalse(isMailbox(text), text)
  })

  it("with an international domain go out in ASCII", () => {
    assert.strictEqual(
      Schema.encodeSync(EmailAddress.RecipientsFromText)(["Ännchen <ann@bücher.example>", "bob@example.com"]),
      "Ännchen <ann@xn--bcher-kva.example>, bob@example.com"
    )
    assert.strictEqual(
      Schema.encodeSync(EmailAddress.MailboxFromText)("ann@bücher.example"),
      "ann@xn--bcher-kva.example"
    )
    assert.isFalse(Schema.is(EmailAddress.Mailbox)("ann@b\u00adü\u200d..example"))
  })

  it("come back from Postmark's text as they went in", () => {
    const mailbox = FastCheck.tuple(
      FastCheck.constantFrom("", "Ann ", "\"Sender, Ann\" ", "\"with \\\" quote, and comma\" "),
      FastCheck.stringMatching(/^[a-z0-9.]{1,10}$/),
      FastCheck.stringMatching(/^[a-z]{1,10}\.[a-z]{2,5}$/)
    ).map(([name, local, domain]) => name === "" ? `${local}@${domain}` : `${name}<${local}@${domain}>`)
    FastCheck.assert(
      FastCheck.property(FastCheck.array(mailbox, { minLength: 2, maxLength: 50 }), (mailboxes) => {
        const text = Schema.encodeSync(EmailAddress.RecipientsFromText)(mailboxes)
        assert.deepStrictEqual(Schema.decodeSync(EmailAddress.RecipientsFromText)(text), mailboxes)
      })
    )
  })

  it("are judged quickly, however they are written", () => {
    for (
      const text of ["a.".repeat(50_000), `${"a".repeat(100_000)}@`, `a@${"a.".repeat(50_000)}`, "<".repeat(100_000)]
    ) {
      assert.isFalse(isMailbox(text))
    }
  })
})

describe("the wire form", () => {
  const text = FastCheck.stringMatching(/^[ -~]{0,30}$/)
  const samples = FastCheck.record({
    from: FastCheck.constant("shop@example.org"),
    to: FastCheck.constant(["ann@example.com", "bob@example.com"]),
    subject: FastCheck.option(text, { nil: undefined }),
    textBody: FastCheck.stringMatching(/^.{1,30}$/),
    headers: FastCheck.array(FastCheck.record({ name: FastCheck.stringMatching(/^X-[A-Za-z]{1,9}$/), value: text })),
    metadata: FastCheck.dictionary(FastCheck.stringMatching(/^[a-z_]{1,20}$/), text, { maxKeys: 5 }),
    trackOpens: FastCheck.boolean(),
    attachments: FastCheck.array(
      FastCheck.record({
        name: FastCheck.stringMatching(/^[a-z]{1,9}\.pdf$/),
        content: FastCheck.uint8Array({ maxLength: 50 }),
        contentType: FastCheck.constant("application/pdf"),
        contentId: FastCheck.option(FastCheck.constant("cid:logo.png"), { nil: undefined })
      }),
      { maxLength: 3 }
    )
  })

  it("comes back as it went out", () => {
    FastCheck.assert(
      FastCheck.property(samples, (sample) => {
        const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(PostmarkApi.EmailRequest)(sample)))
        const back = Schema.decodeUnknownSync(PostmarkApi.EmailRequest)(json)
        assert.deepStrictEqual(
          back.attachments?.map(({ content }) => content),
          sample.attachments.map(({ content }) => content)
        )
        assert.deepStrictEqual(JSON.parse(JSON.stringify(Schema.encodeSync(PostmarkApi.EmailRequest)(back))), json)
      })
    )
  })
})
