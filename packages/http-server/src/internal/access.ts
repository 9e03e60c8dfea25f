/** What the caller's API key may touch. */
import { ConnectionNotFound } from "@effect-postmark/core/Connections"
import * as Effect from "effect/Effect"
import { Caller } from "../api/Authorization.ts"
import { AdminOnly } from "./failures.ts"

/** A connection outside of the key's list is as if it were not there. */
export const mayTouch = (connectionId: string): Effect.Effect<void, ConnectionNotFound, Caller> =>
  Effect.flatMap(
    Caller,
    ({ connections }) =>
      connections === null || connections.includes(connectionId) ? Effect.void : Effect.fail(new ConnectionNotFound())
  )

export const mayAdminister: Effect.Effect<void, AdminOnly, Caller> = Effect.flatMap(
  Caller,
  ({ connections }) => connections === null ? Effect.void : Effect.fail(new AdminOnly())
)
