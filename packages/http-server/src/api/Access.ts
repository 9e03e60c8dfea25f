/**
 * What a caller must be allowed to do to use a route: an annotation of each endpoint.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"

/**
 * What an API key may do with its connections: `send` mail, `read` everything but secrets, `manage` connections,
 * triggers, relay targets, runs and Postmark's settings. No scope includes another.
 *
 * @since 0.1.0
 * @category models
 */
export const Scope = Schema.Literal("send", "read", "manage").annotations({ identifier: "Scope" })

/**
 * @since 0.1.0
 * @category models
 */
export type Scope = typeof Scope.Type

/**
 * The scope that a route needs; `admin` routes need a key for all connections with the scope `manage`. A request to a
 * `read` route changes nothing, whatever its method; a request to any other route is a change.
 *
 * @since 0.1.0
 * @category annotations
 */
export class Access extends Context.Tag("@effect-postmark/http-server/api/Access")<Access, Scope | "admin">() {}
