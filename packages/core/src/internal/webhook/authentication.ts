/** Decides by a webhook's headers whether its body is read: its secret, its source and the room there is. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ConnectionStore } from "../../ConnectionStore.ts"
import { ConnectionId } from "../../Ids.ts"
import type * as Subscriptions from "../../Subscriptions.ts"
import type { Head } from "../../WebhookReceiver.ts"
import { now } from "../runtime/now.ts"
import { decisions } from "./decisions.ts"
import { equalBytes } from "./equalBytes.ts"
import { FailureLimit } from "./failureLimit.ts"
import { messageOf, type Outside } from "./outside.ts"
import { SecretCache, type Secrets } from "./secretCache.ts"

export interface Options {
  readonly outside: Outside
  readonly subscriptions: Subscriptions.Service
  readonly connections: ConnectionStore["Type"]
  readonly maxFailures: number
}

/** Whose webhook it is, or why it is not taken. */
export type Authentication = ConnectionId | Refusal

export type Refusal = (typeof decisions)["unauthorized" | "limited" | "overloaded" | "unavailable"]

export const isRefusal = (result: Authentication): result is Refusal => typeof result !== "string"

export const make = ({ connections, maxFailures, outside, subscriptions }: Options) => {
  const failures = new FailureLimit({ burst: maxFailures, now: outside.millis })
  const refusals = new Map<string, number>()
  const secrets = new SecretCache({
    now: outside.millis,
    read: (connectionId, done) =>
      outside.run(subscriptions.secrets(connectionId), (exit) => {
        if (Exit.isSuccess(exit)) return done(exit.value.map((secret) => utf8.encode(Redacted.value(secret))))
        outside.logError("a webhook could not be authenticated; Postmark is asked to try again", messageOf(exit.cause))
        done(undefined)
      })
  })
  subscriptions.onSecretsChange((connectionId) => secrets.drop(connectionId))

  /** Records the rejection on the connection, at most once a minute. Postmark drops the event, so somebody must know. */
  const note = (connectionId: string, noted: () => void): void => {
    const time = outside.millis()
    if (time - (refusals.get(connectionId) ?? -Infinity) < 60_000) return noted()
    if (refusals.size > 1_000) refusals.clear()
    refusals.set(connectionId, time)
    outside.run(
      Effect.catchAll(
        Effect.flatMap(now, (text) => connections.setLastRefusedAt(connectionId, text)),
        (error) => Effect.logWarning("a refused webhook could not be noted", error.message)
      ),
      noted
    )
  }

  return ({ authorization, connectionId, source }: Head, done: (result: Authentication) => void): void => {
    const presented = utf8.encode(authorization.length === 1 ? authorization[0] : "")
    const isValid = (known: Secrets): boolean => matches(presented, known) && authorization.length === 1
    const valid = () => done(isConnectionId(connectionId) ? connectionId : decisions.unauthorized)
    const fresh = secrets.fresh(connectionId)
    if (fresh !== undefined && isValid(fresh)) return valid()
    if (source !== undefined && failures.isExceeded(source)) {
      // A secret that was valid a moment ago may ask the store, however many others fail from the same address.
      const last = secrets.last(connectionId)
      if (last === undefined ? secrets.waiting >= maximumWaitingLimited : !isValid(last)) return done(decisions.limited)
    }
    if (secrets.waiting >= maximumWaiting) return done(decisions.overloaded)
    secrets.read(connectionId, (known) => {
      if (known === undefined) return done(decisions.unavailable)
      if (isValid(known)) return valid()
      if (source !== undefined) failures.add(source)
      note(connectionId, () => done(decisions.unauthorized))
    })
  }
}

/** Takes the same path for an unknown connection, a connection without a secret, and a wrong secret. */
const matches = (presented: Uint8Array, known: Secrets): boolean => {
  let valid = false
  for (const secret of known.length === 0 ? [nobody] : known) valid = equalBytes(presented, secret) || valid
  return valid && known.length > 0
}

/** How many webhooks may wait for a look at the store. */
const maximumWaiting = 1_024

/** The same for those of a source that fails all the time, and of a connection that is not in memory. */
const maximumWaitingLimited = 8

const utf8 = new TextEncoder()

const nobody = utf8.encode("this connection has no secret")

const isConnectionId = Schema.is(ConnectionId)
