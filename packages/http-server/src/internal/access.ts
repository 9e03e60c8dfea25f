/** Checks what the caller's API key can access. */
import { ConnectionNotFound } from "@effect-postmark/core/Connections"
import * as Effect from "effect/Effect"
import { Caller } from "../api/Authorization.ts"
import { AdminOnly } from "./failures.ts"

/** Fails with `ConnectionNotFound` for a connection outside the key's list, so the key cannot learn that it exists. */
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
