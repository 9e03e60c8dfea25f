/**
 * The fields of a message in a request, and their JSON types
 * (https://postmarkapp.com/developer/api/email-api#send-a-single-email and
 * https://postmarkapp.com/developer/api/templates-api#send-email-with-template).
 */
import { isObject, type JsonObject } from "../http/json.ts"
import { type Refusal, refusal } from "../http/response.ts"

export interface Draft {
  readonly from: string
  readonly to: string | undefined
  readonly cc: string | undefined
  readonly bcc: string | undefined
  readonly replyTo: string | undefined
  readonly subject: string | undefined
  readonly tag: string | undefined
  readonly htmlBody: string | undefined
  readonly textBody: string | undefined
  readonly stream: string
  readonly trackLinks: string | undefined
  readonly trackOpens: boolean | undefined
  readonly headers: ReadonlyArray<{ readonly Name: string; readonly Value: string }>
  readonly metadata: ReadonlyArray<readonly [key: string, value: string]>
  readonly attachments: ReadonlyArray<{ readonly Name: string; readonly Content: string }>
  readonly templateId: number | undefined
  readonly templateAlias: string | undefined
  readonly templateModel: JsonObject | undefined
  /** Fields that a template message must not have, present here, even if empty. */
  readonly forbiddenBesideTemplate: ReadonlyArray<string>
}

/** Reads one message, its keys spelled as documented. Unknown keys are ignored. */
export const readDraft = (body: unknown, template: boolean): Draft | Refusal => {
  if (!isObject(body)) return refusal(403, "Invalid request field(s): the message is not an object.")
  const types = template ? templateTypes : emailTypes
  const wrong = Object.keys(types).filter((name) => {
    const value = body[name]
    return value !== undefined && value !== null && types[name]?.(value) === false
  })
  if (wrong.length > 0) return refusal(403, `Invalid request field(s): ${wrong.map((name) => `'${name}'`).join(", ")}.`)
  return {
    from: text(body["From"]) ?? "",
    to: text(body["To"]),
    cc: text(body["Cc"]),
    bcc: text(body["Bcc"]),
    replyTo: text(body["ReplyTo"]),
    subject: text(body["Subject"]),
    tag: text(body["Tag"]),
    htmlBody: text(body["HtmlBody"]),
    textBody: text(body["TextBody"]),
    stream: text(body["MessageStream"]) ?? "outbound",
    trackLinks: text(body["TrackLinks"]),
    trackOpens: typeof body["TrackOpens"] === "boolean" ? body["TrackOpens"] : undefined,
    headers: list(body["Headers"]).map((item) => ({ Name: String(item["Name"]), Value: String(item["Value"] ?? "") })),
    metadata: isObject(body["Metadata"])
      ? Object.entries(body["Metadata"]).map(([key, value]) => [key, String(value ?? "")] as const)
      : [],
    attachments: list(body["Attachments"]).map((item) => ({
      Name: String(item["Name"]),
      // Some encoders break the lines of base64, and end it with a line break.
      Content: String(item["Content"]).replaceAll(/\s+/g, "")
    })),
    // No template has the id 0, which clients send for "none".
    templateId: typeof body["TemplateId"] === "number" && body["TemplateId"] !== 0 ? body["TemplateId"] : undefined,
    templateAlias: text(body["TemplateAlias"]),
    templateModel: isObject(body["TemplateModel"]) ? body["TemplateModel"] : undefined,
    forbiddenBesideTemplate: ["Subject", "HtmlBody", "TextBody"].filter((name) => typeof body[name] === "string")
  }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === "string"
const isFlag: Check = (value) => typeof value === "boolean"
const optionalText: Check = (value) => value === undefined || value === null || typeof value === "string"
const isScalar: Check = (value) => value === null || ["string", "number", "bigint", "boolean"].includes(typeof value)
const isListOf = (check: (item: JsonObject) => boolean): Check => (value) =>
  Array.isArray(value) && value.every((item) => isObject(item) && check(item))

const commonTypes: { readonly [name: string]: Check } = {
  From: isText,
  To: isText,
  Cc: isText,
  Bcc: isText,
  Tag: isText,
  ReplyTo: isText,
  MessageStream: isText,
  TrackLinks: isText,
  TrackOpens: isFlag,
  Headers: isListOf((item) => isText(item["Name"]) && optionalText(item["Value"])),
  Metadata: (value) => isObject(value) && Object.values(value).every(isScalar),
  Attachments: isListOf((item) =>
    isText(item["Name"]) && isText(item["Content"]) && isText(item["ContentType"]) && optionalText(item["ContentID"])
  )
}

const emailTypes: typeof commonTypes = { ...commonTypes, Subject: isText, HtmlBody: isText, TextBody: isText }

const templateTypes: typeof commonTypes = {
  ...commonTypes,
  TemplateId: (value) => Number.isInteger(value),
  TemplateAlias: isText,
  TemplateModel: isObject,
  InlineCss: isFlag
}

const text = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

const list = (value: unknown): ReadonlyArray<JsonObject> => Array.isArray(value) ? value.filter(isObject) : []
