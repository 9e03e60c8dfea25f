/** Cursors into the event log. They are opaque to callers, so their content can change. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"

export const encode = (sequence: number): string => Encoding.encodeBase64Url(`1:${sequence}`)

export const decode = (cursor: string): Option.Option<number> =>
  Either.getRight(Encoding.decodeBase64UrlString(cursor)).pipe(
    Option.flatMapNullable((text) => /^1:(\d{1,15})$/.exec(text)?.[1]),
    Option.map(Number)
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
