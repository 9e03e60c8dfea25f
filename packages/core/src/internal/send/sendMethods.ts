/** The client's methods that send. */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Email, TemplateEmail } from "../../Email.ts"
import * as PostmarkApi from "../../PostmarkApi.ts"
import type * as PostmarkClient from "../../PostmarkClient.ts"
import type { SendError, ValidationFailure } from "../../PostmarkError.ts"
import type { Receipt } from "../../Receipt.ts"
import { validMessage } from "../http/inputCheck.ts"
import { checkedBodyEncoder, type Decoded, type Transport } from "../http/transport.ts"
import { maximumBatchBytes, tooLarge } from "./batchLimits.ts"
import { ofMany, ofOne } from "./messageOutcome.ts"
import { makePrepared } from "./preparedSends.ts"
import { makeSearch, noSearch } from "./reconcile.ts"
import { sendStream } from "./sendStream.ts"
import { type Post, settle } from "./settle.ts"
import {
  jsonList,
  jsonListSize,
  logWarnings,
  messagesObject,
  newStamp,
  type Outgoing,
  outgoing
} from "./stampedMessage.ts"

type Sends = Pick<
  PostmarkClient.Service,
  | "prepared"
  | "sendEmail"
  | "sendEmailBatch"
  | "sendEmailBatchWithTemplates"
  | "sendEmailStream"
  | "sendEmailWithTemplate"
>

/** Postmark's token that judges mail and keeps nothing. See https://postmarkapp.com/developer/api/overview. */
const testToken = "POSTMARK_API_TEST"

export const makeSends = (
  transport: Transport,
  serverToken: Redacted.Redacted,
  validBatch: (emails: ReadonlyArray<Email>) => Either.Either<ReadonlyArray<Email>, ValidationFailure>,
  validTemplateBatch: (
    emails: ReadonlyArray<TemplateEmail>
  ) => Either.Either<ReadonlyArray<TemplateEmail>, ValidationFailure>
): Sends => {
  const hasHistory = Redacted.value(serverToken).trim().toUpperCase() !== testToken
  const search = hasHistory ? makeSearch(transport.readOnce(PostmarkApi.listOutboundMessages)) : noSearch

  const sendOne = <Message extends Email | TemplateEmail>(
    operation: string,
    check: (message: Message) => Either.Either<Message, ValidationFailure>,
    encode: (message: Message) => Uint8Array,
    call: ReturnType<typeof transport.send<string, unknown, unknown, Message, typeof PostmarkApi.SendResponse.Type>>
  ) => {
    const post = (message: Outgoing): Effect.Effect<ReturnType<typeof ofOne>, SendError> =>
      Effect.map(call(message.bytes), (answer) => ofOne(operation, message, answer))
    return (message: Message): Effect.Effect<Receipt, SendError> =>
      Effect.gen(function*() {
        const checked = yield* check(message)
        yield* logWarnings(checked)
        const ready = outgoing(checked, 0, yield* newStamp, encode)
        const [outcome] = yield* settle([ready], () => post(ready), search)
        if (outcome === undefined) return yield* Effect.dieMessage("a send has no outcome")
        return outcome._tag === "Accepted" ? outcome.receipt : yield* outcome.error
      })
  }

  const sendMany = <Message extends Email | TemplateEmail>(
    operation: string,
    check: (messages: ReadonlyArray<Message>) => Either.Either<ReadonlyArray<Message>, ValidationFailure>,
    encode: (message: Message) => Uint8Array,
    post: Post
  ) =>
  (emails: ReadonlyArray<Message>) =>
    Effect.gen(function*() {
      const stamp = yield* newStamp
      const checked = yield* check(emails)
      yield* Effect.forEach(checked, logWarnings, { discard: true })
      const messages = checked.map((email, index) => outgoing(email, index, stamp, encode))
      const size = jsonListSize(messages.map(({ bytes }) => bytes))
      if (size > maximumBatchBytes) return yield* tooLarge(operation, size)
      return yield* settle(messages, post, search)
    })

  const encodeItem = checkedBodyEncoder(PostmarkApi.EmailRequest)
  const encodeTemplateItem = checkedBodyEncoder(PostmarkApi.TemplateEmailRequest)
  const postList = (
    operation: string,
    call: (body: Uint8Array) => Effect.Effect<Decoded<ReadonlyArray<typeof PostmarkApi.SendResponse.Type>>, SendError>,
    bodyOf: (list: Uint8Array) => Uint8Array
  ): Post =>
  (messages) =>
    Effect.flatMap(
      Effect.suspend(() => call(bodyOf(jsonList(messages.map(({ bytes }) => bytes))))),
      (answer) => ofMany(operation, messages, answer)
    )
  const sendBatch = transport.send(PostmarkApi.sendEmailBatch)
  const sendTemplateBatch = transport.send(PostmarkApi.sendEmailBatchWithTemplates)
  const postStream = postList("sendEmailStream", sendBatch, (list) => list)
  const checkItem = validMessage(Email, "sendEmailStream")

  return {
    prepared: makePrepared(transport, hasHistory),
    sendEmail: sendOne(
      "sendEmail",
      validMessage(Email, "sendEmail"),
      encodeItem,
      transport.send(PostmarkApi.sendEmail)
    ),
    sendEmailWithTemplate: sendOne(
      "sendEmailWithTemplate",
      validMessage(TemplateEmail, "sendEmailWithTemplate"),
      encodeTemplateItem,
      transport.send(PostmarkApi.sendEmailWithTemplate)
    ),
    sendEmailBatch: sendMany(
      "sendEmailBatch",
      validBatch,
      encodeItem,
      postList("sendEmailBatch", sendBatch, (list) => list)
    ),
    sendEmailBatchWithTemplates: sendMany(
      "sendEmailBatchWithTemplates",
      validTemplateBatch,
      encodeTemplateItem,
      postList("sendEmailBatchWithTemplates", sendTemplateBatch, messagesObject)
    ),
    sendEmailStream: sendStream({
      check: checkItem,
      prepare: (email, index, stamp) => outgoing(email, index, stamp, encodeItem),
      send: (messages) => settle(messages, postStream, search)
    })
  }
}
