/**
 * Who calls: every route under `/v1` but the webhooks asks for an API key.
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
 * The API key that the request carries.
 *
 * @since 0.1.0
 * @category tags
 */
export class Caller extends Context.Tag("@effect-postmark/http-server/api/Authorization/Caller")<Caller, ApiKey>() {}

/**
 * Lets a request pass that has one good API key as its bearer token.
 *
 * @since 0.1.0
 * @category middleware
 */
export class Authorization extends HttpApiMiddleware.Tag<Authorization>()(
  "@effect-postmark/http-server/api/Authorization",
  {
    provides: Caller,
    failure: Schema.Union(Problem.Unauthorized, Problem.Unavailable),
    security: {
      apiKey: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotateContext(
          OpenApi.annotations({ description: "An API key. One without a list of connections is an admin key." })
        )
      )
    }
  }
) {}
