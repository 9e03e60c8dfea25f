/**
 * The ids in the paths of operations.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BounceId, MessageId } from "../Ids.ts"
import { MessageStreamId } from "../MessageStreams.ts"
import { TemplateAlias } from "../Template.ts"

const numericId = Schema.Int.pipe(Schema.positive(), Schema.lessThanOrEqualTo(Number.MAX_SAFE_INTEGER))

/**
 * @since 0.1.0
 * @category models
 */
export const BounceParams = Schema.Struct({
  bounceId: BounceId.annotations({ message: () => "must be digits" })
})

/**
 * @since 0.1.0
 * @category models
 */
export const MessageParams = Schema.Struct({ messageId: MessageId })

/**
 * @since 0.1.0
 * @category models
 */
export const StreamParams = Schema.Struct({ streamId: MessageStreamId })

/**
 * A template's id or its alias.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateParams = Schema.Struct({ template: Schema.Union(numericId, TemplateAlias) })

/**
 * @since 0.1.0
 * @category models
 */
export const WebhookParams = Schema.Struct({ webhookId: numericId })

/**
 * @since 0.1.0
 * @category models
 */
export const RuleParams = Schema.Struct({ ruleId: numericId })

/**
 * @since 0.1.0
 * @category models
 */
export const BulkParams = Schema.Struct({ bulkId: Schema.String.pipe(Schema.minLength(1)) })
