/**
 * Authenticates callers. Every route under `/v1` except the webhooks requires an API key.
 *
 * @since 0.1.0
 */
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type { ApiKey } from "../ApiKeys.ts"
import * as Problem from "./Problem.ts"

/**
 * The API key of the request.
 *
 * @since 0.1.0
 * @category tags
 */
export class Caller extends Context.Tag("@effect-postmark/http-server/api/Authorization/Caller")<Caller, ApiKey>() {}

/**
 * Requires one valid API key as the bearer token, with the scope that the endpoint's `Access` names.
 *
 * @since 0.1.0
 * @category middleware
 */
export class Authorization extends HttpApiMiddleware.Tag<Authorization>()(
  "@effect-postmark/http-server/api/Authorization",
  {
    provides: Caller,
    failure: Schema.Union(Problem.Unauthorized, Problem.Forbidden, Problem.RateLimited, Problem.Unavailable),
    security: {
      apiKey: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotateContext(
          OpenApi.annotations({
            description: "An API key. A key for all connections with the scope `manage` is an admin key."
          })
        )
      )
    }
  }
) {}
