/** Counts failed authentications by source, in memory that does not grow with the number of sources. */

export interface Options {
  /** How many failures a source may have at once; one more is forgiven each second. */
  readonly burst: number
  readonly now: () => number
}

interface Bucket {
  failures: number
  at: number
}

export class FailureLimit {
  readonly #options: Options
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: Options) {
    this.#options = options
  }

  isExceeded(source: string): boolean {
    const bucket = this.#buckets.get(source)
    return bucket !== undefined && this.#failuresOf(bucket) >= this.#options.burst
  }

  /** Notes a failure of this source. */
  add(source: string): void {
    const now = this.#options.now()
    const bucket = this.#buckets.get(source)
    const failures = bucket === undefined ? 1 : Math.min(this.#failuresOf(bucket), this.#options.burst) + 1
    // Put at the end, so that the first in the map is the one that has failed longest ago.
    this.#buckets.delete(source)
    const oldest = this.#buckets.size < maximumSources ? undefined : this.#buckets.keys().next().value
    if (oldest !== undefined) this.#buckets.delete(oldest)
    this.#buckets.set(source, { failures, at: now })
  }

  #failuresOf({ at, failures }: Bucket): number {
    return Math.max(0, failures - Math.max(0, this.#options.now() - at) / 1_000)
  }
}

const maximumSources = 10_000
