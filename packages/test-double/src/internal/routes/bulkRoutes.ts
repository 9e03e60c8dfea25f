/**
 * The Bulk API (https://postmarkapp.com/developer/api/bulk-email). A request is worked off in one go, a moment after it
 * was made.
 */
import type { BulkWork } from "../engine/job.ts"
import { nextUuid } from "../engine/random.ts"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import { readBulk } from "../rules/bulkRules.ts"
import { judge } from "../rules/sendRules.ts"
import type { BulkRequest, Message, World } from "../state/state.ts"
import { utcShort } from "../state/time.ts"
import { renderTexts } from "../templates/templateRender.ts"
import type { Handler } from "./call.ts"
import { acceptContent } from "./sendRoutes.ts"

export const sendBulk: Handler = (call) => {
  const { body, deferred, now, server, world } = call
  if (server.settings.bulkApproved === false) {
    return refusal(14, "The account is not approved for the Bulk API.")
  }
  const bulk = readBulk(body, server)
  if (isRefusal(bulk)) return bulk
  const request: BulkRequest = {
    id: nextUuid(server.random),
    at: now,
    subject: bulk.shared.subject,
    total: bulk.messages.length,
    status: "Accepted",
    released: 0,
    failed: 0
  }
  // Not established (docs/postmark.md#test-token): bulk with the test token; like a send, it is judged and not kept.
  if (server !== world.sandbox) {
    server.bulk.push(request)
    deferred.push({ server, request, bulk })
  }
  return ok(present(request))
}

export const getBulk: Handler = ({ path, server }) => {
  const id = path["id"]?.toLowerCase()
  const request = server.bulk.find((known) => known.id === id)
  return request === undefined ? refusal(12, "The bulk request was not found.", 404) : ok(present(request))
}

export const listBulk: Handler = ({ query, server }) => {
  const count = Number(parameter(query, "count") ?? 20)
  // Not established (docs/postmark.md#bulk): the code of a bad count.
  if (!Number.isInteger(count) || count < 1 || count > 500) {
    return refusal(13, "The 'count' parameter is a number from 1 to 500.")
  }
  const newest = [...server.bulk].reverse()
  const start = readKey(parameter(query, "paginationkey"), newest)
  if (isRefusal(start)) return start
  const end = start.index + count
  const next = newest[end]
  return ok({
    Requests: newest.slice(start.index, end).map(present),
    ...(next === undefined ? {} : { PaginationKey: btoa(`before:${next.id}`).replace(/=+$/, "") })
  })
}

/** Sends the messages of a request, and gives those that were accepted. */
export const workOff = (
  world: World,
  { bulk, request, server }: BulkWork,
  now: number
): ReadonlyArray<Message> => {
  const accepted: Array<Message> = []
  request.status = "Completed"
  // The server may have been deleted since.
  if (!world.servers.includes(server)) return accepted
  for (const draft of bulk.messages) {
    const texts = bulk.withTemplate ? draft : renderTexts(draft, undefined, draft.templateModel)
    const content = isRefusal(texts) ? texts : judge({ ...draft, ...texts }, server, bulk.withTemplate)
    if (isRefusal(content)) request.failed++
    else {
      request.released++
      accepted.push(acceptContent(world, server, content, now))
    }
  }
  return accepted
}

const present = ({ at, failed, id, released, status, subject, total }: BulkRequest) => ({
  Id: id,
  Status: status,
  SubmittedAt: utcShort(at),
  TotalMessages: total,
  PercentageCompleted: ((released + failed) * 100) / total,
  ReleasedCount: released,
  FailedCount: failed,
  ...(subject === undefined ? {} : { Subject: subject })
})

const readKey = (
  key: string | undefined,
  newest: ReadonlyArray<BulkRequest>
): { readonly index: number } | Refusal => {
  if (key === undefined) return { index: 0 }
  const index = newest.findIndex(({ id }) => btoa(`before:${id}`).replace(/=+$/, "") === key)
  return index < 0 ? refusal(13, "The 'paginationKey' is not valid.") : { index }
}
