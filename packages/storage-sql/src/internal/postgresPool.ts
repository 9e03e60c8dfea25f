/**
 * A connection pool that keeps a connection until its own statement has answered.
 *
 * When a fiber is interrupted, `@effect/sql-pg` asks PostgreSQL over a second connection to cancel whatever the first one
 * runs, and gives the first one back to the pool at once. The cancellation then strikes the next fiber's statement
 * (https://github.com/Effect-TS/effect/issues/8068). Here nothing is cancelled, and a connection that is given back while
 * it is busy returns to the pool when it has nothing left to do. `statement_timeout` bounds how long that takes.
 */
import * as Pg from "pg"

type Connected = (
  error: Error | undefined,
  client: Pg.PoolClient | undefined,
  release: Pg.PoolClient["release"]
) => void

export class PostgresPool extends Pg.Pool {
  override connect(): Promise<Pg.PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<Pg.PoolClient> | void {
    if (callback === undefined) return super.connect()
    super.connect((error, client, release) => {
      if (client === undefined) return callback(error, client, release)
      const patient = releaseWhenIdle(client)
      client.release = patient
      callback(error, client, patient)
    })
  }
}

/** Called once or more often: only the first call counts, since an interruption and an answer can both release. */
const releaseWhenIdle = (client: Pg.PoolClient): Pg.PoolClient["release"] => {
  const release = client.release.bind(client)
  let isReleased = false
  return (problem) => {
    if (isReleased) return
    isReleased = true
    if (!isBusy(client) || (problem !== undefined && problem !== false)) return release(problem)
    // A connection that ends never becomes idle; the pool must forget it.
    const ended = () => {
      client.off("drain", idle)
      release(true)
    }
    const idle = () => {
      client.off("end", ended)
      release()
    }
    client.once("drain", idle)
    client.once("end", ended)
  }
}

const isBusy = (client: Pg.PoolClient): boolean => "readyForQuery" in client && client.readyForQuery === false

/**
 * The pool's `query`, which `@effect/sql-pg` uses to cancel: the cancellation answers at once, and cancels nothing.
 */
export const withoutCancellation = (pool: PostgresPool): PostgresPool =>
  new Proxy(pool, {
    get: (target, name) => {
      if (name !== "query") {
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === "function" ? member.bind(target) : member
      }
      return (...args: ReadonlyArray<unknown>): unknown => {
        const [text] = args
        const callback = args.at(-1)
        if (
          typeof text === "string" && text.startsWith("SELECT pg_cancel_backend(") && typeof callback === "function"
        ) {
          return callback(undefined, { rows: [] })
        }
        return Reflect.apply(target.query, target, args)
      }
    }
  })
