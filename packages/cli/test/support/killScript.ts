/** `npm run kill:batch -- 100000 3`: rows and kills. Prints what it counted, and fails if a row was lost or sent twice. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { killBatch } from "./killBatch.ts"

const [rows = 100_000, kills = 3] = process.argv.slice(2).map(Number)
const token = "double-demo-server-token"
const folder = mkdtempSync(join(tmpdir(), "effect-postmark-kill-"))

const counts = await Effect.runPromise(
  killBatch({ rows, kills, folder, token, report: (line) => process.stdout.write(`${line}\n`) }).pipe(
    Effect.provide(
      NodePostmarkDouble.layerServer({ port: 0 }).pipe(
        Layer.provideMerge(PostmarkDouble.layer({ servers: [{ token }], deliveryDelay: "1 hour" }))
      )
    )
  )
)
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`${JSON.stringify(counts)}\n`)
process.exitCode = counts.missing === 0 && counts.twice === 0 && counts.exitCode === 0 ? 0 : 1
