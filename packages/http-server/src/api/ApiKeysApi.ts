/**
 * Keys to this API. Only admin keys may manage them.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ApiKey } from "../ApiKeys.ts"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import * as Problem from "./Problem.ts"

/**
 * A new key's name, and the connections that it may touch. Null or left out: all of them, and administration as well.
 *
 * @since 0.1.0
 * @category models
 */
export const CreateApiKey = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200)),
  connections: Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))
}).annotations({ identifier: "CreateApiKey" })

/**
 * A new key; `key` is shown this once.
 *
 * @since 0.1.0
 * @category models
 */
export const CreatedApiKey = Schema.Struct({ apiKey: ApiKey, key: Schema.String }).annotations({
  identifier: "CreatedApiKey"
})

/**
 * The keys, oldest first, without what opens the door.
 *
 * @since 0.1.0
 * @category models
 */
export const ApiKeyList = Schema.Struct({ apiKeys: Schema.Array(ApiKey) }).annotations({ identifier: "ApiKeyList" })

/**
 * The routes of API keys.
 *
 * @since 0.1.0
 * @category groups
 */
export class ApiKeysApi extends HttpApiGroup.make("apiKeys")
  .add(
    HttpApiEndpoint.post("create", "/v1/api-keys")
      .annotate(Access, "admin")
      .setPayload(CreateApiKey)
      .addSuccess(CreatedApiKey, { status: 201 })
      .addError(Schema.Union(Problem.BadRequest, Problem.Forbidden, Problem.TooLarge, Problem.Invalid))
      .annotate(OpenApi.Summary, "Create an API key")
  )
  .add(
    HttpApiEndpoint.get("list", "/v1/api-keys")
      .annotate(Access, "admin")
      .addSuccess(ApiKeyList)
      .addError(Problem.Forbidden)
      .annotate(OpenApi.Summary, "List the API keys")
  )
  .add(
    HttpApiEndpoint.post("revoke", "/v1/api-keys/:keyId/revoke")
      .annotate(Access, "admin")
      .setPath(Schema.Struct({ keyId: Schema.String }))
      .addSuccess(Schema.Void)
      .addError(Schema.Union(Problem.Forbidden, Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Revoke an API key")
      .annotate(OpenApi.Description, "A key cannot revoke itself, so that one admin key is always left.")
  )
  .annotate(OpenApi.Title, "API keys").annotate(
    OpenApi.Description,
    "Keys to this API. Only admin keys can manage them."
  )
  .middleware(Authorization)
{}
