/** Sends one message in a workflow, once over all its runs. */
import type { Service as Connections, UseError } from "@effect-postmark/core/Connections"
import { CorrelationNames, withCorrelationValue } from "@effect-postmark/core/Correlation"
import type { Email, TemplateEmail } from "@effect-postmark/core/Email"
import * as EmailAddress from "@effect-postmark/core/EmailAddress"
import type { ConnectionId } from "@effect-postmark/core/Ids"
import type { Service as Client } from "@effect-postmark/core/PostmarkClient"
import type { SendError } from "@effect-postmark/core/PostmarkError"
import * as Activity from "@effect/workflow/Activity"
import { WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { Sent } from "../../DurableSteps.ts"
import { StepFailed } from "../../StepFailed.ts"
import * as WaitMetrics from "../../WaitMetrics.ts"
import { persistently } from "./persistently.ts"

export interface Options {
  readonly retryFor: Duration.Duration
  readonly searchFor: Duration.Duration
}

export const make = (connections: Connections, sent: Schema.Schema<Sent, Sent>, options: Options) => {
  /** The sends that this program is about to make for the first time. After a crash they are not here. */
  const first = new Set<string>()

  return (step: string, connectionId: ConnectionId, message: Email | TemplateEmail) =>
    Effect.gen(function*() {
      const { executionId } = yield* WorkflowInstance
      const key = `${executionId}/${step}`
      const value = yield* Activity.idempotencyKey(step)
      // The engine keeps this before the send begins, so a run that finds it without having made it is a later run.
      const begunAt = yield* Activity.make({
        name: `${step}/begin`,
        success: Schema.Number,
        execute: Effect.tap(Clock.currentTimeMillis, () => Effect.sync(() => first.add(key)))
      })
      return yield* Activity.make({
        name: step,
        success: sent,
        error: StepFailed,
        execute: Effect.gen(function*() {
          const names = yield* CorrelationNames
          const problem = names === "off"
            ? "a step needs a correlation to send once: do not turn it off"
            : Object.keys(message.metadata ?? {}).length > maximumOwnFields
            ? `a step needs two of the 10 metadata fields to send once: use at most ${maximumOwnFields}`
            : undefined
          if (names === "off" || problem !== undefined) {
            return yield* new StepFailed({ step, reason: "rejected", message: problem ?? "" })
          }
          const look = search(connections.client(connectionId), message, {
            step,
            name: names.call,
            value,
            begunAt,
            searchFor: options.searchFor
          })
          const isFirst = first.delete(key)
          const found = isFirst ? undefined : yield* look
          return record(connectionId, found ?? (yield* send(step, value, connectionId, message, look)), message)
        })
      })
    })

  function send(
    step: string,
    value: string,
    connectionId: ConnectionId,
    message: Email | TemplateEmail,
    look: Effect.Effect<string | undefined>
  ): Effect.Effect<string, StepFailed> {
    return Effect.flatMap(connections.client(connectionId), (client) => sendWith(client, message)).pipe(
      withCorrelationValue(value),
      (sending) => persistently(sending, { step, passes: isPassing, limit: options.retryFor }),
      Effect.catchAll((error) => {
        const failed = new StepFailed({
          step,
          reason: isPassing(error) ? "notSent" : error._tag === "OutcomeUnknown" ? "unknown" : "rejected",
          message: error.message,
          ..."errorCode" in error && error.errorCode !== undefined ? { errorCode: error.errorCode } : {}
        })
        return failed.reason === "unknown"
          ? Effect.flatMap(look, (found) => found === undefined ? failed : Effect.succeed(found))
          : failed
      })
    )
  }
}

/** Postmark's limit of 10, without the two of the correlation. */
const maximumOwnFields = 8

const sendWith = (client: Client, message: Email | TemplateEmail) =>
  Effect.map(
    "templateModel" in message ? client.sendEmailWithTemplate(message) : client.sendEmail(message),
    ({ messageId }) => messageId
  )

/** Nothing was sent, and later it may be. */
const isPassing = (error: SendError | UseError): boolean => passing.includes(error._tag)

const passing: ReadonlyArray<string> = ["RateLimited", "PostmarkUnavailable", "StoreUnavailable", "SecretUnreadable"]

/** Looks for the message in Postmark's history, again and again: a message appears there with a delay. */
const search = (
  client: Effect.Effect<Client, UseError>,
  message: Email | TemplateEmail,
  { begunAt, name, searchFor, step, value }: {
    readonly step: string
    readonly name: string
    readonly value: string
    readonly begunAt: number
    readonly searchFor: Duration.Duration
  }
): Effect.Effect<string | undefined> =>
  Effect.flatMap(client, ({ outboundMessages }) =>
    outboundMessages.list({
      count: 50,
      messageStream: message.messageStream ?? "outbound",
      metadata: { [name]: value }
    })).pipe(
      Effect.map(({ messages }) =>
        messages.find(({ metadata, receivedAt }) =>
          Object.entries(metadata).some(([key, found]) =>
            key.toLowerCase() === name.toLowerCase() && found === value
          ) && !(Date.parse(receivedAt) < begunAt - clockMargin)
        )?.messageId
      ),
      Effect.flatMap((found) => found === undefined ? Effect.fail("notFound") : Effect.succeed(found)),
      Effect.retry(Schedule.upTo(pauses, searchFor)),
      Effect.tap(() =>
        Effect.zipRight(
          Metric.increment(WaitMetrics.foundSends),
          Effect.annotateLogs(Effect.logInfo("the message of a step is in Postmark's history and is not sent again"), {
            step
          })
        )
      ),
      Effect.catchAll(() =>
        Effect.as(
          Effect.annotateLogs(
            Effect.logWarning("the message of a step was searched for and is not in Postmark's history"),
            { step }
          ),
          undefined
        )
      )
    )

const pauses = Schedule.union(Schedule.exponential("500 millis"), Schedule.spaced("30 seconds"))

/** An execution with the same id can have run long before, and this machine's clock may differ from Postmark's. */
const clockMargin = 2 * 60 * 60 * 1_000

const record = (connectionId: ConnectionId, messageId: string, message: Email | TemplateEmail): Sent => ({
  connectionId,
  messageId,
  recipients: [...new Set([message.to, message.cc, message.bcc].flatMap(addresses))],
  trackOpens: message.trackOpens === true,
  html: "templateModel" in message
    ? "template"
    : message.htmlBody === undefined || message.htmlBody.trim() === ""
    ? "none"
    : "body"
})

const addresses = (recipients: EmailAddress.Recipients | undefined): ReadonlyArray<string> =>
  (recipients === undefined ? [] : typeof recipients === "string" ? [recipients] : recipients)
    .map((mailbox) => EmailAddress.addressOf(toAscii(mailbox)))

const toAscii = Schema.encodeSync(EmailAddress.MailboxFromText)
