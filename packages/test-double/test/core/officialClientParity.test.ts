/**
 * Nobody needs the official client beside ours: each of its methods has a counterpart, which is run against the double. A
 * new release of it that brings a method without one fails here, and so does a counterpart without a scenario.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { AccountClient, ServerClient } from "postmark"
import { methodPaths, run } from "./parity/harness.ts"
import { accountScenarios, beyond, serverScenarios } from "./parity/scenarios.ts"

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

for (
  const [official, map, scenarios] of [[ServerClient, server, serverScenarios], [
    AccountClient,
    account,
    accountScenarios
  ]] as const
) {
  describe(`the official ${official.name}`, () => {
    it("has only methods that have a counterpart, and each counterpart has a scenario", () => {
      assert.deepStrictEqual(methodsOf(official.prototype).sort(), Object.keys(map).sort())
      assert.deepStrictEqual(Object.keys(scenarios).sort(), Object.values(map).sort())
    })

    for (const [method, path] of Object.entries(map)) {
      it.effect(`${method} is our ${path}`, () => run(path, scenarios[path]))
    }
  })
}

describe("ours", () => {
  it.effect("has a scenario for each of its methods", () =>
    Effect.gen(function*() {
      const paths = yield* methodPaths
      assert.deepStrictEqual(
        paths.sort(),
        Object.keys({ ...serverScenarios, ...accountScenarios, ...beyond }).sort()
      )
    }))

  for (const [path, scenario] of Object.entries(beyond)) it.effect(path, () => run(path, scenario))
})
