/** `effect-postmark-server keys`: API keys on the file of a stopped server, or on PostgreSQL. */
import { ConnectionStore } from "@effect-postmark/core/ConnectionStore"
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqlConnectionStore from "@effect-postmark/storage-sql/SqlConnectionStore"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import type { StorageUnusable } from "@effect-postmark/storage-sql/StorageUnusable"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ApiKeys from "../ApiKeys.ts"
import * as NodeDigest from "../NodeDigest.ts"
import type { Settings } from "../Settings.ts"
import * as SqlApiKeyStore from "../SqlApiKeyStore.ts"
import * as SqlAuditLog from "../SqlAuditLog.ts"
import { audited } from "./audited.ts"
import * as KeysArguments from "./keysArguments.ts"
import { CommandFailure } from "./keysArguments.ts"

export const usage = KeysArguments.usage

/** Runs `create`, `list` or `revoke`. A new key is the only line on stdout; what there is to say of it goes to stderr. */
export const run = (
  settings: Settings,
  args: ReadonlyArray<string>
): Effect.Effect<void, CommandFailure> =>
  Effect.gen(function*() {
    const command = yield* KeysArguments.parse(args)
    const stores = yield* storesOf(settings)
    return yield* Effect.provide(perform(command), stores)
  }).pipe(
    Effect.provide(NodeContext.layer),
    Effect.mapError((error) =>
      new CommandFailure({
        message: error._tag === "StorageUnusable" && error.reason === "inUse"
          ? `${error.message}: stop the server, or manage keys over HTTP while it runs (/v1/api-keys)`
          : error.message
      })
    )
  )

const perform = (command: KeysArguments.Command) => {
  switch (command.name) {
    case "create":
      return create(command)
    case "list":
      return list
    case "revoke":
      return revoke(command.id)
  }
}

const create = ({ connections, expiresIn, keyName, rateLimit, scopes }: KeysArguments.Create) =>
  Effect.gen(function*() {
    const known = (yield* (yield* ConnectionStore).list).map(({ id }): string => id)
    const unknown = (connections ?? []).find((id) => !known.includes(id))
    if (unknown !== undefined) return yield* new CommandFailure({ message: `there is no connection ${unknown}` })
    const apiKeys = yield* ApiKeys.ApiKeys
    const expiresAt = expiresIn === undefined
      ? undefined
      : DateTime.addDuration(yield* DateTime.now, expiresIn)
    const { apiKey, key } = yield* audited(
      { actor: "commandLine", operation: "keys create", targetId: null },
      apiKeys.create({ name: keyName, connections, scopes, expiresAt, rateLimit }),
      ({ apiKey }) => ({ outcome: "done", targetId: apiKey.id })
    )
    yield* Console.error(`created ${describe(apiKey)}; the key is shown this once:`)
    yield* Console.log(Redacted.value(key))
  })

const list = Effect.flatMap(
  ApiKeys.ApiKeys,
  (apiKeys) =>
    Effect.flatMap(
      apiKeys.list,
      (all) => Effect.forEach(all, (apiKey) => Console.log(describe(apiKey)), { discard: true })
    )
)

const revoke = (id: string) =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys.ApiKeys
    const isRevoked = yield* audited(
      { actor: "commandLine", operation: "keys revoke", targetId: id },
      apiKeys.revoke(id),
      (isRevoked) => ({ outcome: isRevoked ? "done" : "refused", targetId: id })
    )
    if (!isRevoked) return yield* new CommandFailure({ message: `there is no API key ${id}, or it is revoked already` })
    yield* Console.log(`revoked ${id}`)
  })

const describe = (apiKey: ApiKeys.ApiKey) =>
  [
    apiKey.id,
    JSON.stringify(apiKey.name),
    ApiKeys.isAdmin(apiKey) ? "admin" : `connections: ${apiKey.connections?.join(",") ?? "all"}`,
    `scopes: ${apiKey.scopes.join(",")}`,
    apiKey.rateLimit === null ? undefined : `${apiKey.rateLimit} requests per minute`,
    apiKey.expiresAt === null ? undefined : `expires ${apiKey.expiresAt}`,
    apiKey.revokedAt === null ? undefined : `revoked ${apiKey.revokedAt}`,
    `created ${apiKey.createdAt}`,
    apiKey.lastUsedAt === null ? "never used" : `last used ${apiKey.lastUsedAt}`
  ].filter((part) => part !== undefined).join("  ")

const storesOf = ({ dataDir, databaseUrl }: Settings) =>
  Effect.gen(function*() {
    if (Option.isSome(databaseUrl)) return on(PostgresStorage.layerClient({ url: databaseUrl.value }))
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const filename = path.join(path.resolve(dataDir), "effect-postmark.db")
    // Opening would create the file.
    if (!(yield* files.exists(filename))) {
      return yield* new CommandFailure({
        message: `there is no ${filename}: set EFFECT_POSTMARK_DATA_DIR to its directory, or start the server once`
      })
    }
    return on(SqliteStorage.layerClient({ filename }))
  })

const on = (client: Layer.Layer<SqlClient, StorageUnusable>) =>
  ApiKeys.layer.pipe(
    Layer.provide([SqlApiKeyStore.layer, NodeDigest.layer]),
    Layer.merge(SqlAuditLog.layer),
    Layer.merge(SqlConnectionStore.layer),
    Layer.provide(client)
  )
