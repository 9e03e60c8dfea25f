import { CliError } from "@effect-postmark/cli/CliError"
import * as ErrorReport from "@effect-postmark/cli/ErrorReport"
import * as ExitCode from "@effect-postmark/cli/ExitCode"
import * as Output from "@effect-postmark/cli/Output"
import * as Action from "@effect-postmark/core/Action"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import { Attachment, Header } from "@effect-postmark/core/Email"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import { PostmarkError, SendError } from "@effect-postmark/core/PostmarkError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Schema } from "effect"
import { Writable } from "node:stream"
import { inProcess } from "./support/inProcess.ts"
import { file } from "./support/program.ts"

/** An action that returns its payload, to show how the command line was parsed. */
const echo = Action.handle(
  Action.make("acme/echo", {
    title: "Echo",
    description: "Returns its payload",
    readOnly: true,
    idempotent: true,
    payload: Schema.Struct({
      note: Schema.optional(Schema.String.annotations({ description: "what to say" })),
      subject: Schema.optional(Schema.String),
      htmlBody: Schema.optional(Schema.String),
      to: Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String))),
      labels: Schema.optional(Schema.Array(Schema.String)),
      metadata: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
      headers: Schema.optional(Schema.Array(Header)),
      attachments: Schema.optional(Schema.Array(Attachment)),
      templateModel: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
      limit: Schema.optional(Schema.Int),
      loud: Schema.optional(Schema.Boolean),
      nested: Schema.optional(Schema.Struct({ deep: Schema.Number })),
      timeout: Schema.optional(Schema.String)
    }),
    success: Schema.Unknown,
    error: SendError
  }),
  (payload) => Effect.succeed(JSON.parse(JSON.stringify(payload)))
)

const defect = Action.handle(
  Action.make("acme/defect", {
    title: "Defect",
    description: "Dies",
    readOnly: false,
    idempotent: false,
    payload: Schema.Struct({ text: Schema.String }),
    success: Schema.Unknown,
    error: SendError
  }),
  ({ text }) => Effect.die(new Error(text))
)

const big = Action.handle(
  Action.make("acme/big", {
    title: "Big",
    description: "A number beyond 2^53",
    readOnly: true,
    idempotent: true,
    payload: Schema.Struct({}),
    success: Schema.Unknown,
    error: SendError
  }),
  () => Effect.succeed({ raw: { id: 9_007_199_254_740_993n, empty: {}, list: [1, "a:,{\"b"] } })
)

const registry = ActionRegistry.make([...PostmarkActions.handlers, echo, defect, big])

const run = (args: ReadonlyArray<string>, terminal = false) => inProcess(registry, args, terminal)

const echoed = (args: ReadonlyArray<string>) =>
  Effect.map(run(["echo", ...args]), (ended): unknown => {
    assert.strictEqual(ended.stderr, "")
    return JSON.parse(ended.stdout)
  })

