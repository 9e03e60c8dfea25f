/**
 * Matchers for vitest: `import "@effect-postmark/test-double/vitest"` in a set-up file adds them to `expect`. They take
 * a double's control handle, or a list of what it gives (`sent`, `webhookAttempts`).
 *
 * @since 0.1.0
 */
import { expect } from "vitest"
import * as matchers from "./internal/matchers/matchers.ts"

/**
 * What a text must be: this text (addresses in any case), one that a pattern finds something in, or whatever a matcher
 * such as `expect.stringContaining` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedText = matchers.ExpectedText

/**
 * What a list of texts must be: one text that must be among them, or a list that must be the whole list, in any order.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedTexts = matchers.ExpectedTexts

/**
 * The fields of `SentMessage` that matter to a test. A field that is not named may be anything; `undefined` says that
 * there must be none. Of `headers` and `metadata` the named entries matter; `template` is an id or an alias.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedMessage = matchers.ExpectedMessage

/**
 * What happened to a recipient of such a message. Of `details` the named entries matter.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedEvent = matchers.ExpectedEvent

/**
 * The fields of `WebhookAttempt` that matter to a test.
 *
 * @since 0.1.0
 * @category models
 */
export type ExpectedWebhook = matchers.ExpectedWebhook

/**
 * The matchers. A text in place of an event is its recipient.
 *
 * - `toHaveSent`: at least one accepted message is so; `toHaveSentTimes`: exactly so many are
 * - `toHaveDelivered`, `toHaveBounced`, `toHaveOpened`, `toHaveClicked`: it happened at least once
 * - `toHavePostedWebhook`: at least one attempt was so; `toHavePostedWebhookTimes`: exactly so many were
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
