/** The client's methods that send. */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Email, TemplateEmail } from "../Email.ts"
import * as PostmarkApi from "../PostmarkApi.ts"
import type * as PostmarkClient from "../PostmarkClient.ts"
import type { SendError, ValidationFailure } from "../PostmarkError.ts"
import type { Receipt } from "../Receipt.ts"
import { maximumBatchBytes, tooLarge } from "./batchLimits.ts"
import { ofMany, ofOne } from "./outcomes.ts"
import { jsonList, jsonListSize, newStamp, type Outgoing, outgoing } from "./outgoing.ts"
import { makeSearch, noSearch } from "./reconcile.ts"
import { type Post, settle } from "./sending.ts"
import { sendStream } from "./sendStream.ts"
import { bodyEncoder, type Transport } from "./transport.ts"
import { valid } from "./valid.ts"

type Sends = Pick<
  PostmarkClient.Service,
  "sendEmail" | "sendEmailBatch" | "sendEmailStream" | "sendEmailWithTemplate"
>

/** Postmark's token that judges mail and keeps nothing. Source: Postmark API, A.8. */
const testToken = "POSTMARK_API_TEST"

export const makeSends = (
  transport: Transport,
  serverToken: Redacted.Redacted,
  validBatch: (emails: ReadonlyArray<Email>) => Either.Either<ReadonlyArray<Email>, ValidationFailure>
): Sends => {
  const search = Redacted.value(serverToken).trim().toUpperCase() === testToken
    ? noSearch
    : makeSearch(transport.readOnce(PostmarkApi.listOutboundMessages))

  const sendOne = <Message extends Email | TemplateEmail>(
    operation: string,
    check: (message: Message) => Either.Either<Message, ValidationFailure>,
    encode: (message: Message) => Either.Either<Uint8Array, ValidationFailure>,
    call: ReturnType<typeof transport.send<string, unknown, unknown, Message, typeof PostmarkApi.SendResponse.Type>>
  ) => {
    const post = (message: Outgoing): Effect.Effect<ReturnType<typeof ofOne>, SendError> =>
      Effect.map(call(message.bytes), (answer) => ofOne(operation, message, answer))
    return (message: Message): Effect.Effect<Receipt, SendError> =>
      Effect.gen(function*() {
        const checked = yield* check(message)
        const ready = yield* outgoing(checked, 0, yield* newStamp, encode)
        const [outcome] = yield* settle([ready], () => post(ready), search)
        if (outcome === undefined) return yield* Effect.dieMessage("a send has no outcome")
        return outcome._tag === "Accepted" ? outcome.receipt : yield* outcome.error
      })
  }

  const encodeItem = bodyEncoder(PostmarkApi.sendEmail)
  const postBatch = (operation: string): Post => {
    const call = transport.send(PostmarkApi.sendEmailBatch)
    return (messages) =>
      Effect.flatMap(
        Effect.suspend(() => call(jsonList(messages.map(({ bytes }) => bytes)))),
        (answer) => ofMany(operation, messages, answer)
      )
  }
  const post = postBatch("sendEmailBatch")
  const postStream = postBatch("sendEmailStream")
  const checkItem = valid(Email, "sendEmailStream")

  return {
    sendEmail: sendOne("sendEmail", valid(Email, "sendEmail"), encodeItem, transport.send(PostmarkApi.sendEmail)),
    sendEmailWithTemplate: sendOne(
      "sendEmailWithTemplate",
      valid(TemplateEmail, "sendEmailWithTemplate"),
      bodyEncoder(PostmarkApi.sendEmailWithTemplate),
      transport.send(PostmarkApi.sendEmailWithTemplate)
    ),
    sendEmailBatch: (emails) =>
      Effect.gen(function*() {
        const stamp = yield* newStamp
        const messages = yield* Effect.forEach(
          yield* validBatch(emails),
          (email, index) => outgoing(email, index, stamp, encodeItem)
        )
        const size = jsonListSize(messages.map(({ bytes }) => bytes))
        if (size > maximumBatchBytes) return yield* tooLarge("sendEmailBatch", size)
        return yield* settle(messages, post, search)
      }),
    sendEmailStream: sendStream({
      prepare: (email, index, stamp) =>
        Effect.flatMap(checkItem(email), (checked) => outgoing(checked, index, stamp, encodeItem)),
      send: (messages) => settle(messages, postStream, search)
    })
  }
}
