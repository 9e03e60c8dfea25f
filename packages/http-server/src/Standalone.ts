/**
 * The server as a program: SQLite for its data, Node for its socket, the environment for its settings.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as ApiKeys from "@effect-postmark/core/ApiKeys"
import * as Connections from "@effect-postmark/core/Connections"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Path from "@effect/platform/Path"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as AdminKey from "./internal/adminKey.ts"
import * as DataDir from "./internal/dataDir.ts"
import * as NodeServer from "./internal/nodeServer.ts"
import * as NodeDigest from "./NodeDigest.ts"
import * as Server from "./Server.ts"
import type { Settings } from "./Settings.ts"

/**
 * The server cannot start. The message says what to do about it.
 *
 * @since 0.1.0
 * @category errors
 */
export class StartFailure extends Data.TaggedError("StartFailure")<{ readonly message: string }> {}

/**
 * Where the server is: its address, its directory, and the file of the admin key if one was made for it.
 *
 * @since 0.1.0
 * @category tags
 */
export class Standalone extends Context.Tag("@effect-postmark/http-server/Standalone")<Standalone, {
  readonly url: string
  readonly dataDir: string
  readonly adminKeyFile: Option.Option<string>
}>() {}

/**
 * What the server's own program may use beside it: handlers of triggers need the event log and the cursors.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Standalone
  | Server.Services
  | HttpServer.HttpServer
  | SqliteStorage.Stores
  | SqliteStorage.SqliteStorage

/**
 * The whole server. `actions` are added to Postmark's own six, `triggers` to Postmark's own; one of the same id is
 * replaced.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  settings: Settings,
  options: Server.Options & {
    readonly actions?: ReadonlyArray<Action.Handled> | undefined
    readonly triggers?: ReadonlyArray<Trigger.Any> | undefined
  } = {}
): Layer.Layer<Services, StartFailure> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const path = yield* Path.Path
    const dataDir = yield* DataDir.make(settings.dataDir)
    const keys = yield* encryptionKeys(settings, path.join(dataDir, "encryption.key"))
    const { postmarkApiUrl, publicUrl } = settings

    const storage = SqliteStorage.layer({ filename: path.join(dataDir, "effect-postmark.db") })
    const core = Layer.mergeAll(WebhookReceiver.layer, ApiKeys.layer).pipe(
      Layer.provideMerge(Subscriptions.layer),
      Layer.provideMerge(Connections.layer({ apiUrl: Option.getOrUndefined(postmarkApiUrl) })),
      Layer.provide([Vault.layer(keys), NodeDigest.layer, NodeHttpClient.layerUndici]),
      Layer.provideMerge(storage),
      Layer.provideMerge(TriggerRegistry.layer(...options.triggers ?? [])),
      Layer.merge(ActionRegistry.layer(...options.actions ?? []))
    )
    const standalone = Layer.effect(
      Standalone,
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        const adminKeyFile = yield* AdminKey.ensure(settings.apiKey, path.join(dataDir, "admin.key"))
        return { url: HttpServer.formatAddress(address), dataDir, adminKeyFile }
      })
    )
    return Layer.merge(
      standalone,
      NodeServer.served(Server.layer({ publicUrl: Option.getOrUndefined(publicUrl), ...options }))
    ).pipe(
      Layer.provideMerge(NodeServer.layer({ port: settings.port, host: settings.host })),
      Layer.provideMerge(core),
      Layer.provide(NodeContext.layer)
    )
  })).pipe(
    Layer.provide(NodeContext.layer),
    Layer.catchAll((error) => Layer.fail(new StartFailure({ message: explain(error) })))
  )

const encryptionKeys = (settings: Settings, file: string) =>
  Effect.gen(function*() {
    const given = settings.encryptionKeys
    if (Arr.isNonEmptyReadonlyArray(given)) return given
    if (settings.mode === "production") {
      return yield* new StartFailure({
        message: "EFFECT_POSTMARK_ENCRYPTION_KEY is not set. In production the server does not make one up: " +
          "set it to 32 random bytes in base64 (openssl rand -base64 32), and keep it apart from the data."
      })
    }
    const made = yield* DataDir.developmentKeys(file)
    return Arr.isNonEmptyReadonlyArray(made)
      ? made
      : yield* new StartFailure({ message: `${file} does not hold a key; restore it or remove it with the data` })
  })

const explain = (error: { readonly _tag: string; readonly message: string; readonly cause?: unknown }): string =>
  error._tag === "ServeError" && error.cause instanceof Error ? `cannot listen: ${error.cause.message}` : error.message
