/**
 * Finds out what a send came to whose server stopped before its outcome was stored. A message is never sent again for it.
 */
import type { Service as Connections } from "@effect-postmark/core/Connections"
import type { Correlation } from "@effect-postmark/core/Correlation"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import { OutcomeUnknown } from "@effect-postmark/core/PostmarkError"
import { Receipt } from "@effect-postmark/core/Receipt"
import { Reconciliation, type ReconciliationResult } from "@effect-postmark/core/Reconciliation"
import type { SendOutcome } from "@effect-postmark/core/SendOutcome"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { Sending } from "../Idempotency.ts"
import * as Problems from "./problems.ts"
import * as Reconcile from "./reconcile.ts"
import * as SendResponses from "./sendResponses.ts"

/** A response, and whether a later search could say more. */
export interface Recovered {
  readonly response: HttpServerResponse.HttpServerResponse
  readonly isFinal: boolean
}

export const make = (connections: Connections) =>
(
  { body, connectionId, requestId, sending }: {
    readonly connectionId: string
    readonly body: Uint8Array
    readonly sending: Sending | null
    readonly requestId: string
  }
): Effect.Effect<Recovered> =>
  Effect.gen(function*() {
    const payload = parse(body)
    const shape = Reconcile.shapeOf(payload)
    const sent = sending === null ? undefined : { ...sending, ...shape }
    const { found, result } = sent === undefined
      ? nothing("noCorrelation")
      : yield* searched(connections, connectionId, sent)
    const all = Reconcile.indexes(shape.messages)
    const unknownOf = (index: number) => unknown(sending === null ? "none" : correlationOf(sending, index), result)
    const isFinal = found.size === shape.messages
    if (found.size === 0) {
      const failure = unknownOf(0)
      const since = sending?.since ?? 0
      const reconcile = SendResponses.linkOf(connectionId, payload, since, failure.correlation)
      return { response: Problems.response(failure, requestId, { reconcile }), isFinal: false }
    }
    const outcomes = all.map((index): SendOutcome => {
      const receipt = found.get(index)
      return receipt === undefined
        ? { _tag: "Unknown", error: unknownOf(index) }
        : { _tag: "Accepted", receipt }
    })
    const [first] = outcomes
    const success: Effect.Effect<unknown, ParseError> = shape.isBatch || first?._tag !== "Accepted"
      ? encodeBatch({ outcomes })
      : encodeReceipt(first.receipt)
    const response = SendResponses.success(connectionId, payload, sending?.since ?? 0, yield* Effect.orDie(success))
    return { response, isFinal }
  })

interface Searched {
  readonly found: ReadonlyMap<number, Receipt>
  readonly result: ReconciliationResult
}

const nothing = (result: ReconciliationResult): Searched => ({ found: new Map(), result })

/** Searches at once, and again after each pause of the settings until everything is found. */
const searched = (connections: Connections, connectionId: string, sent: Reconcile.Sent): Effect.Effect<Searched> =>
  Effect.gen(function*() {
    const { pauses } = yield* Reconciliation
    let best = nothing("searchFailed")
    for (const pause of [0, ...pauses] satisfies ReadonlyArray<Duration.DurationInput>) {
      yield* Effect.sleep(pause)
      const found = yield* connections.client(connectionId).pipe(
        Effect.flatMap(({ prepared }) => Reconcile.search(prepared, sent)),
        Effect.option
      )
      if (Option.isSome(found)) best = { found: found.value, result: "notFound" }
      if (best.found.size === sent.messages) break
    }
    return best
  })

const correlationOf = ({ names, value }: Sending, index: number): Correlation => ({ name: names.call, value, index })

const unknown = (correlation: Correlation, reconciliation: ReconciliationResult) =>
  new OutcomeUnknown({
    operation: "idempotentRepeat",
    message:
      "the server stopped while it worked on the first request with this Idempotency-Key, and Postmark may have " +
      "accepted the message; it is never sent again for this key",
    correlation,
    reconciliation
  })

const parse = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

const encodeReceipt = Schema.encode(Receipt)
const encodeBatch = Schema.encode(PostmarkActions.SendEmailBatch.success)
