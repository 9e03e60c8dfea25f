/** What a handler tells the audit log: the id of what it made, or a connection that is not in the path. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

export interface Note {
  readonly connectionId?: string | undefined
  readonly targetId?: string | undefined
}

export class AuditNote extends Context.Reference<AuditNote>()("@effect-postmark/http-server/internal/guard/auditNote", {
  defaultValue: (): (note: Note) => void => () => {}
}) {}

export const note = (about: Note): Effect.Effect<void> => Effect.map(AuditNote, (take) => take(about))
