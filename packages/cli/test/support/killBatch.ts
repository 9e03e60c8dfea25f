/**
 * Kills the built program again and again while it sends a CSV file, resumes it each time, and counts in the double: each
 * row must have been accepted once.
 */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Effect, Schema } from "effect"
import { spawn } from "node:child_process"
import { createWriteStream, readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { finished } from "node:stream/promises"
import { fileURLToPath } from "node:url"

export interface Options {
  readonly rows: number
  readonly kills: number
  readonly folder: string
  readonly token: string
  readonly report: (line: string) => void
}

export interface Counts {
  readonly rows: number
  readonly kills: number
  readonly accepted: number
  readonly missing: number
  readonly twice: number
  readonly exitCode: number | null
  /** The peak memory of each run. */
  readonly peaksMb: ReadonlyArray<number>
}

const bin = fileURLToPath(new URL("../../bin/effect-postmark.mjs", import.meta.url))

/** Quotes, separators, line breaks and other scripts in the cells. */
export const writeCsv = async (path: string, rows: number): Promise<void> => {
  const file = createWriteStream(path)
  file.write("\uFEFFto;subject;text;metadata.row\r\n")
  for (let row = 1; row <= rows; row++) {
    const line = `person${row}@example.com;"Hello; ""${row}"" – grüße";"Line one\nline two";${row}\r\n`
    if (!file.write(line)) await new Promise<void>((resolve) => file.once("drain", () => resolve()))
  }
  file.end()
  await finished(file)
}

const Summary = Schema.decodeUnknownOption(
  Schema.parseJson(Schema.Struct({ summary: Schema.Struct({ peakMemoryMb: Schema.Number }) }))
)

interface Ended {
  readonly code: number | null
  readonly lines: number
  readonly peakMb: number
}

/** Runs the program; `killAfter` outcomes on stdout it is killed. */
const runOnce = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv, killAfter: number): Effect.Effect<Ended> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [bin, ...args], { env })
    const state = { lines: 0, peakMb: 0 }
    createInterface({ input: child.stdout }).on("line", () => {
      state.lines++
      if (state.lines === killAfter) child.kill("SIGKILL")
    })
    const watch = setInterval(() => {
      try {
        const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? []
        if (peak !== undefined) state.peakMb = Math.max(state.peakMb, Math.round(Number(peak) / 1_024))
      } catch {
        // Not on Linux, or the program has just ended.
      }
    }, 100)
    createInterface({ input: child.stderr }).on("line", (line) => {
      const summary = Summary(line)
      if (summary._tag === "Some") state.peakMb = Math.max(state.peakMb, summary.value.summary.peakMemoryMb)
    })
    child.on("close", (code) => {
      clearInterval(watch)
      resume(Effect.succeed({ code, ...state }))
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })

export const killBatch = (
  { folder, kills, report, rows, token }: Options
): Effect.Effect<Counts, never, PostmarkDouble.PostmarkDouble | NodePostmarkDouble.NodePostmarkDouble> =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const input = join(folder, "people.csv")
    yield* Effect.promise(() => writeCsv(input, rows))
    const args = ["emails", "send-batch", "--input", input, "--from", "sender@example.com"].concat(
      ["--journal", join(folder, "run.jsonl"), "--resend-unknown-after", "1s"]
    )
    const env = {
      PATH: process.env["PATH"],
      POSTMARK_BASE_URL: url,
      POSTMARK_SERVER_TOKEN: token,
      XDG_CONFIG_HOME: folder
    }
    const peaksMb: Array<number> = []
    let ended: Ended | undefined
    for (let run = 0; run <= kills; run++) {
      const startedAt = performance.now()
      // The last run ends by itself.
      const killAfter = run === kills ? Infinity : Math.ceil(rows / (kills + 2))
      ended = yield* runOnce(run === 0 ? args : [...args, "--resume"], env, killAfter)
      peaksMb.push(ended.peakMb)
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
      report(
        `run ${run + 1}: ${ended.code === null ? "killed" : `exit code ${ended.code}`} after ${seconds} s, ` +
          `${ended.lines} outcomes, peak memory ${ended.peakMb} MB`
      )
    }
    const times = new Map<string, number>()
    for (const { metadata } of yield* double.sent) {
      const row = metadata["row"] ?? ""
      times.set(row, (times.get(row) ?? 0) + 1)
    }
    const counts: Counts = {
      rows,
      kills,
      accepted: times.size,
      missing: rows - times.size,
      twice: [...times.values()].filter((count) => count > 1).length,
      exitCode: ended?.code ?? null,
      peaksMb
    }
    return counts
  })
