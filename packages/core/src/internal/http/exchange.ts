/**
 * A request and its whole response in one step. A client that can do this (`DispatcherHttpClient`) is asked directly,
 * which spares the fibers, streams and copies of the general way.
 */
import type * as HttpClient from "@effect/platform/HttpClient"

export interface ExchangeRequest {
  readonly origin: string
  /** The path and the query. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** What came back. The body is missing if it broke off or is longer than the limit. */
export interface Exchanged {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Uint8Array | NoBody
}

export interface NoBody {
  readonly _tag: "TooLong" | "Broken"
}

export const tooLong: NoBody = { _tag: "TooLong" }
export const broken: NoBody = { _tag: "Broken" }

/** Called once: with the response, or with the cause of a failure before it came. */
export interface Settle {
  readonly response: (response: Exchanged) => void
  readonly failure: (cause: unknown) => void
}

/** Starts the request; returns how to give it up. A request that is given up calls nobody. */
export type Exchange = (request: ExchangeRequest, maximumBytes: number, settle: Settle) => () => void

const exchanges = new WeakMap<HttpClient.HttpClient, Exchange>()

/** Remembers how this very client exchanges; a client that is derived from it (`mapRequest`) is asked the general way. */
export const remember = (client: HttpClient.HttpClient, exchange: Exchange): HttpClient.HttpClient => {
  exchanges.set(client, exchange)
  return client
}

export const exchangeOf = (client: HttpClient.HttpClient): Exchange | undefined => exchanges.get(client)
