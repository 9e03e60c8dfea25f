/** Sends batches that were encoded earlier, and searches for them: once each. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as PostmarkApi from "../../PostmarkApi.ts"
import type { Item, PreparedBatch, Service } from "../../PreparedBatch.ts"
import type { Receipt } from "../../Receipt.ts"
import type { Decoded, Transport } from "../http/transport.ts"
import { ofMany } from "./messageOutcome.ts"
import { type Page, searchNow } from "./reconcile.ts"
import { jsonList, messagesObject, type Outgoing } from "./stampedMessage.ts"

export const makePrepared = (transport: Transport, hasHistory: boolean): Service => {
  const sendEmails = transport.send(PostmarkApi.sendEmailBatch)
  const sendTemplates = transport.send(PostmarkApi.sendEmailBatchWithTemplates)
  const page: Page = transport.readOnce(PostmarkApi.listOutboundMessages)

  const called = (
    operation: string,
    messages: ReadonlyArray<Outgoing>,
    answer: Decoded<ReadonlyArray<typeof PostmarkApi.SendResponse.Type>>
  ) => ofMany(operation, messages, answer)

  return {
    send: (batch) =>
      Effect.suspend(() => {
        const messages = batch.items.map(outgoingOf(batch))
        const list = jsonList(messages.map(({ bytes }) => bytes))
        return batch.kind === "email"
          ? Effect.flatMap(sendEmails(list), (answer) => called("sendEmailBatch", messages, answer))
          : Effect.flatMap(
            sendTemplates(messagesObject(list)),
            (answer) => called("sendEmailBatchWithTemplates", messages, answer)
          )
      }),
    search: (batch, since) =>
      hasHistory
        ? Effect.map(
          Effect.suspend(() => searchNow(page, since)(batch.items.map(outgoingOf(batch)))),
          (found) => new Map([...found].map(([{ index }, receipt]): [number, Receipt] => [index, receipt]))
        )
        : Effect.succeed(new Map())
  }
}

const outgoingOf = ({ correlation, names }: PreparedBatch) => ({ index, json }: Item): Outgoing => {
  const bytes = utf8Encoder.encode(json)
  if (names === "off") return { index, bytes, messageStream: "outbound", correlation: "none", indexName: "" }
  const { MessageStream: messageStream = "outbound", Metadata: metadata = {} } = Option.getOrElse(
    decodeStamped(json),
    (): typeof Stamped.Type => ({})
  )
  return {
    index,
    bytes,
    messageStream,
    correlation: metadata[names.call] === correlation ? { name: names.call, value: correlation, index } : "none",
    indexName: names.index
  }
}

const utf8Encoder = new TextEncoder()

/** Where a search for an encoded message must look. */
const Stamped = Schema.Struct({
  MessageStream: Schema.optional(Schema.String),
  Metadata: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})
const decodeStamped = Schema.decodeUnknownOption(Schema.parseJson(Stamped))
