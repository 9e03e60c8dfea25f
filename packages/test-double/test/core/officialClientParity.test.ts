/**
 * Nobody needs the official client beside ours: each of its methods has a counterpart. A new release of it that brings a
 * method without one fails here.
 */
import * as AccountClient from "@effect-postmark/core/AccountClient"
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import { FetchHttpClient } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Predicate, Redacted } from "effect"
import { AccountClient as OfficialAccountClient, ServerClient as OfficialServerClient } from "postmark"

/** From the official client's method to the path of ours. */
const server: Readonly<Record<string, string>> = {
  sendEmail: "sendEmail",
  sendEmailBatch: "sendEmailBatch",
  sendEmailWithTemplate: "sendEmailWithTemplate",
  sendEmailBatchWithTemplates: "sendEmailBatchWithTemplates",
  sendBulkEmail: "bulk.send",
  getBulkEmailStatus: "bulk.status",
  getDeliveryStatistics: "bounces.deliveryStats",
  getBounces: "bounces.list",
  getBounce: "bounces.get",
  getBounceDump: "bounces.dump",
  activateBounce: "bounces.activate",
  getTemplates: "templates.list",
  getTemplate: "templates.get",
  deleteTemplate: "templates.delete",
  createTemplate: "templates.create",
  editTemplate: "templates.edit",
  validateTemplate: "templates.validate",
  getServer: "server.get",
  editServer: "server.edit",
  getOutboundMessages: "outboundMessages.list",
  getOutboundMessageDetails: "outboundMessages.details",
  getOutboundMessageDump: "outboundMessages.dump",
  getInboundMessages: "inboundMessages.list",
  getInboundMessageDetails: "inboundMessages.details",
  bypassBlockedInboundMessage: "inboundMessages.bypass",
  retryInboundHookForMessage: "inboundMessages.retry",
  getMessageOpens: "opens.list",
  getMessageOpensForSingleMessage: "opens.ofMessage",
  getMessageClicks: "clicks.list",
  getMessageClicksForSingleMessage: "clicks.ofMessage",
  getOutboundOverview: "statistics.overview",
  getSentCounts: "statistics.sends",
  getBounceCounts: "statistics.bounces",
  getSpamComplaintsCounts: "statistics.spamComplaints",
  getTrackedEmailCounts: "statistics.tracked",
  getEmailOpenCounts: "statistics.opens",
  getEmailOpenPlatformUsage: "statistics.openPlatforms",
  getEmailOpenClientUsage: "statistics.openEmailClients",
  getEmailOpenReadTimes: "statistics.openReadTimes",
  getClickCounts: "statistics.clicks",
  getClickBrowserUsage: "statistics.clickBrowserFamilies",
  getClickPlatformUsage: "statistics.clickPlatforms",
  getClickLocation: "statistics.clickLocations",
  createInboundRuleTrigger: "inboundRules.create",
  deleteInboundRuleTrigger: "inboundRules.delete",
  getInboundRuleTriggers: "inboundRules.list",
  getWebhooks: "webhooks.list",
  getWebhook: "webhooks.get",
  createWebhook: "webhooks.create",
  editWebhook: "webhooks.update",
  deleteWebhook: "webhooks.delete",
  getMessageStreams: "messageStreams.list",
  getMessageStream: "messageStreams.get",
  editMessageStream: "messageStreams.edit",
  createMessageStream: "messageStreams.create",
  archiveMessageStream: "messageStreams.archive",
  unarchiveMessageStream: "messageStreams.unarchive",
  getSuppressions: "suppressions.dump",
  createSuppressions: "suppressions.create",
  deleteSuppressions: "suppressions.delete"
}

const account: Readonly<Record<string, string>> = {
  getServers: "servers.list",
  getServer: "servers.get",
  createServer: "servers.create",
  editServer: "servers.edit",
  deleteServer: "servers.delete",
  getDomains: "domains.list",
  getDomain: "domains.get",
  createDomain: "domains.create",
  editDomain: "domains.edit",
  deleteDomain: "domains.delete",
  verifyDomainDKIM: "domains.verifyDkim",
  verifyDomainReturnPath: "domains.verifyReturnPath",
  verifyDomainSPF: "domains.verifySpf",
  rotateDomainDKIM: "domains.rotateDkim",
  getSenderSignatures: "senderSignatures.list",
  getSenderSignature: "senderSignatures.get",
  createSenderSignature: "senderSignatures.create",
  editSenderSignature: "senderSignatures.edit",
  deleteSenderSignature: "senderSignatures.delete",
  resendSenderSignatureConfirmation: "senderSignatures.resend",
  verifySenderSignatureSPF: "senderSignatures.verifySpf",
  requestNewDKIMForSenderSignature: "senderSignatures.requestNewDkim",
  pushTemplates: "templates.push",
  requestDataRemoval: "dataRemovals.create",
  getDataRemovalStatus: "dataRemovals.status"
}

const methodsOf = (prototype: object) => Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor")

/** What stands at a path of ours: a method, or an effect where nothing is asked for. */
const at = (client: unknown, path: string): unknown =>
  path.split(".").reduce((value: unknown, key) => Predicate.hasProperty(value, key) ? value[key] : undefined, client)

const missingIn = (client: unknown, map: Readonly<Record<string, string>>) =>
  Object.values(map).filter((path) => {
    const found = at(client, path)
    return typeof found !== "function" && !Effect.isEffect(found)
  })

it.effect("each method of the official server client has a counterpart", () =>
  Effect.gen(function*() {
    const client = yield* PostmarkClient.make({ serverToken: Redacted.make("t") })
    assert.deepStrictEqual(methodsOf(OfficialServerClient.prototype).sort(), Object.keys(server).sort())
    assert.deepStrictEqual(missingIn(client, server), [])
  }).pipe(Effect.provide(FetchHttpClient.layer)))

it.effect("each method of the official account client has a counterpart", () =>
  Effect.gen(function*() {
    const client = yield* AccountClient.make({ accountToken: Redacted.make("t") })
    assert.deepStrictEqual(methodsOf(OfficialAccountClient.prototype).sort(), Object.keys(account).sort())
    assert.deepStrictEqual(missingIn(client, account), [])
  }).pipe(Effect.provide(FetchHttpClient.layer)))
