/** What came of a request, before it is judged: the phases of a call, and the one table from answers to errors. */
import * as Redacted from "effect/Redacted"
import * as ErrorCode from "../../ErrorCode.ts"
import {
  type ChangeError,
  ChangeUnknown,
  InvalidToken,
  OutcomeUnknown,
  PostmarkUnavailable,
  RateLimited,
  type ReadError,
  RequestRefused,
  type SendError,
  UnexpectedResponse,
  ValidationFailure
} from "../../PostmarkError.ts"
import { domainKey } from "../wire/wire.ts"
import { inactiveRecipients } from "./inactiveRecipients.ts"
import { neverConnected, transportCode } from "./neverConnected.ts"
import { scrub } from "./scrub.ts"

/** The reason why a request has no usable success. */
export type Failed =
  | { readonly _tag: "Transport"; readonly cause: unknown }
  | { readonly _tag: "TimedOut"; readonly seconds: number }
  /** Not made: its turn would be too late. */
  | { readonly _tag: "Held"; readonly retryAfter: number }
  /** Not made: the caller's time limit has passed. */
  | { readonly _tag: "NoTimeLeft" }
  | Responded

/** A response that is an error, or that Postmark would not write. */
export interface Responded {
  readonly _tag: "Responded"
  readonly status: number
  readonly retryAfter: number | undefined
  readonly errorCode: number | undefined
  readonly postmarkMessage: string | undefined
  readonly problem: string
  /** The connection failed inside the answer: its status came, and its body did not. */
  readonly broken: boolean
  /**
   * The errors of single fields, which only bulk requests tell
   * (https://postmarkapp.com/developer/api/overview#error-codes).
   */
  readonly fieldErrors?: ReadonlyArray<FieldError>
}

export interface FieldError {
  readonly field: string
  readonly errorCode: number
  readonly postmarkMessage: string | undefined
}

/** A send: any doubt is an unknown outcome. */
export const sendFailure = (operation: string, failed: Failed): SendError => {
  switch (failed._tag) {
    case "Transport":
      return neverConnected(failed.cause) ? unavailable(operation, failed.cause) : new OutcomeUnknown({
        operation,
        message: "the connection failed after the send began; Postmark may have taken the mail",
        transportCode: transportCode(failed.cause),
        ...unsettled
      })
    case "TimedOut":
      return new OutcomeUnknown({
        operation,
        message: `no answer within ${failed.seconds} s; Postmark may have taken the mail`,
        ...unsettled
      })
    case "Held":
      return held(operation, failed.retryAfter)
    case "NoTimeLeft":
      return noTimeLeft(operation)
    case "Responded":
      return refusal(operation, failed) ?? new OutcomeUnknown({
        operation,
        ...postmark(failed),
        message: `${failed.problem}; Postmark may have taken the mail`,
        ...unsettled
      })
  }
}

/** Nobody has searched yet; whoever sends several messages at once knows what each carries. */
const unsettled = { correlation: "none", reconciliation: "off" } as const

/** A read can be repeated safely, so all network failures are the same. */
export const readFailure = (operation: string, failed: Failed): ReadError => {
  switch (failed._tag) {
    case "Transport":
      return unavailable(operation, failed.cause)
    case "TimedOut":
      return new PostmarkUnavailable({ operation, message: `no answer within ${failed.seconds} s` })
    case "Held":
      return held(operation, failed.retryAfter)
    case "NoTimeLeft":
      return noTimeLeft(operation)
    case "Responded": {
      const refused = refusal(operation, failed)
      if (refused !== undefined) return refused
      return failed.status >= 500 || failed.broken
        ? new PostmarkUnavailable({ operation, ...postmark(failed), ...wait(failed), message: text(operation, failed) })
        : new UnexpectedResponse({ operation, status: failed.status, message: failed.problem, issues: [] })
    }
  }
}

/** A change that is not a send: the caller must check before a retry if there is doubt. */
export const changeFailure = (operation: string, failed: Failed): ChangeError => {
  switch (failed._tag) {
    case "Transport":
      return neverConnected(failed.cause) ? unavailable(operation, failed.cause) : new ChangeUnknown({
        operation,
        message: "the connection failed after the request began; Postmark may have made the change",
        transportCode: transportCode(failed.cause)
      })
    case "TimedOut":
      return new ChangeUnknown({
        operation,
        message: `no answer within ${failed.seconds} s; Postmark may have made the change`
      })
    case "Held":
      return held(operation, failed.retryAfter)
    case "NoTimeLeft":
      return noTimeLeft(operation)
    case "Responded":
      return refusal(operation, failed) ?? new ChangeUnknown({
        operation,
        ...postmark(failed),
        message: `${failed.problem}; Postmark may have made the change`
      })
  }
}

