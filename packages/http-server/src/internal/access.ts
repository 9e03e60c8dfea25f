/** Checks what the caller's API key can access. */
import { ConnectionNotFound } from "@effect-postmark/core/Connections"
import * as Effect from "effect/Effect"
import { Caller } from "../api/Authorization.ts"
import type { AdminOnly, MissingScope } from "./failures.ts"
import { refusalOf } from "./guard/permission.ts"

/** Fails with `ConnectionNotFound` for a connection outside the key's list, so the key cannot learn that it exists. */
export const mayTouch = (connectionId: string): Effect.Effect<void, ConnectionNotFound, Caller> =>
  Effect.flatMap(
    Caller,
    ({ connections }) =>
      connections === null || connections.includes(connectionId) ? Effect.void : Effect.fail(new ConnectionNotFound())
  )

/** The guard has checked the scope already; this holds for a handler whose endpoint has another annotation as well. */
export const mayAdminister: Effect.Effect<void, AdminOnly | MissingScope, Caller> = Effect.flatMap(
  Caller,
  (caller) => {
    const refusal = refusalOf("admin", caller)
    return refusal === undefined ? Effect.void : Effect.fail(refusal)
  }
)
