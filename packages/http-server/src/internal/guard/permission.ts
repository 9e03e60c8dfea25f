/** Refuses a request that the caller's API key does not allow. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Access, Scope } from "../../api/Access.ts"
import { Caller } from "../../api/Authorization.ts"
import * as ApiKeys from "../../ApiKeys.ts"
import { AdminOnly, MissingScope, Unauthorized } from "../failures.ts"
import * as Problems from "../problems.ts"
import type { Guard } from "./guard.ts"

export const guard: Guard = ({ endpoint, requestId }) => (handler) => {
  const { access } = endpoint
  return access === undefined ? handler : Effect.flatMap(Effect.serviceOption(Caller), (caller) => {
    const refusal = Option.isNone(caller)
      ? new Unauthorized({ reason: "unknown" })
      : refusalOf(access, caller.value)
    return refusal === undefined ? handler : Effect.succeed(Problems.response(refusal, requestId))
  })
}

/** Why the key does not allow it; undefined if it does. */
export const refusalOf = (
  access: Access["Type"],
  caller: Pick<ApiKeys.ApiKey, "connections" | "scopes">
): AdminOnly | MissingScope | undefined => {
  if (access !== "admin") return lacks(caller, access)
  if (ApiKeys.isAdmin(caller)) return undefined
  return caller.connections === null ? new MissingScope({ scope: "manage" }) : new AdminOnly()
}

const lacks = ({ scopes }: { readonly scopes: ReadonlyArray<Scope> }, scope: Scope) =>
  scopes.includes(scope) ? undefined : new MissingScope({ scope })
