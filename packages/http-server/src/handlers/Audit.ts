/**
 * Handles the audit log.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { AuditPage } from "../api/AuditApi.ts"
import { Caller } from "../api/Authorization.ts"
import { isAdmin } from "../ApiKeys.ts"
import { AuditLog } from "../AuditLog.ts"
import { mayTouch } from "../internal/access.ts"
import * as Cursor from "../internal/cursor.ts"
import { invalid } from "../internal/failures.ts"
import { Instant } from "../internal/instant.ts"
import * as Responses from "../internal/responses.ts"

/**
 * `settled` waits until the changes that this process answered have their outcomes in the log.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: { readonly settled: Effect.Effect<void, StoreUnavailable> }) =>
  HttpApiBuilder.group(
    Api,
    "audit",
    (handlers) =>
      Effect.map(AuditLog, (log) =>
        handlers.handleRaw("list", () =>
          Effect.gen(function*() {
            const { after, connection, from, key, limit, to } = yield* query(
              yield* HttpServerRequest.ParsedSearchParams
            )
            const before = after === undefined
              ? Option.none()
              : Option.filter(Cursor.decode(after), ({ order }) => order === "newest")
            if (after !== undefined && Option.isNone(before)) {
              return yield* invalid("listAudit", [{ path: ["after"], message: "must be a nextCursor of this API" }])
            }
            if (connection !== undefined) yield* mayTouch(connection)
            const caller = yield* Caller
            yield* options.settled
            const size = Number(limit)
            const found = yield* log.list({
              limit: size + 1,
              before: Option.getOrUndefined(before)?.sequence,
              connections: connection === undefined ? caller.connections ?? undefined : [connection],
              withConnection: !isAdmin(caller),
              keyId: key,
              from,
              to
            })
            const page = found.slice(0, size)
            const last = page.at(-1)
            return yield* list({
              entries: page.map(({ entry }) => entry),
              nextCursor: last === undefined || found.length <= size
                ? null
                : Cursor.encode({ order: "newest", sequence: last.position })
            })
          }).pipe(Responses.orProblem)))
  )

const query = Responses.decode(
  "listAudit",
  Schema.Struct({
    after: Schema.optional(Schema.String),
    limit: Schema.optionalWith(
      Schema.String.pipe(
        Schema.pattern(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, { message: () => "must be a whole number from 1 to 500" })
      ),
      { default: () => "100" }
    ),
    connection: Schema.optional(Schema.String),
    key: Schema.optional(Schema.String),
    from: Schema.optional(Instant),
    to: Schema.optional(Instant)
  })
)

const list = Responses.json(AuditPage)
