/**
 * What becomes of a repeated request with an `Idempotency-Key` when the server stopped while it worked on the first one: an
 * annotation of endpoints.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * - `search`: the messages of the send are searched for in Postmark's history, and never sent again
 * - `again`: the request is made again, because making it twice is the same as making it once
 * - `ask`: the caller is told that the change may have been made
 * - `own`: the handler honours the key itself, or reads its body as a stream
 *
 * Without the annotation it is `again` for DELETE and `ask` for all other requests. Endpoints whose access is `read` ignore
 * the key.
 *
 * @since 0.1.0
 * @category annotations
 */
export class Repeat
  extends Context.Tag("@effect-postmark/http-server/api/Repeat")<Repeat, "search" | "again" | "ask" | "own">()
{}
