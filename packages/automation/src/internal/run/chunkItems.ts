/** The messages of a chunk that an attempt or a search is about. */
import { correlationOf, type Run, type RunOutcome } from "@effect-postmark/core/BulkRun"
import type { Item, PreparedBatch } from "@effect-postmark/core/PreparedBatch"
import { type ClaimedChunk } from "@effect-postmark/core/RunStore"

/** What has no final outcome: nothing is known of it, or it is unknown whether Postmark accepted it. */
export const openItems = (chunk: ClaimedChunk): ReadonlyArray<Item> => {
  const settled = new Set(chunk.outcomes.flatMap(({ index, state }) => state === "unknown" ? [] : [index]))
  return chunk.items.split("\n").flatMap((json, place) => {
    const index = chunk.firstIndex + place
    return json === "" || settled.has(index) ? [] : [{ index, json }]
  })
}

export const batchOf = (run: Run, chunk: ClaimedChunk, items: ReadonlyArray<Item>): PreparedBatch => ({
  kind: run.kind,
  names: run.callName === null || run.indexName === null ? "off" : { call: run.callName, index: run.indexName },
  correlation: correlationOf(run, chunk.index),
  items
})

/** The outcomes of a chunk, by index; the newer ones replace the others. */
export const merged = (
  older: ReadonlyArray<RunOutcome>,
  newer: ReadonlyArray<RunOutcome>
): ReadonlyArray<RunOutcome> =>
  [...new Map([...older, ...newer].map((outcome) => [outcome.index, outcome])).values()]
    .sort((a, b) => a.index - b.index)
