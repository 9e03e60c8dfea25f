/**
 * SMTP as the double sees it: who logs in, what arrives, and the reply.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"

/**
 * The steps of a session that a fault can hit: the greeting, the login, one recipient, and the message after `DATA`.
 *
 * @since 0.1.0
 * @category models
 */
export type Step = "connect" | "auth" | "recipient" | "message"

/**
 * A line that the server sends: an SMTP code from 200 to 599, and a text of printable ASCII.
 *
 * @since 0.1.0
 * @category models
 */
export interface Line {
  readonly kind: "line"
  readonly code: number
  readonly text: string
}

/**
 * What the client sees: a line, or a connection that is reset or closed instead.
 *
 * @since 0.1.0
 * @category models
 */
export type Reply = Line | { readonly kind: "reset" } | { readonly kind: "close" }

/**
 * A session that has logged in: the token of its server, and the stream if it came with an SMTP token, which belongs to
 * one stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  readonly token: string
  readonly stream: string | undefined
}

/**
 * A message as it arrived: the recipients of its envelope, and its bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Mail {
  readonly login: Login
  readonly recipients: ReadonlyArray<string>
  readonly read: Effect.Effect<Uint8Array, unknown>
}

/**
 * The way into a double for an SMTP listener. `connect` and `recipient` succeed with a line only to refuse.
 *
 * @since 0.1.0
 * @category models
 */
export interface Door {
  readonly connect: Effect.Effect<Line | undefined>
  readonly logIn: (username: string, hasPassword: (secret: string) => boolean) => Effect.Effect<Login | Line>
  readonly recipient: (email: string) => Effect.Effect<Line | undefined>
  readonly receive: (mail: Mail) => Effect.Effect<Reply>
}