/** Postmark's refusals, which mean the same for sends, reads and changes. Undefined for what leaves doubt. */
const refusal = (operation: string, answered: Responded) => {
  const { errorCode, status } = answered
  if (status === 401) return new InvalidToken({ operation, ...postmark(answered), message: text(operation, answered) })
  if (status === 429) {
    return new RateLimited({
      operation,
      message: answered.retryAfter === undefined
        ? "Postmark asks to slow down (429); try again later"
        : `Postmark asks to slow down (429); try again in ${seconds(answered.retryAfter)} s`,
      ...wait(answered)
    })
  }
  // Postmark says with 422 that most things do not exist, and with 404 that a bulk request does not.
  if (status === 422 || (status === 404 && isNotFound(operation, errorCode))) {
    return validationFailure(operation, answered)
  }
  if (status === 503 && errorCode === 100) {
    return new PostmarkUnavailable({
      operation,
      ...postmark(answered),
      ...wait(answered),
      message: text(operation, answered)
    })
  }
  if (status >= 400 && status < 500) {
    return new RequestRefused({ operation, ...postmark(answered), message: text(operation, answered) })
  }
  return undefined
}

const isNotFound = (operation: string, errorCode: number | undefined) =>
  errorCode !== undefined && ErrorCode.get(errorCode, operation)?.notFound === true

/** Postmark's rejection of one message, alone or inside a batch. */
export const validationFailure = (operation: string, answered: Responded): ValidationFailure => {
  const inactive = answered.errorCode === 406 ? inactiveRecipients(answered.postmarkMessage ?? "") : []
  return new ValidationFailure({
    operation,
    ...postmark(answered),
    message: text(operation, answered),
    reason: answered.errorCode === 406
      ? "inactiveRecipients"
      : isNotFound(operation, answered.errorCode)
      ? "notFound"
      : "invalid",
    issues: (answered.fieldErrors ?? []).map(({ errorCode, field, postmarkMessage }) => ({
      path: pathOf(field),
      message: described(operation, errorCode, postmarkMessage)
    })),
    inactiveRecipients: inactive.map((address) => Redacted.make(address))
  })
}

/** After a 429 the pacer lets calls through one by one; this one was not sent. */
const held = (operation: string, retryAfter: number) =>
  new RateLimited({
    operation,
    message: `not sent, because Postmark asked to slow down and the turn of this call would come in ${
      seconds(retryAfter)
    } s; try again then, or allow a longer wait with maximumWait of RetryPolicy`,
    retryAfter
  })

const noTimeLeft = (operation: string) =>
  new PostmarkUnavailable({ operation, message: "not sent, because the time limit was over; allow more time" })

const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1_000)

const unavailable = (operation: string, cause: unknown) =>
  new PostmarkUnavailable({
    operation,
    message: "Postmark could not be reached",
    transportCode: transportCode(cause)
  })

const postmark = (answered: Responded) => ({
  status: answered.status,
  ...(answered.errorCode === undefined ? {} : { errorCode: answered.errorCode }),
  ...(answered.postmarkMessage === undefined ? {} : { postmarkMessage: Redacted.make(answered.postmarkMessage) })
})

const wait = ({ retryAfter }: Responded) => (retryAfter === undefined ? {} : { retryAfter })

const text = (operation: string, answered: Responded): string => {
  const { errorCode, postmarkMessage } = answered
  return errorCode === undefined ? answered.problem : described(operation, errorCode, postmarkMessage)
}

const described = (operation: string, errorCode: number, postmarkMessage: string | undefined): string => {
  const meaning = ErrorCode.get(errorCode, operation)?.meaning ?? "a code that Postmark does not document"
  return `Postmark error ${errorCode} (${meaning})${postmarkMessage === undefined ? "" : `: ${scrub(postmarkMessage)}`}`
}

/** `Messages[1].To` as the domain's path to it. */
const pathOf = (field: string): ReadonlyArray<string | number> =>
  field.split(/[.[\]]+/).filter((part) => part !== "").map((part) =>
    /^\d+$/.test(part) ? Number(part) : domainKey(part)
  )
