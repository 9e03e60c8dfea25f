/** Finds the known word that a mistyped word was meant to be. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const ranked = known.map((each) => ({ each, far: distance(word.toLowerCase(), each) })).sort((a, b) => a.far - b.far)
  const [first] = ranked
  return first !== undefined && first.far <= limit ? first.each : undefined
}

/** How many letters must be inserted, removed, replaced or swapped with their neighbour. */
const distance = (from: string, to: string): number => {
  const rows: Array<ReadonlyArray<number>> = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= from.length; row++) {
    const current: Array<number> = [row]
    rows.push(current)
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(Math.min(
        at(row - 1, column) + 1,
        (current[column - 1] ?? Infinity) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Infinity
      ))
    }
  }
  return at(from.length, to.length)
}
