/**
 * Trigger subscriptions and webhook secrets in a SQL database.
 *
 * @since 0.1.0
 */
import { type Service, Subscription, SubscriptionStore, WebhookSecrets } from "@effect-postmark/core/SubscriptionStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A subscription store on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "subscription")
  const columns = sql.literal(
    `id, connection_id AS "connectionId", trigger_id AS "trigger", created_at AS "createdAt"`
  )
  return {
    // The update changes nothing: it makes the database answer with the row that is there already.
    insert: (subscription) =>
      run(
        "insert",
        sql`INSERT INTO postmark_subscriptions ${
          sql.insert({
            id: subscription.id,
            connection_id: subscription.connectionId,
            trigger_id: subscription.trigger,
            created_at: subscription.createdAt
          })
        } ON CONFLICT (connection_id, trigger_id) DO UPDATE SET trigger_id = excluded.trigger_id
          RETURNING ${columns}`.pipe(
          Effect.flatMap(decodeInserted),
          Effect.map(([stored]) => stored)
        )
      ),
    list: (connectionId) =>
      run(
        "list",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_subscriptions WHERE connection_id = ${connectionId} ORDER BY position`,
          (rows) => decodeSubscriptions(rows)
        )
      ),
    remove: (connectionId, id) =>
      run(
        "remove",
        Effect.map(
          sql`DELETE FROM postmark_subscriptions WHERE connection_id = ${connectionId} AND id = ${id} RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    getSecrets: (connectionId) =>
      run(
        "getSecrets",
        sql`SELECT connection_id AS "connectionId", current_secret AS "current", previous_secret AS "previous",
          rotated_at AS "rotatedAt" FROM postmark_webhook_secrets WHERE connection_id = ${connectionId}`.pipe(
          Effect.flatMap(decodeSecrets),
          Effect.map(Arr.head)
        )
      ),
    setSecrets: (secrets, expected) =>
      run(
        "setSecrets",
        Effect.map(
          expected === null
            ? sql`INSERT INTO postmark_webhook_secrets ${
              sql.insert({
                connection_id: secrets.connectionId,
                current_secret: secrets.current,
                previous_secret: secrets.previous,
                rotated_at: secrets.rotatedAt
              })
            } ON CONFLICT (connection_id) DO NOTHING RETURNING connection_id`
            : sql`UPDATE postmark_webhook_secrets SET current_secret = ${secrets.current},
              previous_secret = ${secrets.previous}, rotated_at = ${secrets.rotatedAt}
              WHERE connection_id = ${secrets.connectionId} AND current_secret = ${expected} RETURNING connection_id`,
          (rows) => rows.length > 0
        )
      ),
    resealSecrets: (connectionId, { current, previous }, expected) =>
      run(
        "resealSecrets",
        Effect.map(
          sql`UPDATE postmark_webhook_secrets SET current_secret = ${current}, previous_secret = ${previous}
            WHERE connection_id = ${connectionId} AND current_secret = ${expected.current}
              AND previous_secret IS NOT DISTINCT FROM ${expected.previous} RETURNING connection_id`,
          (rows) => rows.length > 0
        )
      ),
    removeSecrets: (connectionId) =>
      run(
        "removeSecrets",
        Effect.asVoid(sql`DELETE FROM postmark_webhook_secrets WHERE connection_id = ${connectionId}`)
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SubscriptionStore, never, SqlClient.SqlClient> = Layer.effect(SubscriptionStore, make)

const decodeInserted = Schema.decodeUnknown(Schema.Tuple(Subscription))
const decodeSubscriptions = Schema.decodeUnknown(Schema.Array(Subscription))
const decodeSecrets = Schema.decodeUnknown(Schema.Array(WebhookSecrets))
