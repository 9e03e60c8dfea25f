/**
 * Connections' webhook secrets in memory. A secret is dropped when this process changes it. What another process changed is
 * noticed within `maximumAge`. No presented secret is refused without a look at the store that began after it came:
 * Postmark never posts a refused event again.
 */

/** The secrets of one connection: none, one or two. */
export type Secrets = ReadonlyArray<Uint8Array>

export interface Options {
  /** Reads a connection's secrets from the store; undefined when they cannot be read. */
  readonly read: (connectionId: string, done: (secrets: Secrets | undefined) => void) => void
  readonly now: () => number
}

/** How long secrets may be used without a look at the store, in milliseconds. */
export const maximumAge = 2_000

interface Entry {
  readonly secrets: Secrets
  readonly readAt: number
}

type Waiter = (secrets: Secrets | undefined) => void

interface Load {
  readonly waiters: Array<Waiter>
  /** Those who came after the read began. */
  readonly next: Array<Waiter>
  isOutdated: boolean
}

export class SecretCache {
  readonly #options: Options
  readonly #entries = new Map<string, Entry>()
  readonly #loads = new Map<string, Load>()
  #waiting = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** The secrets in memory, if they are not too old. Reads them again in good time, so that nobody has to wait. */
  fresh(connectionId: string): Secrets | undefined {
    const entry = this.#entries.get(connectionId)
    if (entry === undefined) return undefined
    const age = this.#options.now() - entry.readAt
    // A clock that was set back must not keep secrets for ever.
    if (age < 0 || age > maximumAge) return undefined
    if (age > maximumAge / 2 && !this.#loads.has(connectionId)) this.#begin(connectionId, [])
    return entry.secrets
  }

  /** The secrets in memory, whatever their age. */
  last(connectionId: string): Secrets | undefined {
    return this.#entries.get(connectionId)?.secrets
  }

  /** How many wait for a read of the store. */
  get waiting(): number {
    return this.#waiting
  }

  /** Reads the secrets from the store, in a read that begins now or later. */
  read(connectionId: string, done: Waiter): void {
    this.#waiting += 1
    const waiter: Waiter = (secrets) => {
      this.#waiting -= 1
      done(secrets)
    }
    const load = this.#loads.get(connectionId)
    if (load === undefined) this.#begin(connectionId, [waiter])
    else load.next.push(waiter)
  }

  drop(connectionId: string): void {
    this.#entries.delete(connectionId)
    const load = this.#loads.get(connectionId)
    if (load !== undefined) load.isOutdated = true
  }

  #begin(connectionId: string, waiters: Array<Waiter>): void {
    const load: Load = { waiters, next: [], isOutdated: false }
    this.#loads.set(connectionId, load)
    const readAt = this.#options.now()
    this.#options.read(connectionId, (secrets) => {
      this.#loads.delete(connectionId)
      if (load.next.length > 0) this.#begin(connectionId, load.next)
      if (secrets !== undefined && !load.isOutdated) this.#keep(connectionId, { secrets, readAt })
      for (const waiter of load.waiters) waiter(secrets)
    })
  }

  /** Unknown connections are not kept: anybody can name any number of them. */
  #keep(connectionId: string, entry: Entry): void {
    this.#entries.delete(connectionId)
    if (entry.secrets.length === 0) return
    const oldest = this.#entries.size < maximumEntries ? undefined : this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
    this.#entries.set(connectionId, entry)
  }
}

const maximumEntries = 20_000
