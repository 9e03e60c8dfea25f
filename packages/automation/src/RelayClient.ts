/**
 * How the relay posts to a target: a port that is narrow on purpose, so that no client without address rules can take its
 * place by accident. `NodeRelayClient` is the one for Node.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * No answer came. `reason` is `blocked_address`, `timeout`, or a short code of the transport, such as `ECONNREFUSED`.
 *
 * @since 0.1.0
 * @category errors
 */
export class RelayFailure
  extends Schema.TaggedError<RelayFailure>("@effect-postmark/automation/RelayClient/RelayFailure")(
    "RelayFailure",
    { reason: Schema.String }
  )
{
  override get message(): string {
    return `the target did not answer: ${this.reason}`
  }
}

/**
 * A target's answer; `body` is at most the first 64 KiB.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Posts once. Follows no redirect, uses no proxy, and refuses addresses that are not allowed. */
  readonly post: (request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }) => Effect.Effect<Answer, RelayFailure>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RelayClient extends Context.Tag("@effect-postmark/automation/RelayClient")<RelayClient, Service>() {}
