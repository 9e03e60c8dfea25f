/** A small seeded generator: the same seed gives the same ids, on every machine. */

/** Plain data, so that it can be kept with all else and gone back to. */
export interface Random {
  a: number
  b: number
  c: number
  d: number
}

export const makeRandom = (seed: string): Random => {
  const [a, b, c, d] = seedWords(seed)
  const random: Random = { a, b, c, d }
  for (let i = 0; i < 12; i++) next(random)
  return random
}

/** A whole number from 0 to just under the bound. */
export const nextInteger = (random: Random, below: number): number => next(random) % below

/** A number from 0 to just under 1. */
export const nextFraction = (random: Random): number => next(random) / 0x1_0000_0000

/** A version 4 UUID. */
export const nextUuid = (random: Random): string => {
  const hex = () => next(random).toString(16).padStart(8, "0")
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

const next = (random: Random): number => {
  const t = (((random.a + random.b) | 0) + random.d) | 0
  random.d = (random.d + 1) | 0
  random.a = random.b ^ (random.b >>> 9)
  random.b = (random.c + (random.c << 3)) | 0
  random.c = ((random.c << 21) | (random.c >>> 11)) + t | 0
  return t >>> 0
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
