/** A server as it is when it is made. */
import type { Settings, Template, Webhook } from "../../PostmarkServer.ts"
import { makeRandom } from "../engine/random.ts"
import { triggersOf } from "../webhooks/triggers.ts"
import type { Account } from "./accountState.ts"
import type { MessageStream, Server, ServerFields, StoredTemplate } from "./state.ts"
import { originOf, suppress } from "./suppressions.ts"

export const newServerFields: ServerFields = {
  Name: "",
  Color: "blue",
  SmtpApiActivated: true,
  RawEmailEnabled: false,
  DeliveryType: "Live",
  InboundHookUrl: "",
  BounceHookUrl: "",
  OpenHookUrl: "",
  DeliveryHookUrl: "",
  ClickHookUrl: "",
  PostFirstOpenOnly: false,
  InboundDomain: "",
  InboundSpamThreshold: 0,
  TrackOpens: false,
  TrackLinks: "None",
  IncludeBounceContentInHook: false,
  EnableSmtpApiErrorHooks: false
}

export const makeServer = (
  account: Account,
  seed: string,
  id: number,
  settings: Settings,
  now: number
): Server => {
  const stream = (id: string, type: MessageStream["type"], name: string, unsubscribe = "None"): [
    string,
    MessageStream
  ] => [id, {
    id,
    type,
    name,
    description: null,
    createdAt: { millis: now, ticks: 0 },
    updatedAt: undefined,
    archivedAt: undefined,
    unsubscribe
  }]
  const server: Server = {
    id,
    account,
    settings,
    fields: {
      ...newServerFields,
      Name: settings.name ?? `Server ${id}`,
      Color: settings.color ?? "blue",
      DeliveryType: settings.deliveryType ?? "Live",
      InboundHookUrl: settings.inboundHookUrl ?? "",
      TrackOpens: settings.trackOpens ?? false,
      TrackLinks: settings.trackLinks ?? "None",
      IncludeBounceContentInHook: settings.includeBounceContentInHook ?? false,
      EnableSmtpApiErrorHooks: settings.enableSmtpApiErrorHooks ?? false
    },
    // A source of its own for each server, so that one server's traffic never changes another's ids.
    random: makeRandom(`${seed}/${settings.token.toLowerCase()}`),
    // Not established (docs/postmark.md#message-streams): the names of the first three streams.
    streams: new Map([
      stream("outbound", "Transactional", "Default Transactional Stream"),
      stream("inbound", "Inbound", "Default Inbound Stream"),
      stream("broadcast", "Broadcasts", "Default Broadcast Stream", "Postmark"),
      ...(settings.streams ?? []).map(({ id, type }) =>
        stream(id, type, id, type === "Broadcasts" ? "Postmark" : "None")
      )
    ]),
    messages: [],
    bounces: [],
    suppressions: new Map(),
    webhooks: new Map(),
    webhookCalls: [],
    lostInARow: new Map(),
    templates: [],
    inbound: new Map(),
    inboundRules: new Map(),
    bulk: [],
    purged: new Set(),
    nextWebhook: 1_000_001,
    nextTemplate: 1_003_801,
    nextInboundRule: 3_001
  }
  for (const template of settings.templates ?? []) addTemplate(server, template)
  for (const webhook of settings.webhooks ?? []) addWebhook(server, webhook)
  for (const { email, origin, reason = "ManualSuppression", stream = "outbound" } of settings.suppressions ?? []) {
    const at = { millis: now, ticks: 0 }
    suppress(server, stream, { email, reason, origin: origin ?? originOf(reason), at })
  }
  return server
}

/**
 * A layout gets an alias if it has none, because templates name it by that. Not established
 * (docs/postmark.md#templates): which one, and whether other templates get one too.
 */
export const givenAlias = (
  { templates }: Server,
  type: StoredTemplate["type"],
  id: number,
  all = false
): string | undefined => {
  if (type === "Standard" && !all) return undefined
  let alias = `${type.toLowerCase()}-${id}`
  while (templates.some((other) => other.active && other.alias === alias)) alias += "-1"
  return alias
}

export const addTemplate = (server: Server, template: Template): StoredTemplate => {
  const id = template.id ?? server.nextTemplate++
  const type = template.templateType ?? "Standard"
  const stored: StoredTemplate = {
    id,
    type,
    active: true,
    name: template.name ?? template.alias ?? `Template ${id}`,
    alias: template.alias ?? givenAlias(server, type, id),
    layout: template.layout,
    subject: template.subject,
    htmlBody: template.htmlBody,
    textBody: template.textBody
  }
  server.templates.push(stored)
  return stored
}

const addWebhook = (server: Server, { httpAuth, httpHeaders, stream, triggers, url }: Webhook): void => {
  const id = server.nextWebhook++
  server.webhooks.set(id, {
    id,
    url,
    stream: stream ?? "outbound",
    verified: new Set(triggers),
    auth: httpAuth === undefined ? undefined : { Username: httpAuth.username, Password: httpAuth.password },
    headers: Object.entries(httpHeaders ?? {}).map(([Name, Value]) => ({ Name, Value })),
    triggers: triggersOf(triggers)
  })
}
