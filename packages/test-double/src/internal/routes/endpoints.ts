/** The double's own table of Postmark's endpoints, written from docs/postmark.md. */
import { verifyWebhook } from "../webhooks/webhookVerify.ts"
import { activateBounce, bounceDump, bounceTags, deliveryStats, getBounce, listBounces } from "./bounceRoutes.ts"
import { getBulk, listBulk, sendBulk } from "./bulkRoutes.ts"
import type { AccountHandler, Handler } from "./call.ts"
import { getRemoval, requestRemoval } from "./dataRemovalRoutes.ts"
import * as domains from "./domainRoutes.ts"
import { listOutbound, outboundDetails, outboundDump } from "./history.ts"
import * as inbound from "./inboundRoutes.ts"
import { createInboundRule, deleteInboundRule, listInboundRules } from "./inboundRuleRoutes.ts"
import * as senders from "./senderRoutes.ts"
import { sendBatch, sendBatchWithTemplates, sendEmail, sendEmailWithTemplate } from "./sendRoutes.ts"
import { editServer, getServer } from "./serverRoute.ts"
import * as servers from "./serversRoutes.ts"
import { outboundStats } from "./stats.ts"
import * as series from "./statsSeries.ts"
import * as streams from "./streamRoutes.ts"
import { createSuppressions, deleteSuppressions, dumpSuppressions } from "./suppressionRoutes.ts"
import { pushTemplates } from "./templatePush.ts"
import * as templates from "./templateRoutes.ts"
import { validateTemplate } from "./templateValidate.ts"
import { listClicks, listOpens, messageClicks, messageOpens } from "./trackingRoutes.ts"
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from "./webhookRoutes.ts"
import { webhookStatistics } from "./webhookStatistics.ts"

/** `:id` stands for anything; the last item is the largest body in megabytes, 10 if left out. */
export const serverRoutes: ReadonlyArray<readonly [line: string, handler: Handler, megabytes?: number]> = [
  ["POST /email", sendEmail],
  ["POST /email/batch", sendBatch, 50],
  ["POST /email/withtemplate", sendEmailWithTemplate],
  ["POST /email/batchwithtemplates", sendBatchWithTemplates, 50],
  ["POST /email/bulk", sendBulk, 50],
  ["GET /email/bulk", listBulk],
  ["GET /email/bulk/:id", getBulk],
  ["GET /deliverystats", deliveryStats],
  ["GET /bounces", listBounces],
  ["GET /bounces/tags", bounceTags],
  ["GET /bounces/:id", getBounce],
  ["GET /bounces/:id/dump", bounceDump],
  ["PUT /bounces/:id/activate", activateBounce],
  ["GET /templates", templates.list],
  ["POST /templates", templates.create],
  ["POST /templates/validate", validateTemplate],
  ["GET /templates/:id", templates.get],
  ["PUT /templates/:id", templates.edit],
  ["DELETE /templates/:id", templates.remove],
  ["GET /server", getServer],
  ["PUT /server", editServer],
  ["GET /messages/outbound", listOutbound],
  ["GET /messages/outbound/:id", outboundDetails],
  ["GET /messages/outbound/:id/details", outboundDetails],
  ["GET /messages/outbound/:id/dump", outboundDump],
  ["GET /messages/outbound/opens", listOpens],
  ["GET /messages/outbound/opens/:id", messageOpens],
  ["GET /messages/outbound/clicks", listClicks],
  ["GET /messages/outbound/clicks/:id", messageClicks],
  ["GET /messages/inbound", inbound.list],
  ["GET /messages/inbound/:id/details", inbound.details],
  ["PUT /messages/inbound/:id/bypass", inbound.bypass],
  ["PUT /messages/inbound/:id/retry", inbound.retry],
  ["GET /stats/outbound", outboundStats],
  ["GET /stats/outbound/sends", series.sends],
  ["GET /stats/outbound/bounces", series.bounces],
  ["GET /stats/outbound/spam", series.spam],
  ["GET /stats/outbound/tracked", series.tracked],
  ["GET /stats/outbound/opens", series.opens],
  ["GET /stats/outbound/opens/platforms", series.openPlatforms],
  ["GET /stats/outbound/opens/emailclients", series.openClients],
  ["GET /stats/outbound/opens/readtimes", series.readTimes],
  ["GET /stats/outbound/clicks", series.clicks],
  ["GET /stats/outbound/clicks/browserfamilies", series.clickBrowsers],
  ["GET /stats/outbound/clicks/platforms", series.clickPlatforms],
  ["GET /stats/outbound/clicks/location", series.clickLocations],
  ["GET /triggers/inboundrules", listInboundRules],
  ["POST /triggers/inboundrules", createInboundRule],
  ["DELETE /triggers/inboundrules/:id", deleteInboundRule],
  ["GET /webhooks", listWebhooks],
  ["POST /webhooks", createWebhook],
  ["GET /webhooks/:id", getWebhook],
  ["PUT /webhooks/:id", updateWebhook],
  ["DELETE /webhooks/:id", deleteWebhook],
  ["POST /webhooks/:id/verify", verifyWebhook],
  ["GET /webhooks/:id/statistics", webhookStatistics],
  ["GET /message-streams", streams.list],
  ["POST /message-streams", streams.create],
  ["GET /message-streams/:id", streams.get],
  ["PATCH /message-streams/:id", streams.edit],
  ["POST /message-streams/:id/archive", streams.archive],
  ["POST /message-streams/:id/unarchive", streams.unarchive],
  ["GET /message-streams/:id/suppressions/dump", dumpSuppressions],
  ["POST /message-streams/:id/suppressions", createSuppressions],
  ["POST /message-streams/:id/suppressions/delete", deleteSuppressions]
]

export const accountRoutes: ReadonlyArray<readonly [line: string, handler: AccountHandler]> = [
  ["PUT /templates/push", pushTemplates],
  ["GET /servers", servers.list],
  ["POST /servers", servers.create],
  ["GET /servers/:id", servers.get],
  ["PUT /servers/:id", servers.edit],
  ["DELETE /servers/:id", servers.remove],
  ["GET /domains", domains.list],
  ["POST /domains", domains.create],
  ["GET /domains/:id", domains.get],
  ["PUT /domains/:id", domains.edit],
  ["DELETE /domains/:id", domains.remove],
  ["PUT /domains/:id/verifydkim", domains.verifyDkim],
  ["PUT /domains/:id/verifyreturnpath", domains.verifyReturnPath],
  ["POST /domains/:id/verifyspf", domains.verifySpf],
  ["POST /domains/:id/rotatedkim", domains.rotateDkim],
  ["GET /senders", senders.list],
  ["POST /senders", senders.create],
  ["GET /senders/:id", senders.get],
  ["PUT /senders/:id", senders.edit],
  ["DELETE /senders/:id", senders.remove],
  ["POST /senders/:id/resend", senders.resend],
  ["POST /senders/:id/verifyspf", senders.verifySpf],
  ["POST /senders/:id/requestnewdkim", senders.requestNewDkim],
  ["POST /data-removals", requestRemoval],
  ["GET /data-removals/:id", getRemoval]
]
