/** Rewrites the rows of a store in memory, a page at a time. */
import type { Step, Stepped } from "../Rewriting.ts"

export const rewriteTexts = <A>(
  { after, connectionId, limit }: Step,
  rows: ReadonlyArray<A>,
  positionOf: (row: A) => number,
  about: (row: A) => { readonly connectionId: string },
  change: (row: A) => A
): { readonly all: ReadonlyArray<A>; readonly stepped: Stepped } => {
  const page = rows.filter((row) =>
    positionOf(row) > after && (connectionId === undefined || about(row).connectionId === connectionId)
  ).slice(0, Math.max(limit, 0))
  const changed = new Map<A, A>()
  for (const row of page) {
    const next = change(row)
    if (JSON.stringify(next) !== JSON.stringify(row)) changed.set(row, next)
  }
  const last = page.at(-1)
  return {
    all: rows.map((row) => changed.get(row) ?? row),
    stepped: { changed: changed.size, next: last === undefined ? null : positionOf(last) }
  }
}
