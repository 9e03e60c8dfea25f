/** The rows of the tables of bulk runs. */
import { Run, RunOutcome } from "@effect-postmark/core/BulkRun"
import { ClaimedChunk, Counts } from "@effect-postmark/core/RunStore"
import * as Schema from "effect/Schema"
import { Integer } from "./integer.ts"

const optionalInteger = Schema.NullOr(Integer)
const RunRow = Schema.Struct({
  ...Run.fields,
  resendUnknownAfterMs: optionalInteger,
  messages: Integer,
  createdAt: Integer,
  startedAt: optionalInteger,
  finishedAt: optionalInteger
})
export const decodeRuns = Schema.decodeUnknown(Schema.Array(RunRow))
export const decodeDue = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ ...RunRow.fields, failures: Integer, sendAt: optionalInteger, checkAt: optionalInteger })
  )
)
const Outcomes = Schema.parseJson(Schema.Array(RunOutcome))
export const decodeChunks = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      ...ClaimedChunk.fields,
      index: Integer,
      firstIndex: Integer,
      size: Integer,
      attempt: Integer,
      sentSince: Integer,
      unknownSince: optionalInteger,
      searches: Integer,
      resent: Schema.transform(Integer, Schema.Boolean, {
        strict: true,
        decode: (flag) => flag === 1,
        encode: (flag) => flag ? 1 : 0
      }),
      outcomes: Outcomes
    })
  )
)
export const decodeOutcomeChunks = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ state: Schema.String, firstIndex: Integer, size: Integer, outcomes: Outcomes }))
)
export const decodeChunkNumbers = Schema.decodeUnknown(Schema.Array(Schema.Struct({ chunk: Integer })))
export const decodeCounts = Schema.decodeUnknown(
  Schema.Tuple(
    Schema.Struct({
      ...Counts.fields,
      messages: Integer,
      accepted: Integer,
      rejected: Integer,
      unknown: Integer,
      notSent: Integer,
      inDoubt: Integer,
      settledSince: Integer
    })
  )
)
