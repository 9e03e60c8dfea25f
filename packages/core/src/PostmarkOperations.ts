/**
 * All operations on a Postmark server that are not actions.
 *
 * @since 0.1.0
 */
import type * as Operation from "./Operation.ts"
import * as Bounces from "./operations/Bounces.ts"
import * as Bulk from "./operations/Bulk.ts"
import * as Emails from "./operations/Emails.ts"
import * as InboundMessages from "./operations/InboundMessages.ts"
import * as InboundRules from "./operations/InboundRules.ts"
import * as MessageStreams from "./operations/MessageStreams.ts"
import * as OutboundMessages from "./operations/OutboundMessages.ts"
import * as Server from "./operations/Server.ts"
import * as Statistics from "./operations/Statistics.ts"
import * as Suppressions from "./operations/Suppressions.ts"
import * as Templates from "./operations/Templates.ts"
import * as Webhooks from "./operations/Webhooks.ts"

/**
 * The operations, by resource.
 *
 * @since 0.1.0
 * @category operations
 */
export const all: ReadonlyArray<Operation.Any> = [
  Bounces.list,
  Bounces.get,
  Bounces.dump,
  Bounces.activate,
  Bounces.deliveryStats,
  Bulk.send,
  Bulk.list,
  Bulk.get,
  Emails.sendBatchWithTemplates,
  InboundMessages.list,
  InboundMessages.get,
  InboundMessages.bypass,
  InboundMessages.retry,
  InboundRules.list,
  InboundRules.create,
  InboundRules.remove,
  MessageStreams.list,
  MessageStreams.get,
  MessageStreams.create,
  MessageStreams.edit,
  MessageStreams.archive,
  MessageStreams.unarchive,
  OutboundMessages.dump,
  OutboundMessages.opens,
  OutboundMessages.messageOpens,
  OutboundMessages.clicks,
  OutboundMessages.messageClicks,
  Server.get,
  Server.edit,
  Statistics.sends,
  Statistics.bounces,
  Statistics.spamComplaints,
  Statistics.tracked,
  Statistics.opens,
  Statistics.openPlatforms,
  Statistics.openEmailClients,
  Statistics.openReadTimes,
  Statistics.clicks,
  Statistics.clickBrowserFamilies,
  Statistics.clickPlatforms,
  Statistics.clickLocations,
  Suppressions.list,
  Suppressions.create,
  Suppressions.remove,
  Templates.list,
  Templates.get,
  Templates.create,
  Templates.edit,
  Templates.remove,
  Templates.validate,
  Webhooks.list,
  Webhooks.get,
  Webhooks.create,
  Webhooks.edit,
  Webhooks.remove,
  Webhooks.verify,
  Webhooks.statistics
]
