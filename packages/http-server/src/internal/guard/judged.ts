/** The route that the guards judged a request by. The router finds its own, and the two must agree. */
import * as Context from "effect/Context"

export class Judged extends Context.Tag("@effect-postmark/http-server/internal/guard/judged")<Judged, {
  readonly path: string
  readonly method: string
}>() {}
