import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { against, canary, Double, type Ended, failureOf, file, silentFailureOf } from "./support/program.ts"

const from = ["--from", "sender@example.com"]

interface Outcome {
  readonly row: number
  readonly state: string
  readonly messageId?: string
  readonly errorCode?: number
  readonly source?: string
}

const outcomesOf = (ended: Ended): ReadonlyArray<Outcome> =>
  ended.stdout.split("\n").filter((line) => line !== "").map((line): Outcome => JSON.parse(line))

/** The last line of stderr is the error; before it are the progress and the summary. */
const lastLine = (ended: Ended): Ended => ({ ...ended, stderr: `${ended.stderr.trimEnd().split("\n").at(-1) ?? ""}\n` })

layer(Double, { excludeTestServices: true })("emails send-batch", (it) => {
  const sent = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.sent)
  const requests = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.requests)
  const reset = Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.reset)

  const message = (to: string) => ({ from: "sender@example.com", to, subject: "S", textBody: "T" })

  const inputs: ReadonlyArray<readonly [name: string, content: string]> = [
    [
      "CSV with a BOM, CRLF, quotes and line breaks in cells",
      "\uFEFFto,subject,text\r\na@example.com,\"S, \"\"quoted\"\"\",\"T\r\nT\"\r\nb@example.com,S,T\r\n"
    ],
    ["CSV with semicolons and no line end", "To;Subject;Text Body\na@example.com;S;T\nb@example.com;S;T"],
    ["CSV with tabs", "to\tsubject\ttext\na@example.com\tS\tT\nb@example.com\tS\tT\n"],
    ["a JSON array", JSON.stringify([message("a@example.com"), message("b@example.com")], undefined, 2)],
    ["JSON lines", `${JSON.stringify(message("a@example.com"))}\n\n${JSON.stringify(message("b@example.com"))}`],
    [
      "the action's payload with a flag",
      JSON.stringify({ messages: [message("a@example.com"), message("b@example.com")] })
    ]
  ]
  for (const [name, content] of inputs) {
    it.effect(`sends ${name}`, () =>
      Effect.gen(function*() {
        yield* reset
        const ended = yield* against(["emails", "send-batch", "--input", "-", ...from], { stdin: content })
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(outcomesOf(ended).map(({ row, state }) => [row, state]), [[1, "accepted"], [
          2,
          "accepted"
        ]])
        assert.deepStrictEqual((yield* sent).map(({ to }) => to), [["a@example.com"], ["b@example.com"]])
      }))
  }

  it.scoped("makes messages of columns, and the fields of flags are in each", () =>
    Effect.gen(function*() {
      yield* reset
      const csv =
        "to,subject,text,metadata.order,header.X-Shop,track_opens\na@example.com,=1+1,\"a \"\"b\"\"\",17,4,yes\n"
      const path = yield* file("people.csv", csv)
      const ended = yield* against(["emails", "send-batch", "--input", path, ...from, "--tag", "t"])
      assert.strictEqual(ended.code, 0, ended.stderr)
      const [first] = yield* sent
      assert.deepInclude(first, { subject: "=1+1", textBody: "a \"b\"", tag: "t", trackOpens: true })
      assert.deepInclude(first?.metadata, { order: "17" })
      assert.deepStrictEqual(first?.headers, [{ Name: "X-Shop", Value: "4" }])
    }))

  it.scoped("makes the template's model of the other columns", () =>
    Effect.gen(function*() {
      yield* reset
      const path = yield* file("people.csv", "to,name\na@example.com,Ann\nb@example.com,Bob\n")
      const ended = yield* against(["emails", "send-batch", "--input", path, ...from, "--template-alias", "welcome"])
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.deepStrictEqual((yield* sent).map(({ textBody }) => textBody), ["Hello Ann", "Hello Bob"])
    }))

  it.effect("2: names the row and the line of each invalid row, and sends nothing", () =>
    Effect.gen(function*() {
      yield* reset
      const stdin =
        "to,subject,text\na@example.com,S,\"T\nT\"\nno address,S,T\nc@example.com,S\nd@example.com,\"S\u0000\",T\n"
      const ended = yield* against(["emails", "send-batch", "--input", "-", ...from], { stdin })
      const error = silentFailureOf(ended, 2, "invalid_rows")
      assert.deepStrictEqual(
        [error["issues"]].flat().map((
          issue
        ) => [Reflect.get(Object(issue), "row"), Reflect.get(Object(issue), "line")]),
        [[2, 4], [3, 5], [4, 6]]
      )
      assert.lengthOf(yield* requests, 0)
    }))

  it.effect("6: sends the valid rows with --partial", () =>
    Effect.gen(function*() {
      yield* reset
      const stdin = "to,subject,text\na@example.com,S,T\nno address,S,T\nc@example.com,S,T\n"
      const ended = yield* against(["emails", "send-batch", "--input", "-", "--partial", ...from], { stdin })
      failureOf(lastLine(ended), 6, "partial_success")
      assert.deepStrictEqual(outcomesOf(ended).map(({ state }) => state), ["accepted", "rejected", "accepted"])
      assert.lengthOf(yield* sent, 2)
    }))

  const refused: ReadonlyArray<
    readonly [name: string, code: string, stdin: string | Uint8Array, more?: ReadonlyArray<string>]
  > = [
    ["an unknown column", "unreadable_input", "to,subject,text,colour\na@example.com,S,T,red\n"],
    ["a repeated column", "unreadable_input", "to,subject,text,To\na@example.com,S,T,b@example.com\n"],
    ["a quote without an end", "unreadable_input", "to,subject,text\na@example.com,\"S,T\n"],
    ["a JSON array that is cut off", "unreadable_input", "[{\"to\":\"a@example.com\"}, {\"to\""],
    ["text after a JSON array", "unreadable_input", "[{\"to\":\"a@example.com\"}] x"],
    ["a line that is not JSON", "invalid_rows", "{\"to\":\"a@example.com\"}\n{\"to\":\n"],
    ["an item that is not an object", "invalid_rows", "[1]"],
    ["only a heading", "usage_error", "to,subject,text\n"],
    ["--resume without --journal", "usage_error", "to\n", ["--resume"]],
    ["an unknown format", "usage_error", "to\n", ["--input-format", "xml"]],
    ["too many calls at the same time", "usage_error", "to\na@example.com\n", ["--concurrency", "99"]]
  ]
  for (const [name, code, stdin, more = []] of refused) {
    it.effect(`2: rejects ${name}`, () =>
      Effect.gen(function*() {
        yield* reset
        const ended = yield* against(["emails", "send-batch", "--input", "-", ...from, ...more], {
          stdin: String(stdin)
        })
        silentFailureOf(ended, 2, code)
        assert.lengthOf(yield* requests, 0)
      }))
  }

  it.scoped("2: rejects a file that is not UTF-8", () =>
    Effect.gen(function*() {
      const path = yield* file("people.csv", Uint8Array.of(0x74, 0x6F, 0x0A, 0xFC, 0x0A))
      silentFailureOf(yield* against(["emails", "send-batch", "--input", path, ...from]), 2, "unreadable_input")
    }))

  it.effect("checks everything and sends nothing with --dry-run, without a token", () =>
    Effect.gen(function*() {
      yield* reset
      const ended = yield* against(["emails", "send-batch", "--input", "-", "--dry-run", ...from], {
        stdin: "to,subject,text\na@example.com,S,T\n",
        env: { POSTMARK_SERVER_TOKEN: "" }
      })
      assert.deepStrictEqual(JSON.parse(ended.stdout), {
        dryRun: true,
        format: "csv",
        kind: "email",
        rows: 1,
        valid: 1,
        invalid: 0
      })
      assert.lengthOf(yield* requests, 0)
    }))

  it.effect("3: reports that Postmark rejected every row", () =>
    Effect.gen(function*() {
      yield* reset
      yield* Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.suppress(canary.recipient))
      const stdin = `to,subject,text\n${canary.recipient},S,T\n`
      const ended = yield* against(["emails", "send-batch", "--input", "-", ...from], { stdin })
      failureOf(lastLine(ended), 3, "batch_rejected")
      assert.deepInclude(outcomesOf(ended)[0], { row: 1, state: "rejected", errorCode: 406 })
    }))

  it.effect("4: stops at an invalid token, and says how many rows were not sent", () =>
    Effect.gen(function*() {
      yield* reset
      const ended = yield* against(["emails", "send-batch", "--input", "-", ...from], {
        stdin: "to,subject,text\na@example.com,S,T\n",
        env: { POSTMARK_SERVER_TOKEN: "another-token" }
      })
      const error = silentFailureOf(lastLine(ended), 4, "batch_stopped")
      assert.deepInclude(error, { reason: "invalid_token", fixableBy: "accountOwner" })
      assert.include(String(error["message"]), "1 of 1 rows were not sent")
    }))

  it.effect("5: stops when Postmark takes nothing for --max-wait", () =>
    Effect.gen(function*() {
      yield* reset
      yield* Effect.flatMap(
        PostmarkDouble.PostmarkDouble,
        (double) => double.injectFault({ path: "/email/batch", fault: { kind: "rateLimit", retryAfter: 600 } })
      )
      const ended = yield* against(["emails", "send-batch", "--input", "-", ...from, "--max-wait", "1s"], {
        stdin: "to,subject,text\na@example.com,S,T\n"
      })
      const error = silentFailureOf(lastLine(ended), 5, "batch_stopped")
      assert.deepInclude(error, { reason: "unavailable", retryAfterMs: 600_000, retryable: true })
      yield* reset
    }))

  it.effect("finds messages whose response was lost, and does not send them again", () =>
    Effect.gen(function*() {
      yield* reset
      yield* Effect.flatMap(
        PostmarkDouble.PostmarkDouble,
        (double) => double.injectFault({ path: "/email/batch", first: 1, fault: { kind: "resetAfterAcceptance" } })
      )
      const ended = yield* against(["emails", "send-batch", "--input", "-", ...from], {
        stdin: "to,subject,text\na@example.com,S,T\nb@example.com,S,T\n"
      })
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.deepStrictEqual(outcomesOf(ended).map(({ source }) => source), ["search", "search"])
      assert.lengthOf(yield* sent, 2)
    }))
})
