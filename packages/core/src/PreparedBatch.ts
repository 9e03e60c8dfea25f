/**
 * Batches of messages that are validated and encoded long before they are sent, for senders that keep them on disk.
 * Each step is made once and alone: one call, or one search. What follows from its result is the sender's decision.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Correlation from "./Correlation.ts"
import { Email, TemplateEmail } from "./Email.ts"
import { jsonMessage, validMessage } from "./internal/http/inputCheck.ts"
import { checkedBodyEncoder } from "./internal/http/transport.ts"
import { maximumBatchBytes, maximumBatchMessages, tooLarge } from "./internal/send/batchLimits.ts"
import { jsonListSize, logWarnings, outgoing } from "./internal/send/stampedMessage.ts"
import * as PostmarkApi from "./PostmarkApi.ts"
import type { ReadError, SendError, ValidationFailure } from "./PostmarkError.ts"
import type { Receipt } from "./Receipt.ts"
import type { SendOutcome } from "./SendOutcome.ts"

/**
 * The most messages of one batch. See https://postmarkapp.com/developer/api/email-api#send-batch-emails.
 *
 * @since 0.1.0
 * @category constants
 */
export const maximumMessages = maximumBatchMessages

/**
 * The largest JSON of one batch.
 *
 * @since 0.1.0
 * @category constants
 */
export const maximumBytes = maximumBatchBytes

/**
 * Whether the messages have bodies of their own or come from templates. A batch has one kind.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = "email" | "template"

/**
 * A message as it is sent: one line of JSON, with its correlation in it. `index` is the message's position in the
 * caller's list.
 *
 * @since 0.1.0
 * @category models
 */
export interface Item {
  readonly index: number
  readonly json: string
}

/**
 * A message that is ready to be put into a batch, and its size.
 *
 * @since 0.1.0
 * @category models
 */
export interface PreparedItem extends Item {
  readonly bytes: number
}

/**
 * The messages of one call, and the correlation that was given to {@link prepare} for each.
 *
 * @since 0.1.0
 * @category models
 */
export interface PreparedBatch {
  readonly kind: Kind
  readonly names: Correlation.Names
  readonly correlation: string
  readonly items: ReadonlyArray<Item>
}

/**
 * The operations on prepared batches of a client's server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Makes one call; its retries and its searches are the caller's. A failure is the outcome of every message. */
  readonly send: (batch: PreparedBatch) => Effect.Effect<ReadonlyArray<SendOutcome>, SendError>
  /**
   * Searches the history once for the messages of a batch that was sent at `since` (milliseconds since 1970) or later.
   * Answers the receipts by index. A message that is missing may still have been accepted: the history lags.
   */
  readonly search: (
    batch: PreparedBatch,
    since: number
  ) => Effect.Effect<ReadonlyMap<number, Receipt>, ReadError>
}

/**
 * Where a message is in its batch and its list.
 *
 * @since 0.1.0
 * @category models
 */
export interface Place {
  readonly index: number
  readonly names: Correlation.Names
  readonly correlation: string
}

/**
 * Validates and encodes one message with its correlation. A message without room for the two metadata fields is encoded
 * without them, and no search can find it. Fails with every issue, also if no batch could contain the message.
 *
 * @since 0.1.0
 * @category constructors
 */
export const prepareEmail = (email: Email, place: Place): Effect.Effect<PreparedItem, ValidationFailure> =>
  Effect.flatMap(checkEmail(email), (valid) => prepared(valid, place, encodeEmail))

/**
 * As {@link prepareEmail}, for a message made from a template.
 *
 * @since 0.1.0
 * @category constructors
 */
export const prepareTemplateEmail = (
  email: TemplateEmail,
  place: Place
): Effect.Effect<PreparedItem, ValidationFailure> =>
  Effect.flatMap(checkTemplateEmail(email), (valid) => prepared(valid, place, encodeTemplateEmail))

/**
 * As {@link prepareEmail} or {@link prepareTemplateEmail}, for a message from JSON: rejects unknown fields, and reports all
 * issues at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const prepareJson = (
  kind: Kind,
  message: unknown,
  place: Place
): Effect.Effect<PreparedItem, ValidationFailure> =>
  kind === "email"
    ? Effect.flatMap(readEmail(message), (email) => prepareEmail(email, place))
    : Effect.flatMap(readTemplateEmail(message), (email) => prepareTemplateEmail(email, place))

const operation = "prepareBatch"

const prepared = <Message extends Email | TemplateEmail>(
  message: Message,
  { correlation, index, names }: Place,
  encode: (message: Message) => Uint8Array
): Effect.Effect<PreparedItem, ValidationFailure> =>
  Effect.zipRight(
    logWarnings(message),
    Effect.suspend(() => {
      const { bytes } = outgoing(message, index, { names, value: correlation }, encode)
      const size = jsonListSize([bytes])
      return size > maximumBatchBytes
        ? tooLarge(operation, size)
        : Effect.succeed({ index, json: utf8Decoder.decode(bytes), bytes: bytes.length })
    })
  )

const utf8Decoder = new TextDecoder()
const checkEmail = validMessage(Email, operation)
const checkTemplateEmail = validMessage(TemplateEmail, operation)
const readEmail = jsonMessage(Email, operation)
const readTemplateEmail = jsonMessage(TemplateEmail, operation)
const encodeEmail = checkedBodyEncoder(PostmarkApi.EmailRequest)
const encodeTemplateEmail = checkedBodyEncoder(PostmarkApi.TemplateEmailRequest)
