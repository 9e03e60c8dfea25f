/** Searches for the messages of a send by its correlation, and links to that search. */
import type { Correlation, Names } from "@effect-postmark/core/Correlation"
import type { PreparedBatch, Service as Prepared } from "@effect-postmark/core/PreparedBatch"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** What a search needs to know of a send. */
export interface Sent {
  readonly names: Exclude<Names, "off">
  readonly value: string
  readonly messages: number
  readonly streams: ReadonlyArray<string>
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Postmark searches one stream at a time, so each message is looked for in each stream. */
export const search = ({ search }: Prepared, { messages, names, since, streams, value }: Sent) =>
  search(
    {
      kind: "email",
      names,
      correlation: value,
      items: streams.flatMap((stream) => indexes(messages).map((index) => item(names, value, stream, index)))
    },
    since
  )

export const indexes = (messages: number): ReadonlyArray<number> =>
  Array.from({ length: messages }, (_, index) => index)

const item = (
  names: Exclude<Names, "off">,
  value: string,
  stream: string,
  index: number
): PreparedBatch["items"][number] => ({
  index,
  json: JSON.stringify({ MessageStream: stream, Metadata: { [names.call]: value, [names.index]: String(index) } })
})

/** The path and query that search for a send; undefined when its messages carry nothing to search for. */
export const link = (
  connectionId: string,
  correlation: Correlation,
  { messages, since, streams }: Pick<Sent, "messages" | "since" | "streams">
): string | undefined => {
  if (correlation === "none") return undefined
  const query = new URLSearchParams({ correlation: correlation.value, messages: String(messages) })
  for (const stream of streams) query.append("messageStream", stream)
  query.set("since", new Date(since).toISOString())
  return `/v1/connections/${encodeURIComponent(connectionId)}/reconciliations?${query}`
}

/** The payload of a built-in action: how many messages it has, and in which streams. */
export const shapeOf = (
  payload: unknown
): Pick<Sent, "messages" | "streams"> & { readonly isBatch: boolean } =>
  Option.match(decodePayload(payload), {
    onNone: () => ({ isBatch: false, messages: 1, streams: ["outbound"] }),
    onSome: (decoded) => {
      const all = "messages" in decoded ? decoded.messages : [decoded]
      return {
        isBatch: "messages" in decoded,
        messages: all.length,
        streams: [...new Set(all.map(({ messageStream }) => messageStream?.trim() || "outbound"))]
      }
    }
  })

const Message = Schema.Struct({ messageStream: Schema.optional(Schema.NullOr(Schema.String)) })
const decodePayload = Schema.decodeUnknownOption(
  Schema.Union(Schema.Struct({ messages: Schema.NonEmptyArray(Message) }), Message)
)
