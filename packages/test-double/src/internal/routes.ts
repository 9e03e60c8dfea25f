/** The double's own table of Postmark's endpoints, written from Postmark API, A to F. */
import type { Handler } from "./call.ts"
import { listOutbound, outboundDetails, outboundDump } from "./history.ts"
import { sendBatch, sendBatchWithTemplates, sendEmail, sendEmailWithTemplate } from "./send.ts"
import { getServer } from "./serverRoute.ts"
import { outboundStats } from "./stats.ts"
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from "./webhookRoutes.ts"

export interface Route {
  readonly method: string
  readonly segments: ReadonlyArray<string>
  /** Absent: an endpoint that Postmark has and the double does not. */
  readonly handler: Handler | undefined
  readonly maxBytes: number
}

export type Match =
  | { readonly tag: "unknown" }
  | { readonly tag: "wrongMethod" }
  | { readonly tag: "found"; readonly route: Route; readonly path: { readonly [name: string]: string } }

/** Paths in any case, a trailing slash or none, literal segments before ids (Postmark API, A.10). */
export const match = (method: string, path: string): Match => {
  const parts = path.split("/").filter((part) => part !== "")
  const candidates = routes.filter(({ segments }) => fits(segments, parts))
  const best = candidates.reduce((max, { segments }) => Math.max(max, literals(segments)), -1)
  const exact = candidates.filter(({ segments }) => literals(segments) === best)
  if (exact.length === 0) return { tag: "unknown" }
  const route = exact.find((candidate) => candidate.method === method.toUpperCase())
  if (route === undefined) return { tag: "wrongMethod" }
  return {
    tag: "found",
    route,
    path: Object.fromEntries(
      route.segments.flatMap((segment, i) =>
        segment.startsWith(":") ? [[segment.slice(1), decode(parts[i] ?? "")]] : []
      )
    )
  }
}

const fits = (segments: ReadonlyArray<string>, parts: ReadonlyArray<string>): boolean =>
  segments.length === parts.length &&
  segments.every((segment, i) => segment.startsWith(":") || segment === parts[i]?.toLowerCase())

const literals = (segments: ReadonlyArray<string>): number =>
  segments.filter((segment) => !segment.startsWith(":")).length

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const megabyte = 1024 * 1024

const implemented: ReadonlyArray<readonly [line: string, handler: Handler, maxBytes?: number]> = [
  ["POST /email", sendEmail],
  ["POST /email/batch", sendBatch, 50 * megabyte],
  ["POST /email/withtemplate", sendEmailWithTemplate],
  ["POST /email/batchwithtemplates", sendBatchWithTemplates, 50 * megabyte],
  ["GET /messages/outbound", listOutbound],
  ["GET /messages/outbound/:id", outboundDetails],
  ["GET /messages/outbound/:id/details", outboundDetails],
  ["GET /messages/outbound/:id/dump", outboundDump],
  ["GET /stats/outbound", outboundStats],
  ["GET /server", getServer],
  ["GET /webhooks", listWebhooks],
  ["POST /webhooks", createWebhook],
  ["GET /webhooks/:id", getWebhook],
  ["PUT /webhooks/:id", updateWebhook],
  ["DELETE /webhooks/:id", deleteWebhook]
]

const notImplemented = `
  POST /email/bulk
  GET /email/bulk
  GET /email/bulk/:id
  GET /deliverystats
  GET /bounces
  GET /bounces/:id
  GET /bounces/:id/dump
  PUT /bounces/:id/activate
  GET /templates
  POST /templates
  POST /templates/validate
  PUT /templates/push
  GET /templates/:id
  PUT /templates/:id
  DELETE /templates/:id
  PUT /server
  GET /messages/outbound/opens
  GET /messages/outbound/opens/:id
  GET /messages/outbound/clicks
  GET /messages/outbound/clicks/:id
  GET /messages/inbound
  GET /messages/inbound/:id/details
  PUT /messages/inbound/:id/bypass
  PUT /messages/inbound/:id/retry
  GET /stats/outbound/sends
  GET /stats/outbound/bounces
  GET /stats/outbound/spam
  GET /stats/outbound/tracked
  GET /stats/outbound/opens
  GET /stats/outbound/opens/platforms
  GET /stats/outbound/opens/emailclients
  GET /stats/outbound/opens/readtimes
  GET /stats/outbound/clicks
  GET /stats/outbound/clicks/browserfamilies
  GET /stats/outbound/clicks/platforms
  GET /stats/outbound/clicks/location
  GET /triggers/inboundrules
  POST /triggers/inboundrules
  DELETE /triggers/inboundrules/:id
  POST /webhooks/:id/verify
  GET /webhooks/:id/statistics
  GET /message-streams
  POST /message-streams
  GET /message-streams/:id
  PATCH /message-streams/:id
  POST /message-streams/:id/archive
  POST /message-streams/:id/unarchive
  GET /message-streams/:id/suppressions/dump
  POST /message-streams/:id/suppressions
  POST /message-streams/:id/suppressions/delete
  GET /servers
  POST /servers
  GET /servers/:id
  PUT /servers/:id
  DELETE /servers/:id
  GET /domains
  POST /domains
  GET /domains/:id
  PUT /domains/:id
  DELETE /domains/:id
  PUT /domains/:id/verifydkim
  PUT /domains/:id/verifyreturnpath
  POST /domains/:id/verifyspf
  POST /domains/:id/rotatedkim
  GET /senders
  POST /senders
  GET /senders/:id
  PUT /senders/:id
  DELETE /senders/:id
  POST /senders/:id/resend
  POST /senders/:id/verifyspf
  POST /senders/:id/requestnewdkim
  POST /data-removals
  GET /data-removals/:id
`

const route = (line: string, handler: Handler | undefined, maxBytes = 10 * megabyte): Route => {
  const [method = "", path = ""] = line.split(" ")
  return { method, segments: path.split("/").filter((part) => part !== ""), handler, maxBytes }
}

const routes: ReadonlyArray<Route> = [
  ...implemented.map(([line, handler, maxBytes]) => route(line, handler, maxBytes)),
  ...notImplemented.trim().split("\n").map((line) => route(line.trim(), undefined))
]
