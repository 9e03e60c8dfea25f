/**
 * Matchers for vitest. `import "@effect-postmark/test-double/vitest"` in a set-up file adds them to `expect`. They take
 * a double's control handle, or a list that it returns (`sent`, `webhookAttempts`).
 *
 * @since 0.1.0
 */
import { expect } from "vitest"
import * as matchers from "./internal/matchers/matchers.ts"

/**
 * An expected text: the text itself (addresses in any case), a pattern that matches it, or a matcher such as
 * `expect.stringContaining`.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedText = matchers.ExpectedText

/**
 * An expected list of texts: one text that it must contain, or the whole list in any order.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedTexts = matchers.ExpectedTexts

/**
 * The expected fields of a `SentMessage`. An omitted field matches anything; `undefined` means that it must be absent.
 * Only the given entries of `headers` and `metadata` are compared. `template` is an id or an alias.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedMessage = matchers.ExpectedMessage

/**
 * An expected event of a recipient. Only the given entries of `details` are compared.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedEvent = matchers.ExpectedEvent

/**
 * The expected fields of a `WebhookAttempt`.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedWebhook = matchers.ExpectedWebhook

/**
 * The matchers. A text instead of an event is its recipient.
 *
 * - `toHaveSent`: at least one accepted message matches; `toHaveSentTimes`: exactly `times` messages match
 * - `toHaveDelivered`, `toHaveBounced`, `toHaveOpened`, `toHaveClicked`: at least one event matches
 * - `toHavePostedWebhook`: at least one attempt matches; `toHavePostedWebhookTimes`: exactly `times` attempts match
 *
 * @since 0.1.0
 * @category models
 */
export interface PostmarkMatchers {
  readonly toHaveSent: (expected?: ExpectedMessage) => void
  readonly toHaveSentTimes: (times: number, expected?: ExpectedMessage) => void
  readonly toHaveDelivered: (expected?: ExpectedText | ExpectedEvent) => void
  readonly toHaveBounced: (expected?: ExpectedText | ExpectedEvent) => void
  readonly toHaveOpened: (expected?: ExpectedText | ExpectedEvent) => void
  readonly toHaveClicked: (expected?: ExpectedText | ExpectedEvent) => void
  readonly toHavePostedWebhook: (expected?: ExpectedWebhook) => void
  readonly toHavePostedWebhookTimes: (times: number, expected?: ExpectedWebhook) => void
}

declare module "vitest" {
  interface Matchers<T> extends PostmarkMatchers {}
}

expect.extend({ ...matchers.matchers })
