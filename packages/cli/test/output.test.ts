import * as Output from "@effect-postmark/cli/Output"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Writable } from "node:stream"

const written = (
  settings: Partial<Output.Settings>,
  terminal: { readonly columns: number } | undefined,
  use: (output: Output.Service) => Effect.Effect<void, unknown>,
  color = false
) =>
  Effect.gen(function*() {
    const out = { stdout: "", stderr: "" }
    const target = (name: "stdout" | "stderr") =>
      Object.assign(
        new Writable({
          write: (chunk, _, done) => {
            out[name] += String(chunk)
            done()
          }
        }),
        terminal === undefined ? {} : { isTTY: true, columns: terminal.columns }
      )
    const output = yield* Output.make(target("stdout"), target("stderr"), color)
    yield* Effect.provideService(use(output), Output.OutputSettings, {
      format: undefined,
      fields: [],
      quiet: false,
      color: true,
      ...settings
    })
    return out
  })

const list = {
  total: 2,
  items: [
    {
      id: "a1",
      name: "Ann, \"A\"",
      at: "2026-09-30T16:04:08.1234567-04:00",
      to: [{ email: "x@e.com" }, { email: "y@e.com" }]
    },
    { id: "b2", name: "Bob\nB\u001B[31m", at: "2026-09-30T17:04:08-04:00", to: [] }
  ]
}
const view = { list: "items", columns: [{ path: "id" }, { path: "name" }] }

describe("formats", () => {
  it.effect("writes one line of JSON to a pipe, and JSON lines or CSV when asked", () =>
    Effect.gen(function*() {
      const data = (settings: Partial<Output.Settings>) =>
        written(settings, undefined, (output) => output.data(list, view))
      assert.strictEqual((yield* data({})).stdout, `${JSON.stringify(list)}\n`)
      assert.strictEqual(
        (yield* data({ format: "jsonl" })).stdout,
        list.items.map((item) => `${JSON.stringify(item)}\n`).join("")
      )
      assert.strictEqual(
        (yield* data({ format: "csv", fields: ["id", "name", "to.email"] })).stdout,
        "id,name,to.email\na1,\"Ann, \"\"A\"\"\",\"x@e.com, y@e.com\"\nb2,\"Bob\nB\u001B[31m\",\n"
      )
    }))

  it.effect("keeps only the fields that were asked for", () =>
    Effect.gen(function*() {
      const { stdout } = yield* written({ fields: ["id", "to.email"] }, undefined, (output) => output.data(list, view))
      assert.deepStrictEqual(JSON.parse(stdout), {
        total: 2,
        items: [{ id: "a1", to: [{ email: "x@e.com" }, { email: "y@e.com" }] }, { id: "b2", to: [] }]
      })
    }))

  it.effect("writes rows as they come in each format", () =>
    Effect.gen(function*() {
      const rows = (format: Output.Format, items: ReadonlyArray<unknown>) =>
        Effect.map(
          written({ format }, undefined, (output) => output.rows(Stream.rechunk(Stream.fromIterable(items), 1), view)),
          ({ stdout }) => stdout
        )
      assert.deepStrictEqual(JSON.parse(yield* rows("json", list.items)), list.items)
      assert.strictEqual(yield* rows("json", []), "[]\n")
      assert.strictEqual(yield* rows("csv", []), "id,name\n")
      assert.strictEqual(yield* rows("jsonl", [{ a: 1 }, { a: 2 }]), "{\"a\":1}\n{\"a\":2}\n")
    }))
})

describe("a terminal", () => {
  it.effect("gets a table that fits its width, without control characters", () =>
    Effect.gen(function*() {
      const { stdout } = yield* written({}, { columns: 14 }, (output) =>
        output.data({ items: [{ id: "a1", name: "x".repeat(50) }, list.items[1]] }, view))
      assert.strictEqual(stdout, "ID  NAME\na1  xxxxxxxxx…\nb2  Bob B [31m\n")
    }))

  it.effect("gets colors only where they can be shown", () =>
    Effect.gen(function*() {
      const state = { list: "items", columns: [{ path: "state", kind: "state" as const }] }
      const items = { items: [{ state: "Sent" }] }
      const shown = (settings: Partial<Output.Settings>, color: boolean) =>
        Effect.map(
          written(settings, { columns: 80 }, (output) => output.data(items, state), color),
          ({ stdout }) => stdout.includes("\u001B[32mSent")
        )
      assert.deepStrictEqual(
        [yield* shown({}, true), yield* shown({}, false), yield* shown({ color: false }, true)],
        [true, false, false]
      )
    }))

  it.effect("gets errors as text that says what, where and what to do, but JSON if that was asked for", () =>
    Effect.gen(function*() {
      const report = {
        code: "validation_failure",
        message: "to: must be an address",
        fixableBy: "caller" as const,
        retryable: false,
        issues: [{ path: ["to"], message: "must be an address" }]
      }
      const text = (yield* written({}, { columns: 80 }, (output) => output.error(report))).stderr
      assert.strictEqual(
        text,
        "Error: to: must be an address (validation_failure)\n  to: must be an address\n" +
          "What to do: correct the input and run the command again\n"
      )
      const json = (yield* written({ format: "json" }, { columns: 80 }, (output) => output.error(report))).stderr
      assert.deepStrictEqual(JSON.parse(json), { error: report })
    }))

  it.effect("writes no note with --quiet", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* written({ quiet: true }, undefined, (output) => output.note("a", {}))).stderr, "")
      assert.strictEqual((yield* written({}, undefined, (output) => output.note("a", { b: 1 }))).stderr, "{\"b\":1}\n")
    }))
})
