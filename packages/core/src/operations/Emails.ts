/**
 * The sends that are not actions. See https://postmarkapp.com/developer/api/templates-api#send-batch-with-templates.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { wholeFailure } from "../internal/send/wholeFailure.ts"
import * as Operation from "../Operation.ts"
import { TemplateEmailBatch } from "../PostmarkClient.ts"
import { SendOutcome } from "../SendOutcome.ts"

/**
 * @since 0.1.0
 * @category operations
 */
export const sendBatchWithTemplates = Operation.make("postmark/send-email-batch-with-templates", Operation.sends, {
  ...Operation.empty,
  group: "emails",
  member: "sendBatchWithTemplates",
  title: "Send a batch of emails with templates",
  description: "Up to 500 messages made by templates in one call; the outcomes are in the order of the messages",
  method: "POST",
  path: "/emails/batch-with-templates",
  body: Schema.Struct({ messages: TemplateEmailBatch }),
  success: Schema.Struct({ outcomes: Schema.Array(SendOutcome) }),
  example: {
    body: {
      messages: [{
        from: "shop@example.com",
        to: "ann@example.org",
        templateAlias: "welcome",
        templateModel: { name: "Ann" }
      }]
    },
    success: {
      outcomes: [{
        _tag: "Accepted",
        receipt: {
          messageId: "0a129aee-e1cd-480d-b08d-4f48548ff48d",
          to: "ann@example.org",
          submittedAt: "2026-09-30T12:00:00Z",
          message: "OK",
          source: "answer",
          correlation: { name: "correlation", value: "PbV2n0z6Rk3Jv9cQ", index: 0 },
          inactiveRecipients: [],
          raw: { ErrorCode: 0, Message: "OK" }
        }
      }]
    }
  },
  run: ({ body }, client) => Effect.flatMap(client.sendEmailBatchWithTemplates(body.messages), wholeFailure)
})
