/**
 * The rest of Postmark's API of a connection: one group of routes for each resource, derived from core's operations.
 *
 * @since 0.1.0
 */
import * as Bounces from "@effect-postmark/core/operations/Bounces"
import * as Bulk from "@effect-postmark/core/operations/Bulk"
import * as Emails from "@effect-postmark/core/operations/Emails"
import * as InboundMessages from "@effect-postmark/core/operations/InboundMessages"
import * as InboundRules from "@effect-postmark/core/operations/InboundRules"
import * as MessageStreams from "@effect-postmark/core/operations/MessageStreams"
import * as OutboundMessages from "@effect-postmark/core/operations/OutboundMessages"
import * as Server from "@effect-postmark/core/operations/Server"
import * as Statistics from "@effect-postmark/core/operations/Statistics"
import * as Suppressions from "@effect-postmark/core/operations/Suppressions"
import * as Templates from "@effect-postmark/core/operations/Templates"
import * as Webhooks from "@effect-postmark/core/operations/Webhooks"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import { Authorization } from "./Authorization.ts"
import { act, del, get, patch, post, search } from "./operationEndpoint.ts"

/**
 * @since 0.1.0
 * @category groups
 */
export class EmailsApi extends HttpApiGroup.make("emails")
  .add(post(Emails.sendBatchWithTemplates))
  .annotate(OpenApi.Title, "Emails")
  .annotate(OpenApi.Description, "Sends of a connection that are not actions.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class TemplatesApi extends HttpApiGroup.make("templates")
  .add(search(Templates.list))
  .add(get(Templates.get))
  .add(post(Templates.create))
  .add(patch(Templates.edit))
  .add(del(Templates.remove))
  .add(post(Templates.validate))
  .annotate(OpenApi.Title, "Templates")
  .annotate(OpenApi.Description, "A connection's templates and layouts in Postmark.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class BouncesApi extends HttpApiGroup.make("bounces")
  .add(search(Bounces.list))
  .add(get(Bounces.get))
  .add(get(Bounces.dump))
  .add(act(Bounces.activate))
  .add(get(Bounces.deliveryStats))
  .annotate(OpenApi.Title, "Bounces")
  .annotate(OpenApi.Description, "A connection's bounces and spam complaints in Postmark.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class SuppressionsApi extends HttpApiGroup.make("suppressions")
  .add(search(Suppressions.list))
  .add(post(Suppressions.create))
  .add(post(Suppressions.remove))
  .annotate(OpenApi.Title, "Suppressions")
  .annotate(OpenApi.Description, "The addresses that a message stream no longer sends to.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class MessageStreamsApi extends HttpApiGroup.make("messageStreams")
  .add(search(MessageStreams.list))
  .add(get(MessageStreams.get))
  .add(post(MessageStreams.create))
  .add(patch(MessageStreams.edit))
  .add(act(MessageStreams.archive))
  .add(act(MessageStreams.unarchive))
  .annotate(OpenApi.Title, "Message streams")
  .annotate(OpenApi.Description, "A connection's streams of email in Postmark.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class OutboundMessagesApi extends HttpApiGroup.make("outboundMessages")
  .add(get(OutboundMessages.dump))
  .add(search(OutboundMessages.opens))
  .add(search(OutboundMessages.messageOpens))
  .add(search(OutboundMessages.clicks))
  .add(search(OutboundMessages.messageClicks))
  .annotate(OpenApi.Title, "Outbound messages")
  .annotate(OpenApi.Description, "Sources, opens and clicks of sent messages.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class InboundMessagesApi extends HttpApiGroup.make("inboundMessages")
  .add(search(InboundMessages.list))
  .add(get(InboundMessages.get))
  .add(act(InboundMessages.bypass))
  .add(act(InboundMessages.retry))
  .annotate(OpenApi.Title, "Inbound messages")
  .annotate(OpenApi.Description, "Email that Postmark received for a connection.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class InboundRulesApi extends HttpApiGroup.make("inboundRules")
  .add(search(InboundRules.list))
  .add(post(InboundRules.create))
  .add(del(InboundRules.remove))
  .annotate(OpenApi.Title, "Inbound rules")
  .annotate(OpenApi.Description, "The senders whose inbound email Postmark blocks.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class StatisticsApi extends HttpApiGroup.make("statistics")
  .add(search(Statistics.sends))
  .add(search(Statistics.bounces))
  .add(search(Statistics.spamComplaints))
  .add(search(Statistics.tracked))
  .add(search(Statistics.opens))
  .add(search(Statistics.openPlatforms))
  .add(search(Statistics.openEmailClients))
  .add(search(Statistics.openReadTimes))
  .add(search(Statistics.clicks))
  .add(search(Statistics.clickBrowserFamilies))
  .add(search(Statistics.clickPlatforms))
  .add(search(Statistics.clickLocations))
  .annotate(OpenApi.Title, "Statistics")
  .annotate(OpenApi.Description, "Counts of sent messages, bounces, opens and clicks.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class BulkEmailsApi extends HttpApiGroup.make("bulkEmails")
  .add(post(Bulk.send))
  .add(search(Bulk.list))
  .add(get(Bulk.get))
  .annotate(OpenApi.Title, "Bulk emails")
  .annotate(OpenApi.Description, "Requests to Postmark's bulk API.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class PostmarkWebhooksApi extends HttpApiGroup.make("postmarkWebhooks")
  .add(search(Webhooks.list))
  .add(get(Webhooks.get))
  .add(post(Webhooks.create))
  .add(patch(Webhooks.edit))
  .add(del(Webhooks.remove))
  .add(act(Webhooks.verify))
  .add(get(Webhooks.statistics))
  .annotate(OpenApi.Title, "Postmark webhooks")
  .annotate(OpenApi.Description, "A connection's webhooks in Postmark, without their secrets.")
  .middleware(Authorization)
{}

/**
 * @since 0.1.0
 * @category groups
 */
export class ServerApi extends HttpApiGroup.make("server")
  .add(get(Server.get))
  .add(patch(Server.edit))
  .annotate(OpenApi.Title, "Server")
  .annotate(OpenApi.Description, "The settings of a connection's Postmark server, without its tokens.")
  .middleware(Authorization)
{}

/**
 * The routes of all operations.
 *
 * @since 0.1.0
 * @category apis
 */
export class OperationsApi extends HttpApi.make("effect-postmark-operations")
  .add(EmailsApi)
  .add(TemplatesApi)
  .add(BouncesApi)
  .add(SuppressionsApi)
  .add(MessageStreamsApi)
  .add(OutboundMessagesApi)
  .add(InboundMessagesApi)
  .add(InboundRulesApi)
  .add(StatisticsApi)
  .add(BulkEmailsApi)
  .add(PostmarkWebhooksApi)
  .add(ServerApi)
{}
