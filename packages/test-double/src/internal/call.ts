/** One call of an endpoint: what a handler is given, and what it answers. */
import type { Answer } from "../Exchange.ts"
import type { Refusal } from "./http.ts"
import type { Message, Server, World } from "./state.ts"
import type { Instant } from "./time.ts"

export interface Call {
  readonly world: World
  readonly server: Server
  readonly path: { readonly [name: string]: string }
  readonly query: URLSearchParams
  /** The parsed body; undefined if there was none. */
  readonly body: unknown
  readonly now: Instant
  /** Milliseconds after which an accepted message is found by a search. */
  readonly indexLag: number
  /** Messages that this call has accepted, for the engine to deliver. */
  readonly accepted: Array<Message>
}

export type Handler = (call: Call) => Answer | Refusal
