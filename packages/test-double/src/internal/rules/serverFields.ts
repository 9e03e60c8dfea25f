/**
 * The fields of a server, and what Postmark asks of them (https://postmarkapp.com/developer/api/server-api and
 * https://postmarkapp.com/developer/api/overview#error-codes: 602 to 613).
 */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { isObject, type JsonObject } from "../http/json.ts"
import { type Refusal, refusal } from "../http/response.ts"
import { newServerFields } from "../state/newServer.ts"
import { inboundHash, type Server, type ServerFields, type World } from "../state/state.ts"
import { isWebUrl, same, wrongTypes } from "./fields.ts"

type ServerResponse = typeof PostmarkApi.ServerResponse.Encoded

export const presentServer = (server: Server): ServerResponse & JsonObject => ({
  ID: server.id,
  ...server.fields,
  ApiTokens: [server.settings.token],
  ServerLink: `https://account.postmarkapp.com/servers/${server.id}/streams`,
  InboundAddress: `${inboundHash(server)}@inbound.postmarkapp.com`,
  InboundHash: inboundHash(server)
})

/**
 * The fields after a change, or those of a new server. The texts of the codes are not established
 * (docs/postmark.md#unknowns).
 */
export const readServerFields = (world: World, body: unknown, server?: Server): ServerFields | Refusal => {
  if (!isObject(body)) return refusal(609, "The server is missing from the request body.")
  const wrong = wrongTypes(body, kinds)
  if (wrong !== undefined) return wrong
  const fields = merge(server?.fields ?? newServerFields, body)
  return problem(world, fields, body, server) ?? fields
}

const kinds = {
  Name: "string",
  Color: "string",
  SmtpApiActivated: "boolean",
  RawEmailEnabled: "boolean",
  DeliveryType: "string",
  InboundHookUrl: "string",
  BounceHookUrl: "string",
  OpenHookUrl: "string",
  DeliveryHookUrl: "string",
  ClickHookUrl: "string",
  PostFirstOpenOnly: "boolean",
  InboundDomain: "string",
  InboundSpamThreshold: "integer",
  TrackOpens: "boolean",
  TrackLinks: "string",
  IncludeBounceContentInHook: "boolean",
  EnableSmtpApiErrorHooks: "boolean"
} as const

const merge = (base: ServerFields, body: JsonObject): ServerFields => {
  const text = (name: keyof ServerFields & string, otherwise: string) => {
    const value = body[name]
    return typeof value === "string" ? value : otherwise
  }
  // Not established (docs/postmark.md#how-postmark-reads): that "" stands for absence here too, where it is none of the
  // words.
  const word = (name: keyof ServerFields & string, otherwise: string) => text(name, otherwise) || otherwise
  const flag = (name: keyof ServerFields & string, otherwise: boolean) => {
    const value = body[name]
    return typeof value === "boolean" ? value : otherwise
  }
  const threshold = body["InboundSpamThreshold"]
  return {
    Name: text("Name", base.Name).trim(),
    Color: spelled(colors, word("Color", base.Color)),
    SmtpApiActivated: flag("SmtpApiActivated", base.SmtpApiActivated),
    RawEmailEnabled: flag("RawEmailEnabled", base.RawEmailEnabled),
    DeliveryType: spelled(deliveryTypes, word("DeliveryType", base.DeliveryType)),
    InboundHookUrl: text("InboundHookUrl", base.InboundHookUrl),
    BounceHookUrl: text("BounceHookUrl", base.BounceHookUrl),
    OpenHookUrl: text("OpenHookUrl", base.OpenHookUrl),
    DeliveryHookUrl: text("DeliveryHookUrl", base.DeliveryHookUrl),
    ClickHookUrl: text("ClickHookUrl", base.ClickHookUrl),
    PostFirstOpenOnly: flag("PostFirstOpenOnly", base.PostFirstOpenOnly),
    InboundDomain: text("InboundDomain", base.InboundDomain),
    InboundSpamThreshold: typeof threshold === "number" ? threshold : base.InboundSpamThreshold,
    TrackOpens: flag("TrackOpens", base.TrackOpens),
    TrackLinks: spelled(linkModes, word("TrackLinks", base.TrackLinks)),
    IncludeBounceContentInHook: flag("IncludeBounceContentInHook", base.IncludeBounceContentInHook),
    EnableSmtpApiErrorHooks: flag("EnableSmtpApiErrorHooks", base.EnableSmtpApiErrorHooks)
  }
}

const problem = (
  world: World,
  fields: ServerFields,
  body: JsonObject,
  server: Server | undefined
): Refusal | undefined => {
  const others = world.servers.filter((other) => other !== server)
  if (fields.Name === "") return refusal(608, "The 'Name' of the server is missing or not valid.")
  // A name that is not being changed is not judged again.
  if (fields.Name !== server?.fields.Name && others.some((other) => same(other.fields.Name, fields.Name))) {
    return refusal(603, `A server with the name '${fields.Name}' exists already.`)
  }
  if (given(body, "Color") && !colors.includes(fields.Color)) {
    return refusal(607, `The 'Color' '${fields.Color}' is not valid.`)
  }
  const hook = hookNames.find((name) => fields[name] !== "" && !isWebUrl(fields[name]))
  if (hook !== undefined) return refusal(606, `The '${hook}' is not a valid URL.`)
  const domain = fields.InboundDomain.toLowerCase()
  if (domain.includes("postmarkapp.com")) return refusal(608, "The 'InboundDomain' must not contain postmarkapp.com.")
  if (domain !== "" && others.some((other) => same(other.fields.InboundDomain, domain))) {
    return refusal(602, `The inbound domain '${domain}' is already in use.`)
  }
  if (fields.InboundSpamThreshold < 0 || fields.InboundSpamThreshold > 30) {
    return refusal(611, "The 'InboundSpamThreshold' is a number from 0 to 30.")
  }
  if (!linkModes.includes(fields.TrackLinks)) {
    return refusal(612, `The 'TrackLinks' value '${fields.TrackLinks}' is not valid.`)
  }
  // Not established (docs/postmark.md#servers): a delivery type that differs, in an edit.
  return deliveryTypes.includes(fields.DeliveryType) &&
      (server === undefined || fields.DeliveryType === server.fields.DeliveryType)
    ? undefined
    : refusal(613, `The 'DeliveryType' '${fields.DeliveryType}' is not valid, or cannot be changed.`)
}

const colors: ReadonlyArray<string> = ["purple", "blue", "turquoise", "green", "red", "yellow", "grey", "orange"]
const deliveryTypes: ReadonlyArray<string> = ["Live", "Sandbox"]
const linkModes: ReadonlyArray<string> = ["None", "HtmlAndText", "HtmlOnly", "TextOnly"]
const hookNames = ["InboundHookUrl", "BounceHookUrl", "OpenHookUrl", "DeliveryHookUrl", "ClickHookUrl"] as const

/** The word in Postmark's spelling, if it is one. */
const spelled = (words: ReadonlyArray<string>, word: string): string => words.find((known) => same(known, word)) ?? word

const given = (body: JsonObject, name: string): boolean => typeof body[name] === "string"
