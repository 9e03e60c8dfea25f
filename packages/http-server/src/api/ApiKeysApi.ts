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
import { Instant } from "../internal/instant.ts"
import { Access, Scope } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import * as Problem from "./Problem.ts"
import { Repeat } from "./Repeat.ts"

/**
 * A new key's name, and what it is good for. It cannot have a scope that the key that creates it lacks, nor outlive it.
 *
 * @since 0.1.0
 * @category models
 */
export const CreateApiKey = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200)),
  connections: Schema.optional(
    Schema.NullOr(Schema.Array(Schema.String).pipe(Schema.maxItems(1_000))).annotations({
      description: "the connections that the key can access; null or left out: all of them"
    })
  ),
  scopes: Schema.optional(
    Schema.Array(Scope).pipe(Schema.minItems(1), Schema.maxItems(10)).annotations({
      description: "send: run actions that send or change; read: read everything but secrets; manage: change " +
        "connections, triggers, relay targets and settings. Left out: the scopes of the key that creates it. A key for " +
        "all connections with manage is an admin key"
    })
  ),
  expiresAt: Schema.optional(
    Instant.annotations({
      description: "when the key stops working; left out: when the key that creates it does, if ever"
    })
  ),
  rateLimit: Schema.optional(
    Schema.NullOr(Schema.Int.pipe(Schema.between(1, 1_000_000))).annotations({
      description: "requests per minute; null or left out: the limit of the server"
    })
  )
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
      .annotate(Repeat, "again")
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
