import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { killBatch, writeCsv } from "./support/killBatch.ts"
import { against, canary, Double, type Ended, folder, silentFailureOf } from "./support/program.ts"

const lastLine = (ended: Ended): Ended => ({ ...ended, stderr: `${ended.stderr.trimEnd().split("\n").at(-1) ?? ""}\n` })

layer(Double, { excludeTestServices: true })("a batch with a journal", (it) => {
  const double = PostmarkDouble.PostmarkDouble
  const reset = Effect.flatMap(double, (one) => one.reset)

  /** A finished run of two rows, and the arguments that would resume it. */
  const finished = Effect.gen(function*() {
    yield* reset
    const at = yield* folder
    const input = join(at, "people.csv")
    const journal = join(at, "run.jsonl")
    yield* Effect.promise(() => writeCsv(input, 2))
    const args = ["emails", "send-batch", "--input", input, "--from", "sender@example.com", "--journal", journal]
    const ended = yield* against(args)
    assert.strictEqual(ended.code, 0, ended.stderr)
    return { args, resume: [...args, "--resume"], input, journal }
  })

  const refused = (
    name: string,
    reason: string,
    change: (run: Effect.Effect.Success<typeof finished>) => ReadonlyArray<string>
  ) =>
    it.scoped(`2: sends nothing if ${name}`, () =>
      Effect.gen(function*() {
        const run = yield* finished
        const args = change(run)
        const before = (yield* (yield* double).sent).length
        const ended = yield* against(args)
        assert.strictEqual(silentFailureOf(lastLine(ended), 2, "journal_problem")["reason"], reason)
        assert.lengthOf(yield* (yield* double).sent, before)
      }))

  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(path, change(readFileSync(path, "utf8")))

  refused("the input was edited", "input", ({ input, resume }) => {
    edit(input, (text) => text.replace("person2@", "person3@"))
    return resume
  })
  refused("the flags of the messages are others", "input", ({ resume }) => [...resume, "--tag", "other"])
  refused("the journal is of an earlier run and --resume is missing", "exists", ({ args }) => args)
  refused(
    "there is no journal to resume",
    "missing",
    ({ journal, resume }) => resume.map((arg) => arg === journal ? `${journal}.none` : arg)
  )
  refused("a line of the journal is missing at its end", "damaged", ({ journal, resume }) => {
    edit(journal, (text) => text.trimEnd().split("\n").slice(0, -1).map((line) => `${line}\n`).join(""))
    return resume
  })
  refused("the journal is cut off in a line", "damaged", ({ journal, resume }) => {
    edit(journal, (text) => text.slice(0, -30))
    return resume
  })
  refused("the journal is empty", "damaged", ({ journal, resume }) => {
    edit(journal, () => "")
    return resume
  })
  refused("a line in the middle of the journal is broken", "damaged", ({ journal, resume }) => {
    edit(journal, (text) => text.replace("\"begin\"", "\"begun\""))
    return resume
  })
  refused("the journal is of another version", "version", ({ journal, resume }) => {
    edit(journal, (text) => text.replace("\"version\":1", "\"version\":9"))
    return resume
  })
  refused("another run uses the journal", "locked", ({ journal, resume }) => {
    writeFileSync(`${journal}.lock`, JSON.stringify({ host: "another-machine", pid: 1 }))
    return resume
  })
  refused("the journal belongs to another Postmark server", "input", ({ journal, resume }) => {
    edit(journal, (text) => text.replace(/"serverId":\d+/, "\"serverId\":1"))
    return resume
  })

  it.scoped("resumes a finished run without sending anything", () =>
    Effect.gen(function*() {
      const { resume } = yield* finished
      const ended = yield* against(resume)
      assert.deepStrictEqual([ended.code, ended.stdout], [0, ""])
      assert.lengthOf(yield* (yield* double).sent, 2)
    }))

  it.scoped("contains no address and no text of a message", () =>
    Effect.gen(function*() {
      const { journal } = yield* finished
      assert.notMatch(readFileSync(journal, "utf8"), /@|Hello|Line one/)
    }))

  it.scoped(
    "130: ends the calls in progress after SIGINT, says how to resume, and each row is accepted once",
    () =>
      Effect.gen(function*() {
        yield* reset
        const { injectFault, clearFaults, sent } = yield* double
        const at = yield* folder
        const input = join(at, "people.csv")
        yield* Effect.promise(() => writeCsv(input, 3_000))
        const args = ["emails", "send-batch", "--input", input, "--from", "sender@example.com"].concat(
          ["--journal", join(at, "run.jsonl"), "--concurrency", "1"]
        )
        yield* injectFault({ path: "/email/batch", fault: { kind: "latency", millis: 300, phase: "after" } })
        const interrupted = yield* against(args, {
          onStart: (child) => child.stdout?.once("data", () => child.kill("SIGINT"))
        })
        yield* clearFaults
        const error = lastLine(interrupted)
        assert.strictEqual(interrupted.code, 130, interrupted.stderr)
        assert.match(error.stderr, /"code":"interrupted".*--journal .*run\.jsonl --resume/)
        const first = (yield* sent).length
        assert.isBelow(first, 3_000)
        const resumed = yield* against([...args, "--resume"])
        assert.strictEqual(resumed.code, 0, resumed.stderr)
        const rows = (yield* sent).map(({ metadata }) => metadata["row"])
        assert.strictEqual(rows.length, 3_000)
        assert.strictEqual(new Set(rows).size, 3_000)
      }),
    300_000
  )

  it.scoped("accepts each row once though the program is killed again and again", () =>
    Effect.gen(function*() {
      yield* reset
      const counts = yield* killBatch({
        rows: 3_000,
        kills: 2,
        folder: yield* folder,
        token: canary.token,
        report: () => {}
      })
      assert.deepInclude(counts, { accepted: 3_000, missing: 0, twice: 0, exitCode: 0 })
    }), 300_000)
})
