/** Changes that no request makes, in the audit log: by a command, or by the server itself when it starts. */
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { type AuditEntry, AuditLog, type Outcome } from "../AuditLog.ts"
import { entryId } from "./guard/entryId.ts"

/** Without its entry in the audit log, nothing is changed. */
export const audited = <A, E, R>(
  about: Pick<AuditEntry, "actor" | "operation" | "targetId">,
  change: Effect.Effect<A, E, R>,
  endOf: (result: A) => { readonly outcome: Outcome; readonly targetId: string }
) =>
  Effect.gen(function*() {
    const log = yield* AuditLog
    const id = yield* entryId
    const entry: AuditEntry = {
      ...about,
      id,
      begunAt: yield* now,
      endedAt: null,
      keyId: null,
      connectionId: null,
      requestId: null,
      status: null,
      outcome: "begun"
    }
    yield* log.write({ begun: [entry], ended: [] })
    const result = yield* change
    const ending = { id, endedAt: yield* now, status: null, connectionId: null, ...endOf(result) }
    // The change is made: its result matters more than the end of its entry.
    yield* Effect.catchAll(
      log.write({ begun: [], ended: [ending] }),
      (error) => Console.error(`the audit log did not take the outcome: ${error.message}`)
    )
    return result
  })

const now = Effect.map(DateTime.now, DateTime.formatIso)
