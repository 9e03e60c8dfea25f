import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, layerDouble } from "../kit.ts"
import { blockErrorRows, type ErrorRow, pathErrorRows, placeRows } from "./errorRows.ts"
import { modelRows } from "./modelRows.ts"
import { blockRows, pathRows, type RenderRow, syntaxRows, valueRows } from "./renderRows.ts"

interface Template {
  readonly HtmlBody?: string
  readonly TextBody?: string
  readonly Subject?: string
  readonly LayoutTemplate?: string
}

/** Sends a template with a model, given as JSON text, and gives the message. */
const sendTemplate = (template: Template, model: string) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("POST", "/templates", { body: { Name: "T", Alias: "t", Subject: "s", ...template } })
    const sent = yield* call("POST", "/email/withTemplate", {
      body: `{"From":"a@example.com","To":"b@example.com","TemplateAlias":"t","TemplateModel":${model}}`
    })
    return { sent, message: (yield* double.sent)[0] }
  })

const send = (template: Template, model: string) => Effect.provide(sendTemplate(template, model), layerDouble())

describe.each<[string, ReadonlyArray<RenderRow>]>([
  ["syntax", syntaxRows],
  ["paths", pathRows],
  ["blocks", blockRows],
  ["values", valueRows]
])("a template's %s", (_, rows) => {
  for (const [says, template, model, html] of rows) {
    it.effect(says, () =>
      Effect.gen(function*() {
        const { message, sent } = yield* send({ HtmlBody: template }, model)
        assert.strictEqual(sent.status, 200, sent.text)
        assert.strictEqual(message?.htmlBody, html)
      }))
  }
})

describe.each<[string, ReadonlyArray<ErrorRow>]>([
  ["paths", pathErrorRows],
  ["blocks", blockErrorRows],
  ["places", placeRows]
])("the errors of a template's %s", (_, rows) => {
  for (const [says, template, errors] of rows) {
    it.effect(says, () =>
      Effect.gen(function*() {
        const { json } = yield* call("POST", "/templates/validate", { body: { HtmlBody: template } })
        assert.deepStrictEqual(json, {
          AllContentIsValid: false,
          HtmlBody: {
            ContentIsValid: false,
            ValidationErrors: errors.map(([Line, CharacterPosition, Message]) => ({
              Message,
              Line,
              CharacterPosition
            })),
            RenderedContent: null
          },
          TextBody: null,
          Subject: null,
          SuggestedTemplateModel: null
        })
        const stored = yield* call("POST", "/templates", { body: { Name: "T", Subject: "s", HtmlBody: template } })
        assert.strictEqual(stored.json?.["ErrorCode"], 1122)
        assert.include(stored.json?.["Message"], errors[0]?.[2] ?? "an error")
      }).pipe(Effect.provide(layerDouble())))
  }
})

describe("the suggested model", () => {
  for (const [says, template, model] of modelRows) {
    it.effect(says, () =>
      Effect.gen(function*() {
        const { json } = yield* call("POST", "/templates/validate", { body: { HtmlBody: template } })
        assert.deepStrictEqual(json?.["SuggestedTemplateModel"], model)
      }).pipe(Effect.provide(layerDouble())))
  }
})

describe("a list that is none", () => {
  for (const value of [`"abc"`, "1", "true", `{"a":1}`, "0.5"]) {
    it.effect(`refuses ${value}`, () =>
      Effect.gen(function*() {
        const { message, sent } = yield* send({ TextBody: "{{#each x}}a{{/each}}" }, `{"x":${value}}`)
        assert.strictEqual(message, undefined)
        assert.deepStrictEqual([sent.status, sent.json?.["ErrorCode"], sent.json?.["Message"]], [
          422,
          1122,
          "'x' is used like an array by the template, but is a scalar value or object in your model."
        ])
      }))
  }

  it.effect("is no mistake where nothing looks at it", () =>
    Effect.gen(function*() {
      const { message } = yield* send({ TextBody: "{{#no}}{{#each ../x}}a{{/each}}{{/no}}b" }, `{"x":"abc"}`)
      assert.strictEqual(message?.textBody, "b")
    }))
})

it.effect("encodes nothing in subjects and text bodies", () =>
  Effect.gen(function*() {
    const { message } = yield* send({ Subject: "{{x}} {{{x}}}", TextBody: "{{x}} {{&x}}" }, `{"x":"<é & 'ü'>"}`)
    assert.deepStrictEqual([message?.subject, message?.textBody], ["<é & 'ü'> <é & 'ü'>", "<é & 'ü'> <é & 'ü'>"])
  }))

describe("a layout", () => {
  for (
    const [says, layout, body, model, html] of [
      ["encodes a value once", "<b>{{x}}</b>{{{ @content }}}", "<i>{{x}}</i>", `{"x":"&"}`, "<b>&amp;</b><i>&amp;</i>"],
      ["has a placeholder without blanks too", "<{{{@content}}}>", "{{x}}", `{"x":1}`, "<1>"],
      [
        "gives the body the scope of the placeholder",
        "{{#o}}{{{ @content }}}{{/o}}",
        "{{x}}{{../x}}",
        `{"x":1,"o":{"x":2}}`,
        "21"
      ],
      [
        "repeats the body in a list",
        "{{#each o.l}}{{{ @content }}}{{/each}}",
        "[{{.}}{{../../../n}}]",
        `{"n":1,"o":{"l":["a","&"]}}`,
        "[a1][&amp;1]"
      ],
      ["drops the body with the block around it", "a{{#o}}{{{ @content }}}{{/o}}", "b", "{}", "a"]
    ] as const
  ) {
    it.effect(says, () =>
      Effect.gen(function*() {
        yield* call("POST", "/templates", {
          body: { Name: "L", Alias: "l", TemplateType: "Layout", HtmlBody: layout }
        })
        const { message, sent } = yield* sendTemplate({ LayoutTemplate: "l", HtmlBody: body }, model)
        assert.strictEqual(sent.status, 200, sent.text)
        assert.strictEqual(message?.htmlBody, html)
      }).pipe(Effect.provide(layerDouble())))
  }
})
