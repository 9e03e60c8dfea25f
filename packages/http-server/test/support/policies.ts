/** Policies of calls to Postmark. */
import * as Reconciliation from "@effect-postmark/core/Reconciliation"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import { Layer } from "effect"

/** Turns off retries and reconciliation. */
export const once: Layer.Layer<never> = Layer.mergeAll(
  Layer.succeed(RetryPolicy.RetryPolicy, RetryPolicy.none),
  Layer.succeed(Reconciliation.Reconciliation, Reconciliation.none)
)
