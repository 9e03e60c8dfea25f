/** Cursors into the event log and the audit log. They are opaque to callers, so their content can change. A cursor belongs to one order. */
import type { Order } from "@effect-postmark/core/EventLog"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"

export interface Cursor {
  readonly order: Order
  /** The last row that was read. */
  readonly sequence: number
}

export const encode = ({ order, sequence }: Cursor): string =>
  Encoding.encodeBase64Url(`${order === "newest" ? 2 : 1}:${sequence}`)

export const decode = (cursor: string): Option.Option<Cursor> =>
  Either.getRight(Encoding.decodeBase64UrlString(cursor)).pipe(
    Option.flatMapNullable((text) => /^([12]):(\d{1,15})$/.exec(text)),
    Option.map(([, order, sequence]) => ({ order: order === "2" ? "newest" : "oldest", sequence: Number(sequence) }))
  )

interface Delivery {
  readonly sequence: number
  readonly targetId: string
}

export const encodeDelivery = ({ sequence, targetId }: Delivery): string =>
  Encoding.encodeBase64Url(`d1:${sequence}:${targetId}`)

export const decodeDelivery = (cursor: string): Option.Option<Delivery> =>
  Either.getRight(Encoding.decodeBase64UrlString(cursor)).pipe(
    Option.flatMapNullable((text) => /^d1:(\d{1,15}):([\w-]{1,100})$/.exec(text)),
    Option.map(([, sequence, targetId = ""]) => ({ sequence: Number(sequence), targetId }))
  )
