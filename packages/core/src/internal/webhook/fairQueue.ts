/**
 * The places for webhooks that are not answered yet, shared out fairly between connections: one that floods fills its own
 * share, and waits in its own line.
 */

export interface Limits {
  /** Webhooks that may be in work or wait. */
  readonly maxPending: number
  /** The bytes of their bodies together. */
  readonly maxPendingBytes: number
  /** Webhooks in work at once; the others wait. */
  readonly maxRunning: number
}

interface Line {
  requests: number
  bytes: number
  readonly jobs: Array<Job>
}

/** Calls `done` when its work is finished. */
type Job = (done: () => void) => void

export class FairQueue {
  readonly #limits: Limits
  readonly #lines = new Map<string, Line>()
  /** The connections with jobs that wait, in the order of their turns. */
  readonly #turns: Array<Line> = []
  #requests = 0
  #bytes = 0
  #running = 0
  #isStarting = false

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get pending(): number {
    return this.#requests
  }

  /**
   * Takes a place, or returns undefined when there is none for this connection. A connection may hold as much as is still
   * free, so half of all at most: there is always room for another one.
   */
  enter(connection: string, bytes: number): Place | undefined {
    const line = this.#lines.get(connection) ?? { requests: 0, bytes: 0, jobs: [] }
    if (line.requests >= Math.max(1, this.#limits.maxPending - this.#requests)) return undefined
    if (this.#requests >= this.#limits.maxPending || !this.#hasRoom(line, bytes)) return undefined
    this.#lines.set(connection, line)
    line.requests += 1
    this.#requests += 1
    this.#hold(line, bytes)
    return new Place(this, connection, line, bytes)
  }

  /** Reserves more bytes for a place. False when there is no room for them. */
  grow(line: Line, bytes: number): boolean {
    if (!this.#hasRoom(line, bytes)) return false
    this.#hold(line, bytes)
    return true
  }

  leave(connection: string, line: Line, bytes: number): void {
    line.requests -= 1
    this.#requests -= 1
    this.#hold(line, -bytes)
    if (line.requests === 0) this.#lines.delete(connection)
  }

  run(line: Line, job: Job): void {
    if (line.jobs.length === 0) this.#turns.push(line)
    line.jobs.push(job)
    this.#start()
  }

  /** The first body always has room: the adapter limits the size of one. */
  #hasRoom(line: Line, bytes: number): boolean {
    if (line.bytes === 0 && this.#bytes === 0) return true
    return line.bytes + bytes <= this.#limits.maxPendingBytes - this.#bytes
  }

  #hold(line: Line, bytes: number): void {
    line.bytes += bytes
    this.#bytes += bytes
  }

  /** A job may end at once: then it is this loop that starts the next, so the stack does not grow. */
  #start(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    while (this.#running < this.#limits.maxRunning) {
      const line = this.#turns.shift()
      const job = line?.jobs.shift()
      if (line === undefined || job === undefined) break
      if (line.jobs.length > 0) this.#turns.push(line)
      this.#running += 1
      let isDone = false
      job(() => {
        if (isDone) return
        isDone = true
        this.#running -= 1
        this.#start()
      })
    }
    this.#isStarting = false
  }
}

/** One webhook's place, held until it leaves. */
export class Place {
  readonly #queue: FairQueue
  readonly #connection: string
  readonly #line: Line
  #bytes: number
  #hasLeft = false

  constructor(queue: FairQueue, connection: string, line: Line, bytes: number) {
    this.#queue = queue
    this.#connection = connection
    this.#line = line
    this.#bytes = bytes
  }

  /** Reserves up to so many bytes in all. */
  reserve(bytes: number): boolean {
    const more = bytes - this.#bytes
    if (more <= 0) return true
    if (this.#hasLeft || !this.#queue.grow(this.#line, more)) return false
    this.#bytes = bytes
    return true
  }

  run(job: Job): void {
    this.#queue.run(this.#line, job)
  }

  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#queue.leave(this.#connection, this.#line, this.#bytes)
  }
}
