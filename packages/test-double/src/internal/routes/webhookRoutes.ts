/**
 * Webhook configuration (https://postmarkapp.com/developer/api/webhooks-api). The URL is probed only if the double is
 * told to.
 */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import * as Effect from "effect/Effect"
import { isObject, type JsonObject } from "../http/json.ts"
import { isRefusal, ok, parameter, type Refusal, refusal } from "../http/response.ts"
import { isWebUrl, readSwitch } from "../rules/fields.ts"
import type { Server, Triggers, Webhook } from "../state/state.ts"
import type { Dispatch } from "../webhooks/dispatch.ts"
import { noTriggers } from "../webhooks/triggers.ts"
import {
  enabledTriggers,
  probeTriggers,
  type Trigger,
  verification,
  verificationText,
  webhookNotFound
} from "../webhooks/webhookVerify.ts"
import type { Handler, Result } from "./call.ts"
import { unknownStream } from "./history.ts"

type WebhookResponse = typeof PostmarkApi.WebhookResponse.Encoded

export const listWebhooks: Handler = ({ query, server }) => {
  const stream = parameter(query, "messagestream")
  if (stream !== undefined && !server.streams.has(stream)) return unknownStream
  return ok({
    Webhooks: [...server.webhooks.values()].filter((webhook) => stream === undefined || webhook.stream === stream).map(
      present
    )
  })
}

export const getWebhook: Handler = ({ path, server }) => {
  const webhook = server.webhooks.get(Number(path["id"]))
  return webhook === undefined ? webhookNotFound : ok({ ...present(webhook) })
}

export const createWebhook: Handler = ({ behaviour, body, dispatch, query, server }) => {
  if (!isObject(body)) return refusal(1355, "The webhook is missing from the request body.")
  if (isGiven(body["ID"])) return refusal(1356, "An 'ID' must not be given when a webhook is created.")
  if (isGiven(body["Status"])) return statusGiven
  const id = isGiven(body["MessageStream"]) ? body["MessageStream"] : "outbound"
  const stream = typeof id === "string" ? server.streams.get(id) : undefined
  if (stream === undefined) return unknownStream
  if (stream.archivedAt !== undefined) return refusal(1350, "The message stream is archived.")
  if (stream.type === "Inbound") {
    return refusal(behaviour.inboundWebhookCode, "Webhooks cannot be created for an inbound message stream.")
  }
  if (!isGiven(body["Url"])) return badUrl
  const changes = readChanges(body)
  if (isRefusal(changes)) return changes
  const made: Webhook = {
    verified: new Set(),
    auth: undefined,
    headers: [],
    triggers: noTriggers,
    url: "",
    ...changes,
    id: server.nextWebhook++,
    stream: stream.id
  }
  return save(dispatch, server, made, enabledTriggers(made), wantsVerification(body, query))
}

export const updateWebhook: Handler = ({ body, dispatch, path, query, server }) => {
  const webhook = server.webhooks.get(Number(path["id"]))
  if (webhook === undefined) return webhookNotFound
  if (!isObject(body)) return refusal(1355, "The webhook is missing from the request body.")
  if (isGiven(body["Status"])) return statusGiven
  if (isGiven(body["ID"]) || isGiven(body["MessageStream"])) {
    return refusal(1357, "The 'ID' and the 'MessageStream' of a webhook cannot be changed.")
  }
  const changes = readChanges(body, webhook.triggers)
  if (isRefusal(changes)) return changes
  const changed: Webhook = { ...webhook, ...changes }
  const verify = wantsVerification(body, query)
  const fresh = enabledTriggers(changed).filter((trigger) =>
    changed.url !== webhook.url || !webhook.triggers[trigger].Enabled || verify !== undefined
  )
  return save(dispatch, server, changed, fresh, verify)
}

export const deleteWebhook: Handler = ({ path, server }) => {
  const id = Number(path["id"])
  return server.webhooks.delete(id) ? ok({ ErrorCode: 0, Message: `Webhook ${id} removed.` }) : webhookNotFound
}

// The other texts of these codes are not established (docs/postmark.md#unknowns).
const badUrl = refusal(1354, "The 'Url' of the webhook is missing or not valid.")
const statusGiven = refusal(1363, "The 'Status' of a webhook cannot be set.")

const present = (webhook: Webhook): WebhookResponse => ({
  ID: webhook.id,
  Url: webhook.url,
  MessageStream: webhook.stream,
  Status: enabledTriggers(webhook).every((trigger) => webhook.verified.has(trigger)) ? "verified" : "unverified",
  ...(webhook.auth === undefined ? {} : { HttpAuth: webhook.auth }),
  HttpHeaders: webhook.headers,
  Triggers: webhook.triggers
})

