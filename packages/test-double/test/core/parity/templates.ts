import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Scenarios } from "./harness.ts"

const frame = { name: "Frame", alias: "frame", templateType: "Layout", textBody: "[{{{ @content }}}]" } as const
const welcome = { name: "Welcome", alias: "welcome", subject: "Hi {{name}}", textBody: "Hello {{name}}." }

export const templates: Scenarios = {
  "templates.create": ({ server }) =>
    Effect.gen(function*() {
      yield* server.templates.create(frame)
      const { raw: _, templateId, ...made } = yield* server.templates.create({ ...welcome, layoutTemplate: "frame" })
      assert.isAbove(templateId, 0)
      assert.deepStrictEqual({ ...made }, {
        name: "Welcome",
        active: true,
        alias: "welcome",
        templateType: "Standard",
        layoutTemplate: "frame"
      })
    }),

  "templates.get": ({ double, server }) =>
    Effect.gen(function*() {
      const [{ id } = { id: 0 }] = yield* double.servers
      const { templateId } = yield* server.templates.create(welcome)
      const { raw: _, ...byAlias } = yield* server.templates.get("welcome")
      assert.deepInclude(byAlias, {
        templateId,
        subject: "Hi {{name}}",
        textBody: "Hello {{name}}.",
        associatedServerId: id
      })
      const { raw: __, ...byId } = yield* server.templates.get(templateId)
      assert.deepStrictEqual(byId, byAlias)
    }),

  "templates.list": ({ server }) =>
    Effect.gen(function*() {
      yield* server.templates.create(frame)
      yield* server.templates.create({ ...welcome, layoutTemplate: "frame" })
      assert.strictEqual((yield* server.templates.list()).totalCount, 2)
      const layouts = yield* server.templates.list({ templateType: "Layout" })
      assert.deepStrictEqual(layouts.templates.map(({ alias, templateType }) => [alias, templateType]), [
        ["frame", "Layout"]
      ])
      const framed = yield* server.templates.list({ layoutTemplate: "frame", count: 1 })
      assert.deepStrictEqual(framed.templates.map(({ alias }) => alias), ["welcome"])
    }),

  "templates.edit": ({ server }) =>
    Effect.gen(function*() {
      const { templateId } = yield* server.templates.create(welcome)
      const edited = yield* server.templates.edit("welcome", { name: "Greeting", htmlBody: "<p>{{name}}</p>" })
      assert.deepStrictEqual([edited.templateId, edited.name], [templateId, "Greeting"])
      const got = yield* server.templates.get(templateId)
      assert.deepStrictEqual([got.htmlBody, got.textBody], ["<p>{{name}}</p>", "Hello {{name}}."])
    }),

  "templates.delete": ({ server }) =>
    Effect.gen(function*() {
      yield* server.templates.create(welcome)
      yield* server.templates.delete("welcome")
      assert.deepStrictEqual((yield* server.templates.list()).totalCount, 0)
    }),

  "templates.validate": ({ server }) =>
    Effect.gen(function*() {
      const { raw: _, ...valid } = yield* server.templates.validate({
        subject: "Hi {{name}}",
        htmlBody: "{{#each items}}<li>{{title}}</li>{{/each}}",
        testRenderModel: { name: "Ann", items: [{ title: "<1>" }] }
      })
      assert.deepStrictEqual(valid, {
        allContentIsValid: true,
        subject: { contentIsValid: true, validationErrors: [], renderedContent: "Hi Ann" },
        htmlBody: { contentIsValid: true, validationErrors: [], renderedContent: "<li>&lt;1&gt;</li>" },
        textBody: null,
        suggestedTemplateModel: { name: "Ann", items: [{ title: "<1>" }] }
      })
      const invalid = yield* server.templates.validate({ textBody: "ok\nno {{ a b }}" })
      assert.isFalse(invalid.allContentIsValid)
      assert.deepStrictEqual(
        invalid.textBody?.validationErrors.map(({ characterPosition, line }) => [line, characterPosition]),
        [[2, 4]]
      )
    })
}

export const templatesPush: Scenarios = {
  "templates.push": ({ account, double, server }) =>
    Effect.gen(function*() {
      const [source] = yield* double.servers
      const destination = yield* double.addServer({ token: "other", name: "Other" })
      yield* server.templates.create(frame)
      yield* server.templates.create({ ...welcome, layoutTemplate: "frame" })
      const push = { sourceServerId: source?.id ?? 0, destinationServerId: destination.id, performChanges: false }
      const dry = yield* account.templates.push(push)
      assert.deepStrictEqual(
        [dry.totalCount, dry.templates.map(({ action, alias, templateType }) => [action, alias, templateType])],
        [2, [["Create", "frame", "Layout"], ["Create", "welcome", "Standard"]]]
      )
      const pushed = yield* account.templates.push({ ...push, performChanges: true })
      assert.isTrue(pushed.templates.every(({ templateId }) => typeof templateId === "number"))
      const again = yield* account.templates.push(push)
      assert.deepStrictEqual(again.templates.map(({ action }) => action), ["Edit", "Edit"])
    })
}
