/**
 * API keys.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Api } from "../Api.ts"
import { ApiKeyList, CreateApiKey, CreatedApiKey } from "../api/ApiKeysApi.ts"
import { Caller } from "../api/Authorization.ts"
import * as ApiKeys from "../ApiKeys.ts"
import { mayAdminister } from "../internal/access.ts"
import { ApiKeyNotFound, invalid, MissingScope, OwnApiKey } from "../internal/failures.ts"
import * as AuditNote from "../internal/guard/auditNote.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "apiKeys", (handlers) =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys.ApiKeys
    const connections = yield* Connections

    return handlers
      .handleRaw("create", ({ request }) =>
        Effect.gen(function*() {
          yield* mayAdminister
          const input = yield* create(request)
          const { connections: ids = null, expiresAt, name, rateLimit, scopes } = yield* grantable(input)
          const known = new Set<string>(ids === null ? [] : (yield* connections.list).map(({ id }) => id))
          const unknown = (ids ?? []).flatMap((id, index) =>
            known.has(id) ? [] : [{ path: ["connections", index], message: "there is no such connection" }]
          )
          if (unknown.length > 0) return yield* invalid("createApiKey", unknown)
          const { apiKey, key } = yield* apiKeys.create({
            name,
            connections: ids,
            scopes,
            expiresAt,
            rateLimit: rateLimit ?? undefined
          })
          yield* AuditNote.note({ targetId: apiKey.id })
          return yield* created({ apiKey, key: Redacted.value(key) })
        }).pipe(Responses.orProblem))
      .handleRaw("list", () =>
        mayAdminister.pipe(
          Effect.zipRight(apiKeys.list),
          Effect.flatMap((all) => list({ apiKeys: all })),
          Responses.orProblem
        ))
      .handleRaw("revoke", ({ path }) =>
        Effect.gen(function*() {
          yield* mayAdminister
          const caller = yield* Caller
          if (caller.id === path.keyId) return yield* new OwnApiKey()
          if (!(yield* apiKeys.revoke(path.keyId))) return yield* new ApiKeyNotFound()
          return Responses.noContent
        }).pipe(Responses.orProblem))
  }))

/** A key gives no scope that it lacks, and the new key does not outlive it. */
const grantable = (input: typeof CreateApiKey.Type) =>
  Effect.gen(function*() {
    const caller = yield* Caller
    const scopes = input.scopes ?? caller.scopes
    const lacking = scopes.find((scope) => !caller.scopes.includes(scope))
    if (lacking !== undefined) return yield* new MissingScope({ scope: lacking })
    const expiresAt = input.expiresAt ?? caller.expiresAt ?? undefined
    if (expiresAt === undefined) return { ...input, scopes, expiresAt }
    const refuse = (message: string) => invalid("createApiKey", [{ path: ["expiresAt"], message }])
    if (expiresAt <= DateTime.formatIso(yield* DateTime.now)) return yield* refuse("must be in the future")
    if (caller.expiresAt !== null && expiresAt > caller.expiresAt) {
      return yield* refuse(`must not be after ${caller.expiresAt}, when the key of this request expires`)
    }
    return { ...input, scopes, expiresAt: DateTime.unsafeMake(expiresAt) }
  })

const create = Responses.payload("createApiKey", CreateApiKey)
const created = Responses.json(CreatedApiKey, 201)
const list = Responses.json(ApiKeyList)