describe("a command for every action", () => {
  it.effect("derives help and flags from the schema of an action in the registry", () =>
    Effect.gen(function*() {
      assert.match((yield* run(["--help"])).stdout, / echo +Returns its payload/)
      const help = (yield* run(["echo", "--help"])).stdout
      assert.match(help, /--note <text> +what to say/)
      assert.match(help, /nested\? +\{ deep \}/)
      assert.notInclude(help, "--nested")
      assert.deepStrictEqual(yield* echoed(["--note", "hello"]), { note: "hello" })
    }))

  it.scoped("has a flag for each kind of field", () =>
    Effect.gen(function*() {
      const attachment = yield* file("a.txt", "abc")
      assert.deepStrictEqual(
        yield* echoed([
          ["--to", "a", "--labels", "one", "--metadata", "a=1", "--header", "A: b"],
          ["--attach", attachment, "--model", "{\"a\":[1]}", "--limit", "5", "--loud", "--html", "<b>"]
        ].flat()),
        {
          to: "a",
          labels: ["one"],
          metadata: { a: "1" },
          headers: [{ name: "A", value: "b" }],
          attachments: [{ name: "a.txt", content: { 0: 97, 1: 98, 2: 99 }, contentType: "text/plain" }],
          templateModel: { a: [1] },
          limit: 5,
          loud: true,
          htmlBody: "<b>"
        }
      )
      assert.deepStrictEqual(yield* echoed(["--to", "a", "--to=b", "--no-loud"]), { to: ["a", "b"], loud: false })
    }))

  it.effect("passes on a flag's value unchanged, or rejects it", () =>
    Effect.gen(function*() {
      const odd = fc.oneof(
        fc.constantFrom(
          "-",
          "--",
          "-x",
          "-abc",
          "--x",
          "--note",
          "--NOTE",
          "--note=1",
          "--to=2",
          "--loud",
          "true",
          "--help"
        ),
        fc.constantFrom(
          "-h",
          "--wizard",
          "--completions",
          "--version",
          "--log-level",
          "echo",
          "a=b",
          "=",
          "a\nb",
          "''"
        ),
        fc.string(),
        fc.string({ unit: "binary" })
      )
      const cases = fc.sample(
        fc.record({ note: odd, subject: odd, to: odd, last: odd, attached: fc.boolean() }),
        { numRuns: 150, seed: 7 }
      )
      let taken = 0
      for (const { attached, last, note, subject, to } of cases) {
        const flag = (name: string, value: string) => attached ? [`--${name}=${value}`] : [`--${name}`, value]
        const args = [
          ...flag("subject", subject),
          ...flag("to", to),
          "--loud",
          ...flag("note", note),
          ...flag("to", last)
        ]
        const ended = yield* run(["echo", ...args])
        if (ended.code === 2) {
          assert.match(ended.stderr, /^\{"error":\{"code":"usage_error"/, JSON.stringify(args))
          continue
        }
        taken++
        assert.deepStrictEqual(
          JSON.parse(ended.stdout),
          // Empty text in an optional field is the same as leaving it out.
          JSON.parse(JSON.stringify({
            note: note === "" ? undefined : note,
            subject: subject === "" ? undefined : subject,
            to: [to.trim(), last.trim()],
            loud: true
          })),
          JSON.stringify(args)
        )
      }
      assert.isAbove(taken, 30)
    }))
})

describe("output", () => {
  it.effect("is one line for a program and indented on a terminal, with every digit", () =>
    Effect.gen(function*() {
      const line = (yield* run(["big"])).stdout
      assert.strictEqual(line, "{\"raw\":{\"id\":9007199254740993,\"empty\":{},\"list\":[1,\"a:,{\\\"b\"]}}\n")
      assert.strictEqual(
        (yield* run(["big"], true)).stdout,
        "{\n  \"raw\": {\n    \"id\": 9007199254740993,\n    \"empty\": {},\n    \"list\": [\n      1,\n      \"a:,{\\\"b\"\n    ]\n  }\n}\n"
      )
    }))

  it.effect("1: fails if the result cannot be written, except to a closed pipe", () =>
    Effect.gen(function*() {
      const failing = (code: string) =>
        Output.make(
          new Writable({ write: (_, __, done) => done(Object.assign(new Error(code), { code })) }),
          new Writable()
        )
      const full = yield* failing("ENOSPC")
      const error = yield* Effect.flip(full.data({ subject: "canary subject" }))
      assert.deepInclude(ErrorReport.fromError(error), { code: "output_failed", retryable: false })
      assert.strictEqual(ExitCode.fromError(error), 1)
      const closed = yield* failing("EPIPE")
      yield* closed.data({})
    }))

  it.effect("1: reports a defect without its message", () =>
    Effect.gen(function*() {
      const ended = yield* run(["defect", "--text", "canary body"])
      assert.strictEqual(ended.code, 1)
      assert.strictEqual(ended.stdout, "")
      assert.include(ended.stderr, "\"code\":\"unexpected\"")
      assert.notInclude(ended.stderr, "canary")
    }))
})

describe("tables", () => {
  const tags = [...CliError.members, ...PostmarkError.members].map((member) => member._tag)

  it("list the code of every error and no other", () => {
    const codes = tags.map((tag) => tag.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase())
    assert.deepStrictEqual([...codes, "unexpected", "interrupted"].sort(), [...ErrorReport.codes].sort())
  })
})
