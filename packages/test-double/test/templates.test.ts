import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, layerDouble } from "./kit.ts"

const section = (
  answer: { readonly json: Record<string, unknown> | undefined },
  name: string
): { readonly [key: string]: unknown } => {
  const value = answer.json?.[name]
  return typeof value === "object" && value !== null ? { ...value } : {}
}

const model = {
  name: "A & B",
  zero: 0,
  yes: true,
  empty: [],
  company: { ceo: { last: "Roe", products: [{ name: "one" }, { name: "two" }] } },
  tags: ["a", "b"],
  object: { x: 1 }
}

it.effect("renders values, sections, lists and scopes", () =>
  Effect.gen(function*() {
    for (
      const [template, text] of [
        ["{{name}} {{{name}}} {{& name}} {{! none }}{{missing}}", "A &amp; B A & B A & B missing_Value"],
        ["{{zero}} {{yes}} {{object}} {{tags}}|", "0 True  |"],
        ["{{#zero}}a{{^zero}}b{{/zero}}{{#yes}}c{{^yes}}d{{/yes}}", "bc"],
        ["{{#empty}}a{{/empty}}{{^empty}}none{{/empty}}{{#each empty}}x{{/each}}", "none"],
        ["{{#tags}}once{{/tags}} {{#each tags}}[{{.}}]{{/each}}", "once [a][b]"],
        ["{{#company.ceo}}{{last}} {{../../name}}{{/company.ceo}}", "Roe A &amp; B"],
        ["{{#each company.ceo.products}}{{name}} of {{../../last}};{{/each}}", "one of Roe;two of Roe;"],
        ["{{#each tags}}{{../../name}}{{/each}}", "A &amp; BA &amp; B"],
        ["{ {{ name }} }", "{ A &amp; B }"]
      ] as const
    ) {
      const answer = yield* call("POST", "/templates/validate", {
        body: { HtmlBody: template, TestRenderModel: model }
      })
      assert.deepStrictEqual(section(answer, "HtmlBody"), {
        ContentIsValid: true,
        ValidationErrors: [],
        RenderedContent: text
      }, template)
    }
    const text = yield* call("POST", "/templates/validate", { body: { TextBody: "{{name}}", TestRenderModel: model } })
    assert.strictEqual(section(text, "TextBody")["RenderedContent"], "A & B")
    const wrong = yield* call("POST", "/templates/validate", {
      body: { TextBody: "{{#each name}}x{{/each}}", TestRenderModel: model }
    })
    assert.isFalse(section(wrong, "TextBody")["ContentIsValid"])
  }).pipe(Effect.provide(layerDouble())))

it.effect("says where a template is wrong", () =>
  Effect.gen(function*() {
    for (
      const [template, places] of [
        ["a\n  {{x y}}", [[2, 3]]],
        ["{{#a}}\n{{#each b}}{{/each}}", [[1, 1]]],
        ["x{{/a}}", [[1, 2]]],
        ["{{#if a}}x{{/if}}", [[1, 1], [1, 1], [1, 11]]],
        ["{{a-b}} {{@index}} {{{ @content }}}", [[1, 1], [1, 9], [1, 20]]]
      ] as const
    ) {
      const answer = yield* call("POST", "/templates/validate", { body: { TextBody: template } })
      const errors = section(answer, "TextBody")["ValidationErrors"]
      assert.deepStrictEqual(
        Array.isArray(errors) ? errors.map(({ CharacterPosition, Line }) => [Line, CharacterPosition]) : errors,
        places,
        template
      )
    }
  }).pipe(Effect.provide(layerDouble())))

it.effect("suggests a model", () =>
  Effect.gen(function*() {
    const answer = yield* call("POST", "/templates/validate", {
      body: {
        Subject: "{{name}}",
        HtmlBody:
          "{{#each items}}{{title}} {{../../shop.name}}{{/each}}{{#each tags}}{{.}}{{/each}}{{#paid}}{{on}}{{/paid}}",
        TestRenderModel: null
      }
    })
    assert.deepStrictEqual(answer.json?.["SuggestedTemplateModel"], {
      name: "name_Value",
      items: [{ title: "title_Value" }],
      shop: { name: "name_Value" },
      tags: ["tags_1", "tags_2", "tags_3"],
      paid: { on: "on_Value" }
    })
  }).pipe(Effect.provide(layerDouble())))

it.effect("sends within a layout", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const layout = { TemplateType: "Layout", Name: "Frame", Alias: "frame" }
    yield* call("POST", "/templates", { body: { ...layout, HtmlBody: "<b>{{shop}} {{{ @content }}}</b>" } })
    const template = { Name: "T", Alias: "t", LayoutTemplate: "frame", Subject: "{{shop}}{{missing}}" }
    yield* call("POST", "/templates", { body: { ...template, HtmlBody: "<i>{{shop}}</i>", TextBody: "{{shop}}" } })
    const message = { From: "a@example.com", To: "b@example.com", TemplateModel: { shop: "A&B" } }
    const sent = yield* call("POST", "/email/withTemplate", { body: { ...message, TemplateAlias: "t" } })
    assert.strictEqual(sent.status, 200)
    const [mail] = yield* double.sent
    assert.deepStrictEqual(
      [mail?.subject, mail?.htmlBody, mail?.textBody],
      ["A&B", "<b>A&amp;B <i>A&amp;B</i></b>", "A&B"]
    )
    const frame = yield* call("POST", "/email/withTemplate", { body: { ...message, TemplateAlias: "frame" } })
    assert.strictEqual(frame.json?.["ErrorCode"], 1101)
  }).pipe(Effect.provide(layerDouble())))

it.effect("keeps a hundred templates, and no more", () =>
  Effect.gen(function*() {
    const body = { Name: "x", Subject: "s", TextBody: "t" }
    yield* Effect.repeatN(call("POST", "/templates", { body }), 99)
    assert.strictEqual((yield* call("POST", "/templates", { body })).json?.["ErrorCode"], 1105)
    yield* call("DELETE", "/templates/1003801")
    assert.strictEqual((yield* call("POST", "/templates", { body })).status, 200)
  }).pipe(Effect.provide(layerDouble())))
