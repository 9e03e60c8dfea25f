/** Reads a bulk request and finds all its mistakes, by field (https://postmarkapp.com/developer/api/bulk-email). */
import { isObject, type JsonObject } from "../http/json.ts"
import { isRefusal, type Refusal, refusal } from "../http/response.ts"
import { unknownStream } from "../routes/history.ts"
import { activeStream, type Server, testToken } from "../state/state.ts"
import { parseTemplate } from "../templates/mustachioParse.ts"
import { parseFrom } from "./addresses.ts"
import { type Draft, readDraft } from "./sendFields.ts"
import { limitsProblem, parseLists, recipientsProblem, templateOf } from "./sendRules.ts"

export interface Bulk {
  readonly shared: Draft
  readonly withTemplate: boolean
  /** One draft for each message, the shared fields in it. */
  readonly messages: ReadonlyArray<Draft>
}

export const readBulk = (body: unknown, server: Server): Bulk | Refusal => {
  if (!isObject(body)) return refusal(403, "Invalid request field(s): the request is not an object.")
  const withTemplate = isGiven(body["TemplateId"]) || isGiven(body["TemplateAlias"])
  const shared = readDraft({ ...body, MessageStream: streamOf(body, server) }, withTemplate)
  if (isRefusal(shared)) return shared
  const items: unknown = body["Messages"]
  if (!Array.isArray(items) || items.length === 0) return refusal(403, "Invalid request field(s): 'Messages'.")
  const problems: Array<readonly [field: string, problem: Refusal]> = sharedProblems(shared, withTemplate, server)
  const messages: Array<Draft> = []
  for (const item of items) {
    const message = readMessage(shared, item)
    if (isRefusal(message)) problems.push(["Messages", message])
    else messages.push(message)
  }
  return refuse(problems) ?? { shared, withTemplate, messages }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

/** The server's broadcast stream, if none is named. */
const streamOf = (body: JsonObject, server: Server): unknown =>
  isGiven(body["MessageStream"])
    ? body["MessageStream"]
    : [...server.streams.values()].find(({ archivedAt, type }) => type === "Broadcasts" && archivedAt === undefined)?.id

const sharedProblems = (shared: Draft, withTemplate: boolean, server: Server): Array<readonly [string, Refusal]> => {
  const problems: Array<readonly [string, Refusal]> = []
  const add = (field: string, problem: Refusal | undefined) => {
    if (problem !== undefined) problems.push([field, problem])
  }
  const from = shared.from === "" ? refusal(300, "Invalid 'From' value.") : parseFrom(shared.from)
  if (isRefusal(from)) add("From", from)
  const stream = activeStream(server, shared.stream)
  if (stream === undefined) add("MessageStream", unknownStream)
  else if (stream.type !== "Broadcasts") {
    // Not established (docs/postmark.md#bulk): the code for a stream that is not for broadcasts.
    add("MessageStream", refusal(1236, `The stream provided: '${shared.stream}' cannot send bulk messages.`))
  }
  const replyTo = parseLists({ ...shared, to: undefined, cc: undefined, bcc: undefined })
  if (isRefusal(replyTo)) add("ReplyTo", replyTo)
  const limit = limitsProblem({ ...shared, from: "" })
  if (limit !== undefined) add(/'(\w+)'/.exec(limit.message)?.[1] ?? "Metadata", limit)
  if (withTemplate) {
    for (const field of shared.forbiddenBesideTemplate) {
      add(field, refusal(1123, `The '${field}' must not be given with a template.`))
    }
    const template = templateOf(shared, server)
    // The test token renders nothing (docs/postmark.md#test-token), and its server has no templates.
    if (isRefusal(template) && server.settings.token !== testToken) {
      add(shared.templateId === undefined ? "TemplateAlias" : "TemplateId", template)
    }
    return problems
  }
  if (shared.htmlBody === undefined && shared.textBody === undefined) {
    add("HtmlBody", refusal(300, "Provide either email TextBody or HtmlBody or both."))
  }
  for (
    const [field, text] of [["Subject", shared.subject], ["HtmlBody", shared.htmlBody], [
      "TextBody",
      shared.textBody
    ]] as const
  ) {
    const [problem] = parseTemplate(text ?? "", false).problems
    if (problem !== undefined) add(field, refusal(1122, problem.message))
  }
  return problems
}

/** A message's own Metadata and Headers win over the shared ones. */
const readMessage = (shared: Draft, item: unknown): Draft | Refusal => {
  if (!isObject(item)) return refusal(403, "Invalid request field(s): 'Messages'.")
  const own = readDraft({ ...item, From: shared.from, MessageStream: shared.stream }, true)
  if (isRefusal(own)) return own
  const names = new Set(own.headers.map(({ Name }) => Name.toLowerCase()))
  const message: Draft = {
    ...shared,
    to: own.to,
    cc: own.cc,
    bcc: own.bcc,
    templateModel: own.templateModel ?? {},
    metadata: [...new Map([...shared.metadata, ...own.metadata])],
    headers: [...shared.headers.filter(({ Name }) => !names.has(Name.toLowerCase())), ...own.headers]
  }
  const lists = parseLists(message)
  if (isRefusal(lists)) return lists
  return recipientsProblem(lists) ?? limitsProblem(message) ?? message
}

const refuse = (problems: ReadonlyArray<readonly [field: string, problem: Refusal]>): Refusal | undefined => {
  const [first, ...others] = problems
  if (first === undefined) return undefined
  if (others.length === 0) return first[1]
  const errors: Record<string, Array<{ readonly ErrorCode: number; readonly Message: string }>> = {}
  for (const [field, { code, message }] of problems) {
    const list = errors[field] ?? []
    list.push({ ErrorCode: code, Message: message })
    errors[field] = list
  }
  return {
    ...refusal(11, "Multiple errors occurred. Inspect the Errors property for more information."),
    more: { Errors: errors }
  }
}
