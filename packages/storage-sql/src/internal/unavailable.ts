/** What a store's caller learns of a database that fails. */
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { SqlError } from "@effect/sql/SqlError"
import type { ParseError } from "effect/ParseResult"
import { driverCode } from "./driverCode.ts"

export const toUnavailable = (store: string, operation: string) => (error: SqlError | ParseError): StoreUnavailable =>
  new StoreUnavailable({
    store,
    operation,
    // Nothing but the driver's code: messages of drivers and decoders can hold stored values.
    reason: error._tag === "SqlError" ? driverCode(error.cause) : "a stored row does not have the expected shape"
  })
