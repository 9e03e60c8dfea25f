/**
 * Writes an entry of the audit log for each request that could change something: before anything is done, so that a crash
 * hides no change, and again when it has ended. Without its entry, nothing is done.
 */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { Caller } from "../../api/Authorization.ts"
import type { Outcome } from "../../AuditLog.ts"
import * as Problems from "../problems.ts"
import { paramsOf } from "../routeTable.ts"
import { AuditNote, type Note } from "./auditNote.ts"
import type { AuditTrail } from "./auditTrail.ts"
import { entryId } from "./entryId.ts"
import type { Guard } from "./guard.ts"

export const make = (trail: AuditTrail): Guard => ({ endpoint, request, requestId, route }) => (handler) =>
  endpoint.access === undefined || endpoint.access === "read" ?
    handler :
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const caller = yield* Effect.serviceOption(Caller)
        const { connectionId, targetId } = subjectOf(route.path, paramsOf(route, request.url))
        const id = yield* entryId
        const begun = yield* Effect.either(trail.begin({
          id,
          begunAt: yield* now,
          endedAt: null,
          actor: "apiKey",
          keyId: Option.getOrNull(Option.map(caller, ({ id }) => id)),
          operation: endpoint.name,
          connectionId,
          targetId,
          requestId,
          status: null,
          outcome: "begun"
        }))
        if (begun._tag === "Left") return Problems.response(begun.left, requestId)
        let noted: Note = {}
        const take = (note: Note) => {
          noted = { ...noted, ...note }
        }
        const exit = yield* Effect.exit(restore(Effect.provideService(handler, AuditNote, take)))
        yield* trail.end({
          id,
          endedAt: yield* now,
          ...endOf(exit),
          connectionId: plainId(noted.connectionId),
          targetId: plainId(noted.targetId)
        })
        return yield* exit
      })
    )

const now = Effect.map(DateTime.now, DateTime.formatIso)

/** The connection of the path, and the last id after it. */
const subjectOf = (path: string, params: ReadonlyMap<string, string>) => {
  const isOfConnection = path.startsWith("/v1/connections/:id")
  const [last] = Array.from(params).reverse()
  return {
    connectionId: plainId(isOfConnection ? params.get("id") : undefined),
    targetId: plainId(last === undefined || (isOfConnection && last[0] === "id") ? undefined : last[1])
  }
}

/** A caller can put anything into a path. Only what has the form of an id is stored, which no address has. */
const plainId = (text: string | undefined): string | null =>
  text !== undefined && /^[\w.-]{1,80}$/.test(text) ? text : null

const endOf = (
  exit: Exit.Exit<HttpServerResponse.HttpServerResponse, unknown>
): { readonly status: number | null; readonly outcome: Outcome } =>
  Exit.isSuccess(exit)
    ? { status: exit.value.status, outcome: outcomeOf(exit.value.status) }
    // The caller went away, or the handler broke: perhaps after the change.
    : { status: null, outcome: "unknown" }

const outcomeOf = (status: number): Outcome =>
  status < 400 ? "done" : status < 500 || status === 502 ? "refused" : status === 504 ? "unknown" : "failed"
