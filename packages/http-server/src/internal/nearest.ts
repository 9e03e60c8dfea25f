/** Guesses which of several words was meant. */

/**
 * The word that takes the fewest changes for its length, if they are at most half of it. A start that all words share
 * does not count.
 */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const all = Array.from(known)
  const start = sharedStart([word, ...all])
  let best: { readonly name: string; readonly score: number } | undefined
  for (const name of all) {
    const [a, b] = [word.slice(start), name.slice(start)]
    // Few people mistype the first letter.
    const score = (distance(a, b) + (a[0] === b[0] ? 0 : 1)) / Math.max(a.length, b.length)
    if (score <= 0.5 && score < (best?.score ?? Infinity)) best = { name, score }
  }
  return best?.name
}

const sharedStart = ([first = "", ...others]: ReadonlyArray<string>): number => {
  let length = 0
  while (length < first.length && others.every((other) => other[length] === first[length])) length++
  return length
}

/** How many letters are to be added, removed, replaced or swapped with the next one. */
const distance = (a: string, b: string): number => {
  let beforeLast: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? at(beforeLast, j - 2) + 1
        : Infinity
      row.push(Math.min(at(row, j - 1) + 1, at(last, j) + 1, replaced, swapped))
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: ReadonlyArray<number>, index: number): number => row[index] ?? Infinity