/**
 * Keeps a webhook. Triggers that are new, or that would be posted to a new URL, are verified: by a probe if the double
 * probes, else by assumption, because clients' own tests name URLs that nobody answers
 * (https://postmarkapp.com/developer/api/webhooks-api). `verify: false` leaves them unverified.
 */
const save = (
  dispatch: Dispatch,
  server: Server,
  webhook: Webhook,
  fresh: ReadonlyArray<Trigger>,
  verify: boolean | undefined
): Result | Effect.Effect<Result> => {
  const keep = (verified: ReadonlySet<Trigger>): Result => {
    const kept: Webhook = { ...webhook, verified }
    server.webhooks.set(kept.id, kept)
    return ok({ ...present(kept) })
  }
  const others = [...webhook.verified].filter((trigger) => !fresh.includes(trigger))
  if (verify === false) return keep(new Set(others))
  if (!dispatch.probing()) return keep(new Set([...others, ...fresh]))
  return Effect.map(probeTriggers(dispatch, webhook, fresh), (results) => {
    const failed = results.some(({ Success }) => !Success)
    return failed
      ? { ...refusal(1364, verificationText(results)), more: verification(webhook, results) }
      : keep(new Set([...others, ...fresh]))
  })
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

const wantsVerification = (body: JsonObject, query: URLSearchParams): boolean | undefined => {
  const wish = readSwitch(query, "verify") ?? body["Verify"]
  return typeof wish === "boolean" ? wish : undefined
}

type Changes = Partial<Pick<Webhook, "url" | "auth" | "headers" | "triggers">>

const readChanges = (body: JsonObject, triggers: Triggers = noTriggers): Changes | Refusal => {
  const url = body["Url"] ?? undefined
  if (url !== undefined && (typeof url !== "string" || !isWebUrl(url))) return badUrl
  const auth = readAuth(body["HttpAuth"])
  if (auth === "invalid") return refusal(1361, "The value of 'HttpAuth' is not valid.")
  const headers = readHeaders(body["HttpHeaders"])
  if (headers === "invalid") return refusal(1358, "The 'Name' of an HTTP header is not valid.")
  const given = body["Triggers"] ?? {}
  if (!isObject(given) || !Object.values(given).every(isTrigger)) {
    return refusal(1361, "The value of 'Triggers' is not valid.")
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(auth === undefined ? {} : { auth: auth.value }),
    ...(headers === undefined ? {} : { headers }),
    triggers: mergeTriggers(triggers, given)
  }
}

const readAuth = (value: unknown): { readonly value: Webhook["auth"] } | "invalid" | undefined => {
  if (value === undefined) return undefined
  if (value === null) return { value: undefined }
  if (!isObject(value)) return "invalid"
  const { Password, Username } = value
  return typeof Username === "string" && typeof Password === "string" ? { value: { Username, Password } } : "invalid"
}

const readHeaders = (value: unknown): Webhook["headers"] | "invalid" | undefined => {
  if (value === undefined) return undefined
  if (value === null) return []
  if (!Array.isArray(value)) return "invalid"
  const headers: Array<Webhook["headers"][number]> = []
  for (const item of value) {
    if (!isObject(item)) return "invalid"
    const { Name, Value } = item
    if (typeof Name !== "string" || !/^[!#$%&'*+.^_`|~\w-]+$/.test(Name) || typeof Value !== "string") return "invalid"
    headers.push({ Name, Value })
  }
  return headers
}

const isTrigger = (value: unknown): boolean =>
  value === null ||
  (isObject(value) && Object.values(value).every((flag) => flag === null || typeof flag === "boolean"))

const mergeTriggers = (base: Triggers, given: JsonObject): Triggers => {
  const flag = (trigger: keyof Triggers, name: string, otherwise: boolean): boolean => {
    const value = given[trigger]
    const wanted = isObject(value) ? value[name] : undefined
    return typeof wanted === "boolean" ? wanted : otherwise
  }
  const enabled = (trigger: keyof Triggers) => flag(trigger, "Enabled", base[trigger].Enabled)
  return {
    Open: {
      Enabled: enabled("Open"),
      PostFirstOpenOnly: flag("Open", "PostFirstOpenOnly", base.Open.PostFirstOpenOnly)
    },
    Click: { Enabled: enabled("Click") },
    Delivery: { Enabled: enabled("Delivery") },
    Bounce: {
      Enabled: enabled("Bounce"),
      IncludeContent: flag("Bounce", "IncludeContent", base.Bounce.IncludeContent)
    },
    SpamComplaint: {
      Enabled: enabled("SpamComplaint"),
      IncludeContent: flag("SpamComplaint", "IncludeContent", base.SpamComplaint.IncludeContent)
    },
    SubscriptionChange: { Enabled: enabled("SubscriptionChange") }
  }
}
