/**
 * Data removals: ask Postmark to delete a recipient's data. These calls need an account token.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { valid, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { IdPath } from "./internal/wire/fields.ts"
import { wire } from "./internal/wire/wire.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * A data removal; `status` is `Pending` or `Done`. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DataRemoval = Schema.Struct({ id: Schema.Int, status: Schema.String })
  .annotations({ identifier: "DataRemoval" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DataRemoval extends Schema.Schema.Type<typeof DataRemoval> {}

const address = Schema.String.pipe(Schema.pattern(/^[^\s@]+@[^\s@]+$/, { message: () => "an address without a name" }))

/**
 * The requester of the removal, and the recipient whose data is removed. See
 * https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewDataRemoval = Schema.Struct({
  requestedBy: address,
  requestedFor: address,
  notifyWhenCompleted: Schema.Boolean
}).annotations({ identifier: "NewDataRemoval" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewDataRemoval extends Schema.Schema.Type<typeof NewDataRemoval> {}

/**
 * `POST /data-removals`. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createDataRemoval = HttpApiEndpoint.post("createDataRemoval", "/data-removals").setPayload(
  wire(NewDataRemoval)
)
  .addSuccess(wire(DataRemoval))

/**
 * `GET /data-removals/{id}`. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getDataRemoval = HttpApiEndpoint.get("getDataRemoval", "/data-removals/:id").setPath(IdPath)
  .addSuccess(wire(DataRemoval))

/**
 * The API endpoints for data removals. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("dataRemovals").add(createDataRemoval).add(getDataRemoval)

/**
 * The operations on data removals. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly create: (removal: NewDataRemoval) => Effect.Effect<WithRaw<DataRemoval>, ChangeError>
  readonly status: (id: number) => Effect.Effect<WithRaw<DataRemoval>, ReadError>
}

/**
 * The data removals of a client's account.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const create = transport.change(createDataRemoval)
  const status = transport.read(getDataRemoval)
  return {
    create: (removal) =>
      valid(NewDataRemoval, "createDataRemoval", removal).pipe(
        Effect.flatMap((payload) => create({ payload })),
        withRaw
      ),
    status: (id) => withRaw(status({ path: { id } }))
  }
}
