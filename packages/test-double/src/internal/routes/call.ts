/** One call of an endpoint: what a handler is given, and what it answers. */
import type * as Effect from "effect/Effect"
import type { Answer } from "../../Exchange.ts"
import type { Behaviour } from "../engine/behaviour.ts"
import type { BulkWork } from "../engine/job.ts"
import type { Fired } from "../engine/outcomes.ts"
import type { Refusal } from "../http/response.ts"
import type { Message, Server, World } from "../state/state.ts"
import type { Instant } from "../state/time.ts"
import type { Dispatch } from "../webhooks/dispatch.ts"

/** A call with an account token. */
export interface AccountCall {
  readonly world: World
  readonly path: { readonly [name: string]: string }
  readonly query: URLSearchParams
  /** The parsed body; undefined if there was none. */
  readonly body: unknown
  readonly now: Instant
}

/** A call with a server token. */
export interface Call extends AccountCall {
  readonly server: Server
  readonly dispatch: Dispatch
  readonly behaviour: Behaviour
  /** Messages that this call has accepted, for the engine to deliver. */
  readonly accepted: Array<Message>
  /** Webhook events that this call has caused, for the engine to post. */
  readonly fired: Array<Fired>
  /** Work that Postmark does a moment later. */
  readonly deferred: Array<BulkWork>
}

export type Result = Answer | Refusal

export type Handler = (call: Call) => Result | Effect.Effect<Result>

export type AccountHandler = (call: AccountCall) => Result
