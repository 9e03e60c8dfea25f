/** A small seeded generator: the same seed gives the same ids, on every machine. */

export interface Random {
  readonly integer: (below: number) => number
  readonly uuid: () => string
}

export const makeRandom = (seed: string): Random => {
  let [a, b, c, d] = seedWords(seed)
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  const hex = () => next().toString(16).padStart(8, "0")
  return {
    integer: (below) => next() % below,
    uuid: () => {
      const digits = hex() + hex() + hex() + hex()
      const variant = "89ab"[Number.parseInt(digits.charAt(16), 16) & 3] ?? "8"
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        variant + digits.slice(17, 20),
        digits.slice(20)
      ].join("-")
    }
  }
}

const seedWords = (seed: string): [number, number, number, number] => {
  let hash = 0x811c9dc5
  const word = (salt: number): number => {
    hash ^= salt
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    return hash | 0
  }
  return [word(1), word(2), word(3), word(4)]
}
